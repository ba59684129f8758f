"""What becomes of a bid until the opening: drafted, submitted, replaced, withdrawn, invalidated, confirmed."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest

MICROSECOND = timedelta(microseconds=1)
ABSENT = "00000000-0000-0000-0000-000000000000"


async def own(parties: Any, organisation: str, bid: str) -> Any:
    return await parties.shown(f"/v1/bids/{bid}", parties.bidder(organisation))


async def act(parties: Any, organisation: str, bid: str, what: str, **options: Any) -> Any:
    if what == "submission":
        options = {"version": 1, **options}
    return await parties.send("POST", f"/v1/bids/{bid}/{what}", parties.bidder(organisation), **options)


async def opened(parties: Any, tender: Any) -> dict[str, Any]:
    await parties.open(tender)
    return {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}


def payload(signed: str) -> Any:
    part = signed.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_draft_is_no_bid_when_it_is_never_submitted(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    path = f"/v1/tenders/{tender['id']}/bids/drafts"
    draft = await parties.done("POST", path, parties.bidder("birch"), {"lot": "lot-1", "scheme": "access/v1"})
    assert (draft["status"], draft["version"], draft["waiting_for"]) == ("draft", 1, "its submission")
    assert draft["due_at"] == tender["closes_at"]
    missing = parties.refused(await act(parties, "birch", draft["id"], "submission"), 422, "envelope-missing")
    assert missing["satisfied_by"]
    response = await parties.send("GET", f"/v1/bids/{draft['id']}/receipt", parties.bidder("birch"))
    parties.refused(response, 404, "not-found")
    assert (await parties.open(tender))["status"] == "unsuccessful"


async def test_draft_keeps_its_id_and_is_a_draft_no_more_when_it_is_submitted(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    first, second = (parties.bid_body(parties.priced(price)) for price in ("7.00", "8.00"))
    birch = parties.bidder("birch")
    draft = await parties.done("POST", f"/v1/tenders/{tender['id']}/bids/drafts", birch, first)
    path = f"/v1/bids/{draft['id']}"
    parties.refused(await parties.send("PUT", path, birch, second), 428, "if-match-missing")
    parties.refused(await parties.send("PUT", path, birch, second, version=2), 412, "stale")
    changed = await parties.send("PUT", path, birch, second, version=1)
    assert (changed.headers["etag"], (await own(parties, "birch", draft["id"]))["financial"]) == (
        '"2"',
        second["financial"],
    )
    # What a colleague has rewritten since it was read goes in for nobody unseen.
    parties.refused(await act(parties, "birch", draft["id"], "submission", version=None), 428, "if-match-missing")
    parties.refused(await act(parties, "birch", draft["id"], "submission", version=1), 412, "stale")
    receipt = (await act(parties, "birch", draft["id"], "submission", version=2)).json()
    assert (receipt["bid"], receipt["status"]) == (draft["id"], "submitted")
    shown = await own(parties, "birch", draft["id"])
    # An envelope that was received is not shown again, not even to its bidder.
    assert (shown["status"], shown["financial"], shown["version"]) == ("submitted", None, None)
    parties.refused(await act(parties, "birch", draft["id"], "submission"), 404, "not-found")
    parties.refused(await parties.send("PUT", path, birch, second, version=2), 404, "not-found")
    parties.refused(await parties.send("DELETE", path, birch), 404, "not-found")
    assert (await opened(parties, tender))["birch"]["bid"] == draft["id"]
    assert (await parties.to_prices(tender))["birch"] == "8.00"


async def test_draft_is_refused_when_it_could_never_become_a_bid(same_day: Any) -> None:
    tender, draft = await same_day.active(), await same_day.draft()
    birch = same_day.bidder("birch")
    path, body = f"/v1/tenders/{tender['id']}/bids/drafts", {"lot": "lot-1", "scheme": "access/v1"}
    same_day.refused(await same_day.send("POST", path, birch, {**body, "lot": "lot-2"}), 422, "lot-unknown")
    same_day.refused(await same_day.send("POST", path, birch, {**body, "scheme": "age/v1"}), 422, "seal-scheme-unknown")
    malformed = await same_day.send("POST", path, birch, {**body, "technical": "AAAAA"})
    assert same_day.refused(malformed, 422, "envelope-malformed")["pointer"] == "/body/technical"
    hidden = await same_day.send("POST", f"/v1/tenders/{draft['id']}/bids/drafts", birch, body)
    same_day.refused(hidden, 404, "not-found")


async def test_drafts_have_a_bound_when_an_organisation_keeps_on_drafting(same_day: Any) -> None:
    tender = await same_day.active()
    path, body = f"/v1/tenders/{tender['id']}/bids/drafts", {"lot": "lot-1", "scheme": "access/v1"}
    for _ in range(20):
        await same_day.done("POST", path, same_day.bidder("hoarder"), body)
    same_day.refused(await same_day.send("POST", path, same_day.bidder("hoarder"), body), 409, "drafts-too-many")
    await same_day.done("POST", path, same_day.bidder("other"), body)


async def test_drafts_have_a_bound_when_the_last_are_drafted_at_once(same_day: Any) -> None:
    tender = await same_day.active()
    path, body = f"/v1/tenders/{tender['id']}/bids/drafts", {"lot": "lot-1", "scheme": "access/v1"}
    for _ in range(18):
        await same_day.done("POST", path, same_day.bidder("racer"), body)
    drafting = (same_day.send("POST", path, same_day.bidder("racer"), body) for _ in range(6))
    assert sorted(one.status_code for one in await asyncio.gather(*drafting)) == [201, 201, 409, 409, 409, 409]


async def test_price_of_a_draft_is_kept_nowhere_when_it_was_discarded(same_day: Any) -> None:
    tender = await same_day.active()
    cedar, body = same_day.bidder("cedar"), same_day.bid_body(same_day.priced("123.00"))
    path = f"/v1/tenders/{tender['id']}/bids/drafts"
    drafted = await same_day.send("POST", path, cedar, body)
    draft = f"/v1/bids/{drafted.json()['id']}"
    changed = await same_day.send("PUT", draft, cedar, body, version=1, key="change")
    assert "financial" not in drafted.text + changed.text
    assert (await same_day.shown(draft, cedar))["financial"] == body["financial"]
    assert (await same_day.send("DELETE", draft, cedar)).status_code == 204
    answers = (await same_day.service.execute("SELECT body FROM idempotency WHERE body IS NOT NULL")).scalars().all()
    assert drafted.content in [bytes(answer) for answer in answers]
    assert not any(body["financial"].encode() in bytes(answer) for answer in answers)


async def test_own_bids_come_in_pages_without_envelopes_when_they_are_listed(same_day: Any) -> None:
    tender, other = await same_day.active(), await same_day.active()
    await same_day.verify("pine")
    pine, kept = same_day.bidder("pine"), []
    for _ in range(3):
        kept.append((await same_day.bid(tender, "pine", "1.00"))["bid"])
        body = same_day.bid_body(b"{}")
        kept.append((await same_day.done("POST", f"/v1/tenders/{tender['id']}/bids/drafts", pine, body))["id"])
    elsewhere = (await same_day.bid(other, "pine", "1.00"))["bid"]
    found, query = [], "?limit=4"
    while query:
        page = await same_day.shown(f"/v1/bids{query}", pine)
        found += page["items"]
        query = f"?limit=4&cursor={page['next']}" if page["next"] else ""
    assert [one["id"] for one in found] == sorted([*kept, elsewhere])
    assert all("financial" not in one and one["lot"] == "lot-1" for one in found)
    waiting = {one["due_at"] for one in found if one["status"] == "draft"}
    assert waiting == {tender["closes_at"]}
    of = (await same_day.shown(f"/v1/bids?tender={other['id']}", pine))["items"]
    assert [one["id"] for one in of] == [elsewhere]


async def test_withdrawn_bid_stays_closed_when_the_others_are_opened(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    for name in ("alder", "cedar"):
        await parties.bid(tender, name, "1.00", b"{}")
    receipt = await parties.bid(tender, "birch", "2.00", b"{}")
    parties.service.clock.set(parties.deadline(tender) - MICROSECOND)
    withdrawn = (await act(parties, "birch", receipt["bid"], "withdrawal")).json()
    assert payload(withdrawn["signed"]) == {
        **payload(receipt["signed"]),
        "status": "withdrawn",
        "received_at": "2026-03-23T23:59:59.999999Z",
    }
    parties.refused(await act(parties, "birch", receipt["bid"], "withdrawal"), 409, "bid-not-submitted")
    assert set(await opened(parties, tender)) == {"alder", "cedar"}
    assert await parties.count("sealed_reads") == 2
    assert set(await parties.to_prices(tender)) == {"alder", "cedar"}
    assert await parties.count("sealed_reads") == 4
    of = await parties.service.execute(f"SELECT count(*) FROM sealed_reads WHERE bid = '{receipt['bid']}'")
    assert of.scalar_one() == 0


async def test_withdrawal_is_late_when_the_deadline_has_come(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    receipt = await parties.bid(tender, "birch", "2.00")
    parties.until_deadline(tender)
    kept = await parties.kept()
    parties.refused(await act(parties, "birch", receipt["bid"], "withdrawal"), 409, "bid-late", "bid-deadline")
    assert await parties.kept() == kept


async def test_bidder_bids_anew_when_it_has_withdrawn(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    receipt = await parties.bid(tender, "birch", "2.00")
    assert (await act(parties, "birch", receipt["bid"], "withdrawal")).status_code == 200
    again = await parties.bid(tender, "birch", "3.00")
    assert (await own(parties, "birch", receipt["bid"]))["status"] == "withdrawn"
    bids = await opened(parties, tender)
    assert bids["birch"]["bid"] == again["bid"]
    assert (await parties.to_prices(tender))["birch"] == "3.00"


async def test_bid_does_not_count_when_an_amendment_invalidated_it_and_nobody_confirmed_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    for name in ("alder", "birch"):
        receipt = await parties.bid(tender, name, "1.00", b"{}")
    await parties.amend(tender)
    shown = await own(parties, "birch", receipt["bid"])
    assert (shown["status"], shown["waiting_for"]) == ("invalidated", "its confirmation")
    assert shown["due_at"] == tender["closes_at"]
    assert (await parties.open(tender))["status"] == "unsuccessful"
    assert await parties.count("sealed_reads") == 0
    _, data = (await parties.events(tender))[-1]
    assert data["bids"] == 0


async def test_time_that_decides_is_that_of_the_confirmation_when_an_amendment_invalidated_a_bid(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    receipts = {}
    for name in ("alder", "birch", "cedar"):
        parties.service.clock.advance(hours=1)
        receipts[name] = await parties.bid(tender, name, "1.00")
    parties.service.clock.advance(hours=1)
    await parties.amend(tender)
    for name in ("birch", "alder"):
        parties.service.clock.advance(hours=1)
        confirmed = (await act(parties, name, receipts[name]["bid"], "confirmation")).json()
        assert (confirmed["status"], confirmed["digest"]) == ("confirmed", receipts[name]["digest"])
    parties.refused(await act(parties, "alder", receipts["alder"]["bid"], "confirmation"), 409, "bid-not-invalidated")
    bids = await opened(parties, tender)
    # Whoever confirmed first is first; the order of the first submissions is forgotten, and cedar never confirmed.
    assert {name: bid["received_at"] for name, bid in bids.items()} == {
        "birch": "2026-03-02T14:00:00.000000Z",
        "alder": "2026-03-02T15:00:00.000000Z",
    }


async def test_changed_bid_takes_the_place_of_the_invalidated_one_when_it_is_submitted(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    first = await parties.bid(tender, "birch", "2.00")
    await parties.amend(tender)
    await parties.bid(tender, "alder", "1.00")
    second = await parties.bid(tender, "birch", "3.00")
    parties.refused(await act(parties, "birch", first["bid"], "confirmation"), 409, "bid-not-invalidated")
    shown = await own(parties, "birch", first["bid"])
    assert [one["status"] for one in shown["acts"]] == ["submitted", "invalidated", "replaced"]
    assert (await opened(parties, tender))["birch"]["bid"] == second["bid"]


async def test_bid_is_refused_when_it_was_made_for_another_version_of_the_tender(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    same_day.refused(await same_day.send_bid(tender, "birch", b"{}", version=2), 412, "stale")
    assert (await same_day.send_bid(tender, "birch", b"{}", version=3)).status_code == 201


async def test_nothing_is_kept_when_an_act_is_only_tried(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    receipt = await parties.bid(tender, "birch", "2.00")
    draft = await parties.done(
        "POST", f"/v1/tenders/{tender['id']}/bids/drafts", parties.bidder("birch"), parties.bid_body(b"{}")
    )
    await parties.amend(tender)
    kept = await parties.kept()
    for bid, what in ((receipt["bid"], "confirmation"), (receipt["bid"], "withdrawal"), (draft["id"], "submission")):
        response = await act(parties, "birch", bid, what, dry_run=True)
        assert (response.status_code, response.json()["signed"]) == (200, "")
    assert await parties.kept() == kept


async def test_every_act_is_answered_once_when_it_is_sent_again_with_its_key(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    receipt = await same_day.bid(tender, "birch", "2.00")
    first, second = [await act(same_day, "birch", receipt["bid"], "withdrawal", key="once") for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["idempotency-hit"] == "true"
    assert len((await own(same_day, "birch", receipt["bid"]))["acts"]) == 2


async def test_trace_shows_what_became_of_every_bid_when_the_bids_are_open(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar", "dogwood")
    path = f"/v1/tenders/{tender['id']}/bid-trace"
    replaced, standing = [await parties.bid(tender, "alder", price) for price in ("1.00", "2.00")]
    withdrawn = await parties.bid(tender, "birch", "3.00")
    await act(parties, "birch", withdrawn["bid"], "withdrawal")
    other = await parties.bid(tender, "cedar", "4.00")
    await parties.amend(tender)
    for name, bid in (("alder", standing), ("cedar", other)):
        assert (await act(parties, name, bid["bid"], "confirmation")).status_code == 200
    parties.until_deadline(tender)
    parties.refused(await parties.send("GET", path), 409, "bids-sealed", "bid-deadline")
    await parties.open(tender)
    trace = {bid["bid"]: bid for bid in await parties.shown(path)}
    assert {bid: [one["status"] for one in row["acts"]] for bid, row in trace.items()} == {
        replaced["bid"]: ["submitted", "replaced"],
        standing["bid"]: ["submitted", "invalidated", "confirmed"],
        withdrawn["bid"]: ["submitted", "withdrawn"],
        other["bid"]: ["submitted", "invalidated", "confirmed"],
    }
    assert {bid: row["digest"] for bid, row in trace.items()} == {
        bid["bid"]: bid["digest"] for bid in (replaced, standing, withdrawn, other)
    }
    # Of those that were never opened nobody learns whose they were.
    assert all(set(row) == {"bid", "lot", "status", "digest", "technical_digest", "acts"} for row in trace.values())
    assert "birch" not in json.dumps(list(trace.values()))


async def test_trace_is_there_when_too_few_bids_ended_the_procedure_and_hidden_when_it_was_cancelled(
    parties: Any,
) -> None:
    await parties.verify("alder")
    ended, cancelled, draft = await parties.active(), await parties.active(), await parties.draft()
    receipts = [await parties.bid(tender, "alder", "1.00") for tender in (ended, cancelled)]
    await parties.done("POST", f"/v1/tenders/{cancelled['id']}/cancellation", parties.head, {"reason": "No need."})
    await parties.open(ended)
    shown = await parties.shown(f"/v1/tenders/{ended['id']}/bid-trace")
    assert [(bid["bid"], bid["status"]) for bid in shown] == [(receipts[0]["bid"], "submitted")]
    response = await parties.send("GET", f"/v1/tenders/{cancelled['id']}/bid-trace")
    parties.refused(response, 409, "bids-sealed", "bid-deadline")
    for unknown in (draft["id"], ABSENT):
        parties.refused(await parties.send("GET", f"/v1/tenders/{unknown}/bid-trace"), 404, "not-found")


@pytest.mark.parametrize("what", ["", "/receipt", "/submission", "/confirmation", "/withdrawal"])
async def test_bid_and_draft_of_another_look_like_none_when_anything_is_asked_of_them(same_day: Any, what: str) -> None:
    tender = await same_day.active()
    await same_day.verify("birch", "cedar")
    receipt = await same_day.bid(tender, "birch", "1.00")
    path = f"/v1/tenders/{tender['id']}/bids/drafts"
    draft = await same_day.done("POST", path, same_day.bidder("birch"), same_day.bid_body(b"{}"))
    methods = {"": ("GET", "PUT", "DELETE"), "/receipt": ("GET",)}.get(what, ("POST",))
    for method in methods:
        body = same_day.bid_body(b"{}") if method == "PUT" else None
        answers = []
        for bid in (receipt["bid"], draft["id"], ABSENT):
            response = await same_day.send(
                method,
                f"/v1/bids/{bid}{what}",
                same_day.bidder("cedar"),
                body,
                version=1 if body or what == "/submission" else None,
            )
            same_day.refused(response, 404, "not-found")
            answers.append((response.content, sorted(response.headers.items())))
        assert answers[0] == answers[1] == answers[2]
