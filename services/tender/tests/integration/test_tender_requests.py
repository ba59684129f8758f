"""Requests sent again, tried out, sent at the wrong version, or badly written."""

import asyncio
from typing import Any

import pytest


async def test_receipt_is_the_same_and_the_bid_is_one_when_it_is_sent_again(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    content = parties.priced("1000000.00")
    first = await parties.send_bid(tender, "birch", content, key="the-same")
    parties.service.clock.advance(hours=1)
    again = await parties.send_bid(tender, "birch", content, key="the-same")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert ("idempotency-hit" in first.headers, again.headers["idempotency-hit"]) == (False, "true")
    assert await parties.count("bids") == 1


async def test_receipt_is_given_again_when_the_bid_is_sent_again_after_the_deadline(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    first = await parties.send_bid(tender, "birch", b"{}", key="the-same")
    parties.until_deadline(tender)
    again = await parties.send_bid(tender, "birch", b"{}", key="the-same")
    assert (again.status_code, again.content) == (201, first.content)
    parties.refused(await parties.send_bid(tender, "birch", b"{}", key="another"), 409, "bid-late", "bid-deadline")


async def test_bid_is_one_when_it_is_sent_twice_at_once(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    answers = await asyncio.gather(*(parties.send_bid(tender, "birch", b"{}", key="the-same") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert await parties.count("bids") == 1


async def test_key_is_refused_when_another_request_used_it_or_it_is_malformed_or_missing(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch", "cedar")
    await parties.send_bid(tender, "birch", b"{}", key="the-same")
    parties.refused(await parties.send_bid(tender, "birch", b"[]", key="the-same"), 422, "idempotency-key-reused")
    parties.refused(await parties.send_bid(tender, "birch", b"{}", key="k" * 101), 400, "idempotency-key-malformed")
    headers = parties.service.headers("birch-clerk", "birch", "provider")
    del headers["Idempotency-Key"]
    path, body = f"/v1/tenders/{tender['id']}/bids", parties.bid_body(b"{}")
    response = await parties.service.client.post(path, headers=headers, json=body)
    parties.refused(response, 400, "idempotency-key-missing")
    # A key is one person's.
    assert (await parties.send_bid(tender, "cedar", b"[]", key="the-same")).status_code == 201
    assert await parties.count("bids") == 2


async def test_key_is_free_again_when_the_request_was_refused(same_day: Any) -> None:
    tender = await same_day.active()
    refused = await same_day.send_bid(tender, "newcomer", b"{}", key="the-same")
    same_day.refused(refused, 409, "bidder-not-verified", "bidder-verified")
    await same_day.verify("newcomer")
    assert (await same_day.send_bid(tender, "newcomer", b"{}", key="the-same")).status_code == 201


class Rehearsal:
    """Takes each step twice: tried out, which changes nothing, and in earnest with the same key."""

    def __init__(self, parties: Any) -> None:
        self.parties = parties

    async def step(self, method: str, path: str, person: Any, body: Any = None, **options: Any) -> tuple[Any, Any]:
        """Take a step; return what the try and what the step itself answered."""
        kept, key = await self.parties.kept(), f"{method}-{path}"
        tried = await self.parties.send(method, path, person, body, key=key, dry_run=True, **options)
        assert tried.is_success, tried.text
        assert tried.headers["dry-run"] == "true"
        assert await self.parties.kept() == kept
        done = await self.parties.send(method, path, person, body, key=key, **options)
        assert (done.status_code, "dry-run" in done.headers) == (tried.status_code, False)
        assert await self.parties.kept() != kept
        return (tried.json(), done.json()) if done.content else (None, None)


async def panel_locks(rehearsal: Rehearsal, tender: Any, bids: list[str]) -> None:
    """Let a panel come from the closing of its pool to its locked scores, each step tried out first."""
    parties, panel = rehearsal.parties, f"/v1/tenders/{tender['id']}/panel"
    await parties.pool()
    tried, closed = await rehearsal.step("POST", f"{panel}/pool", parties.officer, parties.pool_body())
    assert (tried["status"], closed["status"]) == ("pool-closed", "pool-closed")
    parties.service.clock.advance(hours=1)
    # A draw that is only tried draws nobody.
    for person in (parties.officer, parties.head):
        tried, done = await rehearsal.step("POST", f"{panel}/draw", person, {"numbers": [[7, 3], [412]]})
        assert (tried["seats"], tried["closing"]) == ([], closed["closing"])
    assert len(done["seats"]) == 3
    members = await parties.invited(tender)
    for member in members:
        tried, done = await rehearsal.step("POST", f"{panel}/acceptance", member)
        assert tried == done
    chair = {"member": done["seats"][0]["label"]}
    tried, done = await rehearsal.step("POST", f"{panel}/chair", parties.officer, chair)
    assert tried == done
    ties = {"ties": [{"bidder": bidder, "relation": "none"} for bidder in ("alder", "birch")]}
    scores = {"scores": [{"bid": bid, "criterion": "quality", "value": "50"} for bid in bids]}
    for member in members:
        tried, done = await rehearsal.step("POST", f"{panel}/declaration", member, ties)
        assert tried == done
        await rehearsal.step("POST", f"/v1/tenders/{tender['id']}/scores", member, scores)
    # Nor does a revelation that is only tried reveal a score.
    tried, revealed = await rehearsal.step("POST", f"{panel}/reveal", members[0])
    assert (tried, len(revealed["scores"])) == (done, 6)
    for member in members:
        tried, done = await rehearsal.step("POST", f"{panel}/signature", member, {"vote": "agreed"})
        assert tried == done
    tried, done = await rehearsal.step("POST", f"{panel}/lock", members[0])
    assert tried == done


async def test_nothing_changes_and_nothing_is_given_away_when_steps_are_only_tried(parties: Any) -> None:
    rehearsal = Rehearsal(parties)
    _, plan = await rehearsal.step("POST", "/v1/plans", parties.officer, parties.plan_body())
    body = {**parties.content_body(), "plan": plan["id"]}
    _, tender = await rehearsal.step("POST", "/v1/tenders", parties.officer, body)
    path = f"/v1/tenders/{tender['id']}"
    tried, done = await rehearsal.step("PUT", path, parties.officer, parties.content_body(title="New"), version=1)
    assert tried == done
    tried, done = await rehearsal.step("POST", f"{path}/publication", parties.head)
    assert tried == done
    await parties.fund(done)
    tender = await parties.shown(path)
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "900000.00")
    bid = parties.bid_body(parties.priced("1000000.00"))
    tried, done = await rehearsal.step("POST", f"{path}/bids", parties.bidder("birch"), bid)
    # What was not received has no receipt; what is received starts from a salt of its own.
    assert (tried["signed"], len(tried["digest"])) == ("", 64)
    assert done["signed"].count(".") == 2
    assert tried["digest"] != done["digest"]
    parties.until_deadline(tender)
    tried, done = await rehearsal.step("POST", f"{path}/opening", parties.officer)
    assert (tried, done["status"]) == (tender, "qualification")
    tried, done = await rehearsal.step("POST", f"{path}/qualification", parties.officer, {"disqualified": []})
    assert tried == done
    assert done["status"] == "evaluation"
    bids = await parties.shown(f"{path}/bids")
    await panel_locks(rehearsal, tender, [item["bid"] for item in bids])
    scored = done
    tried, done = await rehearsal.step("POST", f"{path}/price-opening", parties.officer)
    assert (tried, done["status"]) == (scored, "award")
    tried, done = await rehearsal.step("POST", f"{path}/lots/lot-1/award", parties.officer)
    assert (tried["status"], tried["lots"][0]["awards"]) == ("award", [])
    assert parties.standing(done)["supplier"]["id"] == "alder"
    parties.service.clock.set(parties.standstill_end(done))
    tried, done = await rehearsal.step("POST", f"{path}/lots/lot-1/award/confirmation", parties.head)
    assert tried == done
    contract = f"/v1/contracts/{parties.standing(done)['contract']}"
    for path, signer in (("supplier-signature", parties.bidder("alder")), ("buyer-signature", parties.head)):
        tried, done = await rehearsal.step("POST", f"{contract}/{path}", signer)
        assert tried == done


async def test_try_is_refused_as_the_step_itself_would_be_when_a_rule_refuses(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    early = await same_day.send("POST", f"{path}/opening", same_day.officer, dry_run=True)
    same_day.refused(early, 409, "bids-sealed", "bid-deadline")
    unscored = await same_day.send("POST", f"{path}/price-opening", same_day.officer, dry_run=True)
    same_day.refused(unscored, 409, "tender-not-evaluation", "quality-locked-before-prices")
    unpriced = await same_day.send("POST", f"{path}/lots/lot-1/award", same_day.officer, dry_run=True)
    same_day.refused(unpriced, 409, "tender-not-award")


async def test_unfinished_scoring_stays_hidden_when_a_proposal_is_only_tried(parties: Any) -> None:
    tender, bids = await parties.qualified({"alder": "900000.00", "birch": "900000.00"})
    path = f"/v1/tenders/{tender['id']}"
    opening = f"{path}/price-opening"
    parties.refused(
        await parties.send("POST", opening, parties.officer, dry_run=True),
        409,
        "scores-missing",
        "quality-locked-before-prices",
    )
    await parties.score(tender, [(bid, "quality", "50") for bid in bids.values()])
    assert await parties.done("POST", opening, parties.officer, dry_run=True) == tender
    assert await parties.count("sealed_reads") == 0
    priced = await parties.open_prices(tender)
    # In earnest this is a refused tie; trying it does not tell.
    tried = await parties.done("POST", f"{path}/lots/lot-1/award", parties.officer, dry_run=True)
    assert tried == priced


@pytest.mark.parametrize("condition", ["1", "*", 'W/"1"', '"one"', '"1", "2"', ""])
async def test_condition_is_refused_when_it_is_no_etag_of_ours(same_day: Any, condition: str) -> None:
    draft = await same_day.draft()
    headers = same_day.service.headers("hugo", "city", "procurement-head") | {"If-Match": condition}
    path, body = f"/v1/tenders/{draft['id']}/cancellation", {"reason": "The need has gone."}
    same_day.refused(await same_day.service.client.post(path, headers=headers, json=body), 412, "stale")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"reason": "a", "reason": "b"}', 400, "json-malformed"),
        (b'{"reason": NaN}', 400, "json-malformed"),
        (b'{"reason": "\\u0000"}', 400, "json-malformed"),
        (b"[" * 1000, 400, "json-malformed"),
        (b"\xff", 400, "json-malformed"),
        (b'["reason"]', 422, "value-invalid"),
        (b"", 422, "field-missing"),
    ],
)
async def test_body_is_refused_when_it_is_not_the_json_that_is_asked_for(
    same_day: Any, body: bytes, status: int, code: str
) -> None:
    draft = await same_day.draft()
    headers = same_day.service.headers("hugo", "city", "procurement-head") | {"Content-Type": "application/json"}
    path = f"/v1/tenders/{draft['id']}/cancellation"
    same_day.refused(await same_day.service.client.post(path, headers=headers, content=body), status, code)
    assert await same_day.shown(f"/v1/tenders/{draft['id']}", same_day.officer) == draft
