"""A bid that is refused leaves the bidder a proof that it was refused, when, and why."""

import base64
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tender.domain.seal import digest

TECHNICAL = b'{"answers": []}'


async def proof(parties: Any, signed: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(await parties.shown("/v1/receipt-keys"))
    token = jws.deserialize_compact(signed, keys, algorithms=["Ed25519"])
    assert token.headers()["typ"] == "bid-refusal+jws"
    return dict(json.loads(token.payload))


async def refusals(parties: Any, organisation: str) -> Any:
    return await parties.shown("/v1/bids/refusals", parties.bidder(organisation))


@pytest.mark.parametrize(
    ("why", "code", "rule"),
    [
        ("late", "bid-late", "bid-deadline"),
        ("unverified", "bidder-not-verified", "bidder-verified"),
        ("cancelled", "tender-not-active", None),
    ],
)
async def test_refusal_is_signed_and_kept_when_a_well_formed_bid_is_not_accepted(
    parties: Any, why: str, code: str, rule: str | None
) -> None:
    tender = await parties.active()
    if why != "unverified":
        await parties.verify("birch")
    if why == "cancelled":
        await parties.done("POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, {"reason": "No need."})
    if why == "late":
        parties.until_deadline(tender)
    kept = await parties.kept()
    content = parties.priced("1.00")
    body = parties.bid_body(content, technical=base64.b64encode(TECHNICAL).decode())
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder("birch"), body)
    problem = parties.refused(response, 409, code, rule)
    said = await proof(parties, problem["refusal"])
    instant = tender["closes_at"] if why == "late" else "2026-03-02T09:00:00.000000Z"
    (listed,) = await refusals(parties, "birch")
    assert said == {
        "refusal": listed["id"],
        "tender": tender["id"],
        "lot": "lot-1",
        "bidder": "birch",
        "code": code,
        "digest": digest(said["salt"], content),
        "technical_digest": digest(said["technical_salt"], TECHNICAL),
        "salt": said["salt"],
        "technical_salt": said["technical_salt"],
        "refused_at": instant,
    }
    assert (listed["signed"], listed["code"], listed["refused_at"]) == (problem["refusal"], code, instant)
    assert await refusals(parties, "cedar") == []
    # Besides the proof nothing is left behind, not even the key of the request.
    assert await parties.kept() == kept


async def test_refusal_is_signed_when_a_draft_or_a_confirmation_comes_late(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    birch = parties.bidder("birch")
    receipt = await parties.bid(tender, "birch", "1.00")
    path = f"/v1/tenders/{tender['id']}/bids/drafts"
    draft = await parties.done("POST", path, birch, parties.bid_body(parties.priced("2.00")))
    await parties.amend(tender)
    parties.until_deadline(tender)
    for bid, what, price in ((draft["id"], "submission", "2.00"), (receipt["bid"], "confirmation", "1.00")):
        version = 1 if what == "submission" else None
        response = await parties.send("POST", f"/v1/bids/{bid}/{what}", birch, version=version)
        said = await proof(parties, parties.refused(response, 409, "bid-late", "bid-deadline")["refusal"])
        assert said["digest"] == digest(said["salt"], parties.priced(price))
    # The draft is still there, and the bid still what it was.
    assert (await parties.shown(f"/v1/bids/{draft['id']}", birch))["status"] == "draft"
    assert (await parties.shown(f"/v1/bids/{receipt['bid']}", birch))["status"] == "invalidated"


async def test_nothing_is_proven_when_a_bid_makes_no_sense_or_is_only_tried(parties: Any) -> None:
    tender = await parties.active()
    parties.until_deadline(tender)
    tried = await parties.send_bid(tender, "birch", b"{}", dry_run=True)
    assert "refusal" not in parties.refused(tried, 409, "bid-late", "bid-deadline")
    body = parties.bid_body(b"{}", lot="lot-2")
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder("birch"), body)
    assert "refusal" not in parties.refused(response, 422, "lot-unknown")
    assert await parties.count("bid_refusals") == 0


async def test_each_refusal_is_a_proof_of_its_own_when_a_bid_is_sent_again(parties: Any) -> None:
    tender = await parties.active()
    parties.until_deadline(tender)
    for _ in range(2):
        parties.refused(await parties.send_bid(tender, "birch", b"{}", key="same"), 409, "bid-late", "bid-deadline")
    assert len({refusal["id"] for refusal in await refusals(parties, "birch")}) == 2


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_database_refuses_when_a_refusal_is_to_be_altered(same_day: Any, statement: str) -> None:
    with pytest.raises(Exception, match="what was received stays as it was received"):
        await same_day.service.execute_as_owner(statement.format("bid_refusals"))
