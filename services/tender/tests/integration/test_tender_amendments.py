"""Amendments over HTTP: drafted in the office, published by a second person, every version readable."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

ABSENT = "00000000-0000-0000-0000-000000000000"


def body(parties: Any, **changes: Any) -> dict[str, Any]:
    """Return an amendment that shortens the title, with other changes of the content."""
    content = parties.content_body(**{"title": "Home care", **changes})
    return {"content": content, "reason": "A slip of the pen."}


def worth(amount: str) -> dict[str, Any]:
    value = {"amount": amount, "currency": "EUR"}
    return {"value": value, "lots": [{"id": "lot-1", "title": "All of it", "value": value}]}


async def drafted(parties: Any, tender: Any, **changes: Any) -> Any:
    return await parties.done(
        "POST", f"/v1/tenders/{tender['id']}/amendments", parties.officer, body(parties, **changes)
    )


async def published(parties: Any, tender: Any, **changes: Any) -> Any:
    amendment = await drafted(parties, tender, **changes)
    path = f"/v1/tenders/{tender['id']}/amendments/{amendment['id']}/publication"
    return await parties.done("POST", path, parties.head)


async def test_draft_of_an_amendment_is_the_offices_own_when_it_waits_for_a_second_person(same_day: Any) -> None:
    tender = await same_day.active()
    told = await same_day.events(tender)
    path = f"/v1/tenders/{tender['id']}"
    response = await same_day.send("POST", f"{path}/amendments", same_day.officer, body(same_day), version=3)
    amendment = response.json()
    place = f"{path}/amendments/{amendment['id']}"
    assert (response.status_code, response.url.join(response.headers["location"]).path) == (201, place)
    assert (amendment["status"], amendment["due_at"]) == ("drafted", "2026-03-05T00:00:00.000000Z")
    assert await same_day.shown(place, same_day.officer) == amendment
    # Nobody else sees it, in no list and no event, and the tender is as it was.
    for viewer in (None, same_day.bidder("birch"), replace(same_day.officer, organisation="county")):
        response, absent = [
            await same_day.send("GET", f"{path}/amendments/{name}", viewer) for name in (amendment["id"], ABSENT)
        ]
        same_day.refused(response, 404, "not-found")
        assert response.content == absent.content
    assert await same_day.shown(f"{path}/amendments") == []
    assert await same_day.shown(path) == tender
    assert await same_day.events(tender) == told


async def test_everybody_reads_the_new_content_and_the_old_when_an_amendment_is_published(parties: Any) -> None:
    tender = await parties.active()
    path = f"/v1/tenders/{tender['id']}"
    parties.service.clock.advance(days=20)
    amendment = await published(parties, tender, **worth("1100000.00"))
    written = body(parties, **worth("1100000.00"))["content"]
    content = {**tender["content"], **{name: written[name] for name in ("title", "value", "lots")}}
    shown = await parties.shown(path)
    # Published on the 22nd, five days on is the 27th; the opening one working day after its end.
    assert shown == {
        **tender,
        "content": content,
        "closes_at": "2026-03-28T00:00:00.000000Z",
        "questions_until": "2026-03-23T00:00:00.000000Z",
        "due_at": "2026-03-31T00:00:00.000000Z",
    }
    assert (await parties.send("GET", path)).headers["etag"] == '"4"'
    assert amendment["changed"] == ["title", "value", "lots", "closes_at"]
    assert await parties.shown(f"{path}/amendments") == [amendment]
    assert await parties.shown(f"{path}/amendments/{amendment['id']}") == amendment
    second = await published(parties, tender)
    assert second["number"] == 2
    versions = await parties.shown(f"{path}/versions")
    assert [(version["number"], version["amendment"]) for version in versions] == [
        (1, None),
        (2, amendment["id"]),
        (3, second["id"]),
    ]
    assert [version["content"] for version in versions] == [tender["content"], content, second["content"]]
    assert [version["closes_at"] for version in versions] == [tender["closes_at"], *[shown["closes_at"]] * 2]
    assert [version["published_at"] for version in versions] == [
        tender["published_at"],
        *["2026-03-22T09:00:00.000000Z"] * 2,
    ]
    kind, data = (await parties.events(tender))[-2]
    assert kind == "tender.amended.v1"
    told = {name for name in content if name not in {"framework", "procurement", "terms"}}
    assert {name: data[name] for name in told} == {name: content[name] for name in told}
    assert {name: data[name] for name in data if name not in told} == {
        "ocid": tender["ocid"],
        "tender": tender["id"],
        "amendment": amendment["id"],
        "number": 1,
        "reason": "A slip of the pen.",
        "changed": ["title", "value", "lots", "closes_at"],
        "amended_at": "2026-03-22T09:00:00.000000Z",
        "old_closes_at": tender["closes_at"],
        "closes_at": shown["closes_at"],
        "questions_until": shown["questions_until"],
    }


async def test_first_version_is_there_alone_when_nothing_was_amended(same_day: Any) -> None:
    tender, draft, requested = await same_day.active(), await same_day.draft(), await same_day.requested()
    (version,) = await same_day.shown(f"/v1/tenders/{tender['id']}/versions")
    assert (version["content"], version["closes_at"]) == (tender["content"], tender["closes_at"])
    for hidden in (draft["id"], requested["id"], ABSENT):
        for what in ("versions", "amendments"):
            same_day.refused(await same_day.send("GET", f"/v1/tenders/{hidden}/{what}"), 404, "not-found")


async def test_bids_stop_counting_at_the_instant_when_an_amendment_is_published(same_day: Any) -> None:
    with_bid, without = await same_day.active(), await same_day.active()
    await same_day.verify("birch")
    receipt = await same_day.bid(with_bid, "birch", "1.00")
    amendments = [await published(same_day, tender) for tender in (with_bid, without)]
    bid = await same_day.shown(f"/v1/bids/{receipt['bid']}", same_day.bidder("birch"))
    now = same_day.service.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert [(act["status"], act["at"]) for act in bid["acts"]] == [("submitted", now), ("invalidated", now)]
    assert (bid["waiting_for"], bid["due_at"]) == ("its confirmation", with_bid["closes_at"])
    # Whether there is a bid makes no difference to what is told.
    first, second = [{**amendment, "id": "", "tender": ""} for amendment in amendments]
    assert first == second
    of = [[kind for kind, _ in await same_day.events(tender)] for tender in (with_bid, without)]
    assert of[0] == of[1]


async def test_other_drafts_fall_when_an_amendment_is_published(same_day: Any) -> None:
    tender = await same_day.active()
    first, second = [await drafted(same_day, tender, title=title) for title in ("One", "Two")]
    path = f"/v1/tenders/{tender['id']}/amendments"
    await same_day.done("POST", f"{path}/{second['id']}/publication", same_day.head)
    fallen = await same_day.shown(f"{path}/{first['id']}", same_day.officer)
    assert (fallen["status"], fallen["due_at"]) == ("superseded", None)
    for amendment in (first, second):
        response = await same_day.send("POST", f"{path}/{amendment['id']}/publication", same_day.head)
        same_day.refused(response, 409, "amendment-not-drafted")


async def test_publication_is_refused_when_it_is_the_drafters_own_or_stale(same_day: Any) -> None:
    tender, other = await same_day.active(), await same_day.active()
    amendment = await drafted(same_day, tender)
    path = f"/v1/tenders/{tender['id']}/amendments/{amendment['id']}/publication"
    author = replace(same_day.head, name=same_day.officer.name)
    kept = await same_day.kept()
    rule = ("second-person-needed", "second-person.publication")
    same_day.refused(await same_day.send("POST", path, author), 403, *rule)
    same_day.refused(await same_day.send("POST", path, same_day.head, version=2), 412, "stale")
    elsewhere = path.replace(tender["id"], other["id"])
    same_day.refused(await same_day.send("POST", elsewhere, same_day.head), 404, "not-found")
    assert (await same_day.send("POST", path, same_day.head, dry_run=True)).json()["status"] == "published"
    assert await same_day.kept() == kept
    assert (await same_day.done("POST", path, same_day.head, version=3))["status"] == "published"


@pytest.mark.parametrize(
    ("changes", "status", "code", "rule"),
    [
        (worth("1250000.01"), 409, "amendment-above-funds", "funds-reserved-before-publication"),
        ({"title": "Home care in the north"}, 422, "amendment-empty", None),
        ({"criteria": []}, 422, "value-invalid", None),
        ({"service": "street-lighting"}, 422, "unknown-field", None),
        ({"buyer": "county"}, 422, "unknown-field", None),
    ],
)
async def test_amendment_is_refused_when_its_content_may_not_be(
    same_day: Any, changes: dict[str, Any], status: int, code: str, rule: str | None
) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}/amendments"
    kept = await same_day.kept()
    response = await same_day.send("POST", path, same_day.officer, body(same_day, **changes))
    same_day.refused(response, status, code, rule)
    assert await same_day.kept() == kept


async def test_value_may_come_back_to_what_was_funded_when_it_was_lowered_between(same_day: Any) -> None:
    tender = await same_day.active()
    await published(same_day, tender, **worth("1000.00"))
    path = f"/v1/tenders/{tender['id']}/amendments"
    response = await same_day.send("POST", path, same_day.officer, body(same_day, **worth("1250000.01")))
    same_day.refused(response, 409, "amendment-above-funds", "funds-reserved-before-publication")
    assert (await published(same_day, tender, **worth("1250000.00")))["number"] == 2


@pytest.mark.parametrize("value", ["1000.00", "1250000.00"])
async def test_budget_is_told_at_the_opening_what_a_lower_value_left_unneeded(parties: Any, value: str) -> None:
    tender = await parties.active()
    await published(parties, tender, **worth("2000.00"))
    amended = await published(parties, tender, **worth(value))
    await parties.verify("alder", "birch")
    for name in ("alder", "birch"):
        await parties.bid(tender, name, "900.00")
    unneeded = "tender.funds-unneeded.v1"
    assert unneeded not in [kind for kind, _ in await parties.events(tender)]
    await parties.open({**tender, "closes_at": amended["closes_at"]})
    told = [data["amount"]["amount"] for kind, data in await parties.events(tender) if kind == unneeded]
    assert told == (["1249000.00"] if value == "1000.00" else [])


@pytest.mark.parametrize(
    ("closes_at", "status", "code", "rule"),
    [
        ("2026-03-23T23:59:59Z", 409, "amendment-deadline-too-early", "clarification"),
        ("2199-12-31T23:59:59Z", 422, "deadline-too-far", None),
        ("2026-04-01T00:00:00", 422, "value-invalid", None),
    ],
)
async def test_deadline_is_refused_when_it_is_earlier_or_no_deadline(
    same_day: Any, closes_at: str, status: int, code: str, rule: str | None
) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}/amendments"
    named = {**body(same_day), "closes_at": closes_at}
    same_day.refused(await same_day.send("POST", path, same_day.officer, named), status, code, rule)


async def test_amendment_is_refused_when_the_deadline_has_passed_or_the_tender_is_none_yet(parties: Any) -> None:
    tender, draft = await parties.active(), await parties.draft()
    path = f"/v1/tenders/{draft['id']}/amendments"
    parties.refused(await parties.send("POST", path, parties.officer, body(parties)), 409, "tender-not-active")
    amendment = await drafted(parties, tender)
    parties.until_deadline(tender)
    path = f"/v1/tenders/{tender['id']}/amendments"
    overdue = [item for item in await parties.shown("/v1/overdue") if item["kind"] == "amendment"]
    assert [(item["id"], item["waiting_for"]) for item in overdue] == [
        (amendment["id"], "the publication by a second person")
    ]
    for response in (
        await parties.send("POST", path, parties.officer, body(parties)),
        await parties.send("POST", f"{path}/{amendment['id']}/publication", parties.head),
    ):
        parties.refused(response, 409, "bidding-ended", "bid-deadline")


async def test_one_amendment_is_published_when_two_are_at_once(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}/amendments"
    drafts = [await drafted(same_day, tender, title=title) for title in ("One", "Two", "Three")]
    responses = await asyncio.gather(
        *(same_day.send("POST", f"{path}/{draft['id']}/publication", same_day.head) for draft in drafts)
    )
    assert sorted(response.status_code for response in responses) == [200, 409, 409]
    (published_one,) = await same_day.shown(path)
    content = (await same_day.shown(f"/v1/tenders/{tender['id']}"))["content"]
    assert (published_one["number"], published_one["content"]) == (1, content)


async def test_bid_came_before_or_after_when_it_races_an_amendment(run_tender: Any) -> None:
    async with run_tender() as parties:
        await parties.verify("birch")
        for _ in range(10):
            tender = await parties.active()
            amendment = await drafted(parties, tender)
            path = f"/v1/tenders/{tender['id']}/amendments/{amendment['id']}/publication"
            # Made for the version before the amendment.
            bid, published_one = await asyncio.gather(
                parties.send_bid(tender, "birch", parties.priced("1.00"), version=3),
                parties.send("POST", path, parties.head),
            )
            assert published_one.status_code == 200
            own = await parties.shown(f"/v1/bids?tender={tender['id']}", parties.bidder("birch"))
            kept = [one["status"] for one in own["items"]]
            # Either the bid is one that stopped counting, or it was refused for what it had not read.
            if bid.status_code == 201:
                assert kept == ["invalidated"]
            else:
                parties.refused(bid, 412, "stale")
                assert kept == []


async def test_bids_stay_sealed_until_the_documents_are_put_right_as_the_office_conceded(parties: Any) -> None:
    tender = await parties.active()
    path = f"/v1/tenders/{tender['id']}"
    await parties.verify("quartz-rowing")
    said = {"relates_to": "documents", "ground": "unclear-documents", "arguments": "Which licence?", "evidence": []}
    wish = {**said, "remedies": ["amend-documents"]}
    one = await parties.done("POST", f"{path}/challenges", parties.bidder("quartz-rowing"), wish)
    answer = {"answer": "So it is.", "remedy": "amend-documents"}
    conceded = await parties.done("POST", f"/v1/challenges/{one['id']}/concession", parties.head, answer)
    assert conceded["status"] == "conceded"
    assert [data["stage"] for name, data in await parties.events() if name == "tender.sent-back.v1"] == ["active"]
    parties.until_deadline(tender)
    refused = await parties.send("POST", f"{path}/opening", parties.officer)
    parties.refused(refused, 409, "amendment-ordered", "complaint-decision")
    waiting = {item["id"]: item["waiting_for"] for item in await parties.shown("/v1/overdue", parties.officer)}
    assert waiting[tender["id"]] == "the amendment that was ordered"
    text = {"content": parties.content_body(title="Home care, as it was meant"), "reason": "A requirement was wrong."}
    drafted = await parties.done("POST", f"{path}/amendments", parties.officer, text)
    await parties.done("POST", f"{path}/amendments/{drafted['id']}/publication", parties.head)
    amended = await parties.shown(path)
    assert parties.deadline(amended) > parties.deadline(tender)
    assert (await parties.open(amended))["status"] == "unsuccessful"
