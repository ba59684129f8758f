"""The pool of experts: proposed by one, admitted by a second, known by label alone to the public."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

SECOND = ("second-person-needed", "second-person.expert")


async def propose(parties: Any, **changes: Any) -> Any:
    return await parties.done(
        "POST", "/v1/experts", parties.officer, parties.expert_body(parties.experts[0], **changes)
    )


async def test_expert_is_admitted_when_a_second_person_does_so(parties: Any) -> None:
    proposed = await propose(parties)
    path = f"/v1/experts/{proposed['id']}/admission"
    author = replace(parties.head, name=parties.officer.name)
    parties.refused(await parties.send("POST", path, author), 403, *SECOND)
    # Nor does anybody admit themselves.
    parties.refused(await parties.send("POST", path, replace(parties.head, name="pola")), 403, *SECOND)
    admitted = await parties.done("POST", path, parties.head)
    assert (proposed["status"], admitted["status"]) == ("proposed", "admitted")
    parties.refused(await parties.send("POST", path, parties.head), 409, "expert-not-proposed")


async def test_person_is_in_the_pool_once_until_retired(parties: Any) -> None:
    first = await propose(parties)
    body = parties.expert_body(parties.experts[0])
    parties.refused(await parties.send("POST", "/v1/experts", parties.officer, body), 409, "expert-known")
    path = f"/v1/experts/{first['id']}/retirement"
    # No other office takes somebody out of the pool who is not its own.
    elsewhere = replace(parties.head, organisation="other-city")
    parties.refused(await parties.send("POST", path, elsewhere, {"reason": "Not ours."}), 403, "not-own-organisation")
    retired = await parties.done("POST", path, parties.head, {"reason": "Moved away."})
    told = ("retired", "Moved away.", parties.head.name)
    assert (retired["status"], retired["retired_because"], retired["retired_by"]) == told
    parties.refused(await parties.send("POST", path, parties.head, {"reason": "Again."}), 409, "expert-not-proposed")
    again = await propose(parties)
    # Nothing links who comes back to who has left.
    assert again["id"] != first["id"]


async def test_names_are_for_offices_when_the_pool_is_read(parties: Any) -> None:
    proposed = await propose(parties, conflicts=["rowing-club"])
    public = await parties.shown("/v1/experts")
    (item,) = public["items"]
    assert {name for name, value in item.items() if value is None} == {
        "person",
        "name",
        "organisation",
        "conflicts",
        "retired_because",
        "retired_by",
    }
    assert item["id"] == proposed["id"]
    for viewer in (None, parties.experts[0], parties.bidder("birch")):
        text = (await parties.send("GET", "/v1/experts", viewer)).text
        assert [word for word in ("pola", "Pola", "institute", "rowing-club") if word in text] == []
    (named,) = (await parties.shown("/v1/experts", parties.head))["items"]
    assert (named["person"], named["conflicts"]) == ("pola", ["rowing-club"])


async def test_pool_comes_in_pages_when_it_is_listed(parties: Any) -> None:
    await parties.pool()
    first = await parties.shown("/v1/experts?limit=3")
    second = await parties.shown(f"/v1/experts?limit=3&cursor={first['next']}")
    labels = [item["id"] for item in (*first["items"], *second["items"])]
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    assert labels == sorted(set(labels))
    # A label tells nothing, not even when it was given.
    assert all(label[14] == "4" for label in labels)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"specialities": []}, "value-invalid"),
        ({"specialities": ["elder-care", "elder-care"]}, "specialities-repeated"),
        ({"person": ""}, "value-invalid"),
        ({"organisation": "no organisation"}, "value-invalid"),
        ({"label": "mine"}, "unknown-field"),
    ],
)
async def test_expert_is_refused_when_the_proposal_makes_no_sense(
    same_day: Any, changes: dict[str, Any], code: str
) -> None:
    body = same_day.expert_body(same_day.experts[0], **changes)
    response = await same_day.send("POST", "/v1/experts", same_day.officer, body)
    same_day.refused(response, 422, code)
    assert await same_day.count("experts") == 0


async def test_proposal_is_reported_when_nobody_admits_in_time(parties: Any) -> None:
    expert = await propose(parties)
    # Two working days after Monday the 2nd of March are over with the end of Wednesday.
    due = datetime.fromisoformat("2026-03-05T00:00:00+00:00")
    parties.service.clock.set(due - timedelta(microseconds=1))
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.set(due)
    (item,) = await parties.shown("/v1/overdue")
    assert (item["kind"], item["id"], item["waiting_for"]) == (
        "expert",
        expert["id"],
        "the admission by a second person",
    )
