"""Final quotes over HTTP: sealed like bids, asked for once, late at the deadline, and nobody's business before."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from consultations import envelope, in_talks, quoted, requested, send_quote, talked
from structlog.testing import capture_logs

from shared.testing.callers import ABSENT, Person
from shared.testing.course import DECIDER
from shared.testing.walk import Walk
from tender.domain.seal import digest

MODEL_LAW = "UNCITRAL Model Law on Public Procurement (2011), arts. 49-51"
RULE = ("final-quotes", MODEL_LAW)
SUPPLIERS = "method.competitive-consultation.minimum-suppliers"
MICROSECOND = timedelta(microseconds=1)
NOT_OWN = (403, "not-own-organisation")
NOT_THERE = (404, "not-found")
CHANGED = {"what": "The service begins at six in the morning."}


def at(tender: Mapping[str, Any], rest: str) -> str:
    return f"/v1/tenders/{tender['id']}/{rest}"


def due(tender: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(tender["negotiation"]["closes_at"])


async def called(parties: Any, **changes: Any) -> tuple[Any, dict[str, str]]:
    tender, bids = await in_talks(parties, **changes)
    return await requested(parties, tender), bids


async def reads(parties: Any) -> set[tuple[str, str, str]]:
    rows = await parties.service.execute(
        "SELECT q.bid, r.envelope, r.purpose FROM sealed_reads r JOIN final_quotes q ON q.id = r.bid"
    )
    return {(str(row.bid), row.envelope, row.purpose) for row in rows}


async def test_last_quote_is_opened_and_no_first_price_ever_when_the_deadline_has_come(parties: Any) -> None:
    tender, bids = await called(parties)
    await quoted(parties, bids["alder"], "alder", "7.00")
    receipt = await quoted(parties, bids["alder"], "alder", "900011.11")
    for name in ("birch", "cedar"):
        await quoted(parties, bids[name], name, "900022.22")
    own = await parties.shown(f"/v1/bids/{bids['alder']}/final-quotes", parties.bidder("alder"))
    assert [(one["status"], one["round"]) for one in own] == [("submitted", 1)] * 2
    assert (own[1]["digest"], own[1]["salt"], own[1]["receipt"]) == (
        receipt["digest"],
        receipt["salt"],
        receipt["signed"],
    )
    assert receipt["digest"] == digest(receipt["salt"], parties.priced("900011.11"))
    assert receipt["salt"] not in receipt["signed"]
    assert await reads(parties) == set()
    parties.service.clock.set(due(tender))
    await parties.done("POST", at(tender, "price-opening"), parties.officer, dry_run=True)
    assert await reads(parties) == set()
    after = await parties.open_prices(tender)
    assert (after["status"], after["negotiation"]["status"]) == ("award", "opened")
    assert await reads(parties) == {(bid, "financial", "final-quote") for bid in bids.values()}
    assert await parties.count("sealed_reads WHERE purpose = 'price-opening'") == 0
    shown = {bid["bidder"]["id"]: bid for bid in await parties.shown(at(tender, "bids"))}
    assert shown["alder"]["price"]["amount"] == "900011.11"
    quote = shown["alder"]["final_quote"]
    assert (quote["digest"], quote["salt"], shown["alder"]["salt"]) == (receipt["digest"], receipt["salt"], None)
    trace = [(one["bid"], one["digest"]) for one in await parties.shown(at(tender, "final-quotes"))]
    assert trace[:2] == [(bids["alder"], one["digest"]) for one in own]
    told = dict(await parties.events(tender))["tender.prices-opened.v1"]
    assert {bid["final_quote"]["digest"] for bid in told["bids"]} == {
        b["final_quote"]["digest"] for b in shown.values()
    }


async def test_nobody_learns_of_a_quote_or_of_who_left_when_they_come(parties: Any) -> None:
    tender, bids = await called(parties)
    viewers = (None, parties.officer, parties.head, parties.panel, parties.bidder("birch"), DECIDER)

    async def look() -> list[tuple[int, bytes, str | None]]:
        paths = [*await parties.readable({"tender_id": tender["id"]}), f"/v1/events?key={tender['ocid']}"]
        answers = [await parties.send("GET", path, viewer) for viewer in viewers for path in paths]
        return [(answer.status_code, answer.content, answer.headers.get("etag")) for answer in answers]

    before = await look()
    with capture_logs() as logs:
        await quoted(parties, bids["alder"], "alder", "876543.21")
        await quoted(parties, bids["alder"], "alder", "765432.10")
        await parties.done("POST", f"/v1/bids/{bids['cedar']}/leaving", parties.bidder("cedar"))
        early = await parties.send("POST", at(tender, "price-opening"), parties.officer)
    parties.refused(early, 409, "final-quotes-sealed", *RULE)
    assert await look() == before
    assert not [log for log in logs if any(secret in str(log) for secret in ("876543", "765432", "cedar"))]
    kept = json.dumps(await parties.kept())
    assert not any(price in kept for price in ("876543", "765432"))
    for path in (f"/v1/bids/{bids['alder']}/final-quotes", f"/v1/bids/{ABSENT}/final-quotes"):
        assert (await parties.send("GET", path, parties.bidder("birch"))).status_code == 404


async def test_quote_is_late_at_the_instant_of_the_deadline_and_refused_with_a_proof(parties: Any) -> None:
    tender, bids = await called(parties)
    parties.service.clock.set(due(tender) - MICROSECOND)
    await quoted(parties, bids["alder"], "alder", "900000.00")
    parties.service.clock.set(due(tender))
    problem = parties.refused(
        await send_quote(parties, bids["birch"], "birch", parties.priced("1.00")), 409, "final-quote-late", *RULE
    )
    assert problem["refusal"]
    refusals = await parties.shown("/v1/bids/refusals", parties.bidder("birch"))
    assert [(one["code"], one["signed"]) for one in refusals] == [("final-quote-late", problem["refusal"])]
    leaving = await parties.send("POST", f"/v1/bids/{bids['birch']}/leaving", parties.bidder("birch"))
    parties.refused(leaving, 409, "final-quote-late", *RULE)
    ended = await parties.open_prices(tender)
    assert ended["status"] == "unsuccessful"
    told = dict(await parties.events(tender))["tender.unsuccessful.v1"]
    assert (told["rule"], told["source"]) == (SUPPLIERS, "UNCITRAL Model Law on Public Procurement (2011), arts. 27-31")


async def test_bidder_sees_that_its_final_quote_is_waited_for_until_it_gave_one_or_left(parties: Any) -> None:
    tender, bids = await called(parties)

    async def waits(name: str) -> list[tuple[str | None, str | None]]:
        listed = (await parties.shown("/v1/bids", parties.bidder(name)))["items"]
        alone = await parties.shown(f"/v1/bids/{bids[name]}", parties.bidder(name))
        return [(one["waiting_for"], one["due_at"]) for one in (*listed, alone)]

    awaited = [("its final quote", tender["negotiation"]["closes_at"])] * 2
    assert [await waits(name) for name in bids] == [awaited] * 3
    await quoted(parties, bids["alder"], "alder", "900000.00")
    await parties.done("POST", f"/v1/bids/{bids['birch']}/leaving", parties.bidder("birch"))
    nothing = [(None, None)] * 2
    assert [await waits(name) for name in bids] == [nothing, nothing, awaited]
    parties.service.clock.set(due(tender))
    await parties.open_prices(tender)
    assert await waits("cedar") == nothing


async def test_who_left_gives_no_quote_and_its_quote_stays_closed(parties: Any) -> None:
    offers = dict.fromkeys(("alder", "birch", "cedar", "dogwood"), "1000000.00")
    tender, bids = await in_talks(parties, offers)
    # Before the call one may leave as well.
    await parties.done("POST", f"/v1/bids/{bids['cedar']}/leaving", parties.bidder("cedar"))
    tender = await requested(parties, tender)
    await quoted(parties, bids["dogwood"], "dogwood", "1.00")
    left = await parties.done("POST", f"/v1/bids/{bids['dogwood']}/leaving", parties.bidder("dogwood"))
    assert (left["status"], left["digest"], left["salt"]) == ("left", None, None)
    for name in ("cedar", "dogwood"):
        again = await send_quote(parties, bids[name], name, parties.priced("2.00"))
        parties.refused(again, 409, "bidder-left", *RULE)
        twice = await parties.send("POST", f"/v1/bids/{bids[name]}/leaving", parties.bidder(name))
        parties.refused(twice, 409, "bidder-left", *RULE)
    for name in ("alder", "birch"):
        await quoted(parties, bids[name], name, "900000.00")
    parties.service.clock.set(due(tender))
    assert (await parties.open_prices(tender))["status"] == "unsuccessful"
    assert {bid for bid, _, _ in await reads(parties)} == {bids["alder"], bids["birch"]}
    trace = [(one["bid"], one["status"]) for one in await parties.shown(at(tender, "final-quotes"))]
    assert trace[:3] == [(bids["cedar"], "left"), (bids["dogwood"], "submitted"), (bids["dogwood"], "left")]


async def test_quote_is_refused_when_it_is_of_another_or_makes_no_sense(parties: Any) -> None:
    tender, bids = await in_talks(parties)
    early = await send_quote(parties, bids["alder"], "alder", parties.priced("1.00"))
    parties.refused(early, 409, "final-quotes-not-requested", *RULE)
    await requested(parties, tender)
    path = f"/v1/bids/{bids['alder']}/final-quotes"
    other = await send_quote(parties, bids["alder"], "birch", parties.priced("1.00"))
    parties.refused(other, 404, "not-found")
    for body, code in (
        ({"scheme": "access/v1", "envelope": ""}, "value-invalid"),
        ({"scheme": "access/v1", "envelope": "AAAAA"}, "envelope-malformed"),
        ({"scheme": "rot13/v1", "envelope": "MQ=="}, "seal-scheme-unknown"),
        ({"scheme": "access/v1"}, "field-missing"),
        ({"scheme": "access/v1", "envelope": {"envelope": {"envelope": []}}}, "value-invalid"),
    ):
        answer = await parties.send("POST", path, parties.bidder("alder"), body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert await parties.count("final_quotes") == 0
    dry = await send_quote(parties, bids["alder"], "alder", parties.priced("1.00"), dry_run=True)
    assert (dry.status_code, dry.json()["signed"]) == (201, "")
    assert await parties.count("final_quotes") == 0
    for name, content in (("alder", parties.priced("1.00", "USD")), ("birch", b'[[[{"price":[]}]]]')):
        assert (await send_quote(parties, bids[name], name, content)).status_code == 201


async def test_one_of_two_quotes_counts_when_both_come_at_once(parties: Any) -> None:
    tender, bids = await called(parties)
    prices = [f"{number}00000.00" for number in range(5, 10)]
    answers = await asyncio.gather(
        *(send_quote(parties, bids["alder"], "alder", parties.priced(price)) for price in prices)
    )
    assert {answer.status_code for answer in answers} == {201}
    same = [
        await send_quote(parties, bids["birch"], "birch", parties.priced("900000.00"), key="once") for _ in range(2)
    ]
    assert same[0].json() == same[1].json()
    await quoted(parties, bids["cedar"], "cedar", "900000.00")
    own = await parties.shown(f"/v1/bids/{bids['alder']}/final-quotes", parties.bidder("alder"))
    assert len(own) == len(prices)
    parties.service.clock.set(due(tender))
    await parties.open_prices(tender)
    shown = {bid["bidder"]["id"]: bid for bid in await parties.shown(at(tender, "bids"))}
    assert shown["alder"]["final_quote"]["digest"] == own[-1]["digest"]
    assert await parties.count("sealed_reads WHERE purpose = 'final-quote'") == 3
    assert await parties.count("final_quotes") == len(prices) + 2


async def test_talks_and_terms_are_read_by_those_whom_they_concern_until_the_award(parties: Any) -> None:
    tender, bids = await in_talks(parties)
    invented = {"bid": bids["alder"], "held_on": "2026-03-25", "persons": ["Olga"], "minutes": "f" * 64}
    unknown = await parties.send("POST", at(tender, "talks"), parties.officer, invented)
    parties.refused(unknown, 404, "document-unknown")
    nobody = await parties.send("POST", at(tender, "talks"), parties.officer, {**invented, "persons": []})
    assert nobody.status_code == 422
    for path, body in (("talks", invented), ("final-quotes", {"closes_at": "2026-05-01T00:00:00Z"})):
        assert (await parties.send("POST", at(tender, path), parties.head, body)).status_code == 403
    assert (await parties.send("POST", at(tender, "changed-terms"), parties.officer, CHANGED)).status_code == 403
    await talked(parties, tender, bids["alder"])
    told = await parties.done("POST", at(tender, "changed-terms"), parties.head, CHANGED)
    assert "six" not in json.dumps(told)

    async def seen(reader: Any) -> tuple[bool, bool]:
        (one,) = await parties.shown(at(tender, "negotiations"), reader)
        return one["talks"][0]["persons"] is not None, one["terms"][0]["what"] is not None

    member = (await parties.invited(tender))[0]
    expected = {
        None: (False, False),
        parties.officer: (True, True),
        member: (True, True),
        Person("aude", "court-of-audit", ("auditor",)): (True, True),
        DECIDER: (False, False),
        parties.bidder("alder"): (True, True),
        parties.bidder("birch"): (False, True),
        parties.bidder("onlooker"): (False, False),
    }
    assert {reader: await seen(reader) for reader in expected} == expected
    notices = (await parties.shown("/v1/my/notices", parties.bidder("birch")))["items"]
    assert [one["kind"] for one in notices] == ["changed-terms"]
    assert (await parties.shown("/v1/my/notices", parties.bidder("onlooker")))["items"] == []
    tender = await requested(parties, tender)
    for name in bids:
        await quoted(parties, bids[name], name, "900000.00" if name == "alder" else "950000.00")
    parties.service.clock.set(due(tender))
    await parties.open_prices(tender)
    assert await seen(None) == (False, False)
    await parties.propose(tender)
    assert await seen(None) == (True, True)


async def quoted_by_all(parties: Any, tender: Any, bids: Mapping[str, str], prices: Mapping[str, str]) -> Any:
    """Ask for final quotes, let these be given, and open them at the deadline."""
    called_for = await requested(parties, tender)
    for name, price in prices.items():
        await quoted(parties, bids[name], name, price)
    parties.service.clock.set(due(called_for))
    return await parties.open_prices(tender)


async def test_final_quotes_are_given_again_when_a_challenge_sends_the_evaluation_back(parties: Any) -> None:
    tender, bids = await in_talks(parties)
    first = {"alder": "800000.00", "birch": "900000.00", "cedar": "950000.00"}
    await quoted_by_all(parties, tender, bids, first)
    challenge = {
        "relates_to": "evaluation",
        "lot": "lot-1",
        "ground": "wrong-scoring",
        "arguments": "Our nights were not read.",
        "evidence": [],
        "remedies": ["evaluate-again"],
    }
    raised = await parties.done("POST", at(tender, "challenges"), parties.bidder("birch"), challenge)
    conceded = {"answer": "They were not.", "remedy": "evaluate-again"}
    await parties.done("POST", f"/v1/challenges/{raised['id']}/concession", parties.head, conceded)
    back = await parties.shown(f"/v1/tenders/{tender['id']}")
    assert (back["status"], back["negotiation"]["round"], back["negotiation"]["status"]) == ("evaluation", 2, "talks")
    early = await parties.send("POST", at(tender, "price-opening"), parties.officer)
    parties.refused(early, 409, "scores-missing", "quality-locked-before-prices")
    await parties.done("POST", at(tender, "panel/rounds"), parties.head, {"reason": "The challenge was right."})
    members = await parties.invited(tender)
    for member in members:
        assert (await parties.send_scores(tender, [(bid, "quality", "50") for bid in bids.values()], member)).is_success
    await parties.lock(tender, members)
    unasked = await parties.send("POST", at(tender, "price-opening"), parties.officer)
    parties.refused(unasked, 409, "final-quotes-not-requested", *RULE)
    await quoted_by_all(parties, tender, bids, {**first, "alder": "850000.00", "birch": "750000.00"})
    award = parties.standing(await parties.propose(tender))
    assert (award["supplier"]["id"], award["value"]["amount"]) == ("birch", "750000.00")
    traced = [one["round"] for one in await parties.shown(at(tender, "final-quotes"))]
    assert traced == [1] * 3 + [2] * 3
    assert await parties.count("sealed_reads WHERE purpose = 'final-quote'") == 6


async def test_every_step_of_a_round_is_refused_to_everybody_else(parties: Any) -> None:
    tender, bids = await in_talks(parties)
    await talked(parties, tender, bids["birch"], bids["cedar"])
    walk, of, own = Walk(parties), {"tender_id": tender["id"]}, {"bid_id": bids["alder"]}
    minutes = await parties.uploaded(parties.officer, b"What was said.")
    day = parties.service.clock.now().date().isoformat()
    talks = {"bid": bids["alder"], "held_on": day, "persons": ["Olga Orlova"], "minutes": minutes}
    await walk.step("POST /v1/tenders/{tender_id}/talks", parties.officer, talks, elsewhere=NOT_OWN, **of)
    await walk.step("POST /v1/tenders/{tender_id}/changed-terms", parties.head, CHANGED, elsewhere=NOT_OWN, **of)
    call = {"closes_at": (parties.service.clock.now() + timedelta(days=7)).isoformat()}
    await walk.step("POST /v1/tenders/{tender_id}/final-quotes", parties.officer, call, elsewhere=NOT_OWN, **of)
    alder, quote = parties.bidder("alder"), envelope(parties.priced("900000.00"))
    await walk.step("POST /v1/bids/{bid_id}/final-quotes", alder, quote, elsewhere=NOT_THERE, **own)
    await walk.step("GET /v1/bids/{bid_id}/final-quotes", alder, elsewhere=NOT_THERE, **own)
    await walk.step("POST /v1/bids/{bid_id}/leaving", alder, elsewhere=NOT_THERE, **own)


async def test_who_scored_does_not_write_what_the_talks_changed(parties: Any) -> None:
    tender, _ = await in_talks(parties)
    member = (await parties.invited(tender))[0]
    head = Person(member.name, "city", ("procurement-head",))
    refused = await parties.send("POST", at(tender, "changed-terms"), head, CHANGED)
    parties.refused(refused, 403, "roles-incompatible", "incompatible.specification-writer")


async def test_round_is_overdue_when_its_quotes_are_not_opened(parties: Any) -> None:
    tender, _ = await called(parties)
    parties.service.clock.set(due(tender) + timedelta(days=30))
    late = await parties.shown("/v1/overdue", parties.officer)
    waits = [one["waiting_for"] for one in late["items"] if one["id"] == tender["id"]] if "items" in late else late
    assert "the opening of the final quotes" in str(waits)


@pytest.mark.parametrize("statement", ["UPDATE {} SET bid = bid", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_database_refuses_when_final_quotes_are_to_be_altered(same_day: Any, statement: str) -> None:
    with pytest.raises(Exception, match="what was received stays as it was received"):
        await same_day.service.execute_as_owner(statement.format("final_quotes"))
