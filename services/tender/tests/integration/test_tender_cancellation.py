"""The ground of a cancellation: any, or one of the pack's."""

from typing import Any

import pytest

LAW = "Government Procurement Law (政府采购法), art. 36"
REASON = {"reason": "The council has dropped the service."}


@pytest.mark.parametrize("ground", [None, "task-cancelled", "no-longer-needed"])
async def test_any_ground_or_none_will_do_when_the_pack_lists_none(same_day: Any, ground: str | None) -> None:
    tender = await same_day.active()
    body = REASON if ground is None else {**REASON, "ground": ground}
    path = f"/v1/tenders/{tender['id']}/cancellation"
    assert (await same_day.done("POST", path, same_day.head, body))["status"] == "cancelled"
    kind, data = (await same_day.events(tender))[-1]
    assert (kind, data["reason"], data["ground"]) == ("tender.cancelled.v1", REASON["reason"], ground)


async def test_ground_is_one_of_the_packs_when_it_lists_them(parties: Any) -> None:
    tender = await parties.publish(await parties.chinese())
    path = f"/v1/tenders/{tender['id']}/cancellation"
    kept = await parties.kept()
    missing = await parties.send("POST", path, parties.head, REASON)
    problem = parties.refused(missing, 409, "facts-missing", "cancellation.grounds", LAW)
    assert problem["satisfied_by"] == "A value for: procedure.cancellation_ground."
    other = await parties.send("POST", path, parties.head, {**REASON, "ground": "no-longer-needed"})
    problem = parties.refused(other, 409, "cancellation-ground-not-admitted", "cancellation.grounds", LAW)
    assert "no-longer-needed" not in problem["satisfied_by"]
    assert "task-cancelled" in problem["satisfied_by"]
    assert await parties.kept() == kept
    done = await parties.done("POST", path, parties.head, {**REASON, "ground": "task-cancelled"})
    assert done["status"] == "cancelled"
    again = await parties.send("POST", path, parties.head, {**REASON, "ground": "no-longer-needed"})
    parties.refused(again, 409, "tender-not-cancellable")


@pytest.mark.parametrize("stage", ["draft", "requested"])
async def test_no_ground_is_asked_for_when_nothing_was_published(parties: Any, stage: str) -> None:
    tender = await parties.chinese()
    if stage == "requested":
        await parties.ask_publication(tender)
    path = f"/v1/tenders/{tender['id']}/cancellation"
    assert (await parties.done("POST", path, parties.head, REASON))["status"] == "cancelled"


async def test_ground_makes_no_sense_when_it_is_no_code(same_day: Any) -> None:
    tender = await same_day.active()
    response = await same_day.send(
        "POST", f"/v1/tenders/{tender['id']}/cancellation", same_day.head, {**REASON, "ground": "Task cancelled"}
    )
    same_day.refused(response, 422, "value-invalid")
