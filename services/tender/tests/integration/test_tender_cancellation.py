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


@pytest.mark.parametrize("stage", ["draft", "requested"])
async def test_tender_stays_its_offices_business_when_it_is_given_up_before_its_publication(
    same_day: Any, stage: str
) -> None:
    tender = await same_day.draft(title="Something secret")
    if stage == "requested":
        await same_day.ask_publication(tender)
        await same_day.shown(f"/v1/tenders/{tender['id']}")
    path = f"/v1/tenders/{tender['id']}"
    await same_day.done("POST", f"{path}/cancellation", same_day.head, REASON)
    assert (await same_day.shown(path, same_day.officer))["content"]["title"] == "Something secret"
    for rest in ("", "/documents", "/bids", "/offers", "/bid-trace", "/versions", "/questions", "/amendments"):
        same_day.refused(await same_day.send("GET", f"{path}{rest}", same_day.bidder("birch")), 404, "not-found")
    listed = (await same_day.shown("/v1/tenders?limit=200"))["items"]
    assert tender["id"] not in {item["id"] for item in listed}
    kind, data = (await same_day.events(tender))[-1]
    # The budget hears of it all the same, and gives back what it has reserved.
    assert (kind, data["tender"]) == ("tender.cancelled.v1", tender["id"])
    assert (data["reason"] == REASON["reason"]) == (stage == "requested")


async def test_ground_makes_no_sense_when_it_is_no_code(same_day: Any) -> None:
    tender = await same_day.active()
    response = await same_day.send(
        "POST", f"/v1/tenders/{tender['id']}/cancellation", same_day.head, {**REASON, "ground": "Task cancelled"}
    )
    same_day.refused(response, 422, "value-invalid")
