"""Sealed bids: who may hand one in, until when, and what it has to be."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import provider

MICROSECOND = timedelta(microseconds=1)
VERIFIED = ("bidder-not-verified", "bidder-verified")


async def test_bid_is_received_when_a_verified_provider_hands_it_in(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    content = same_day.priced("1000000.00")
    response = await same_day.send_bid(tender, "birch", content)
    receipt = response.json()
    assert response.status_code == 201
    assert (receipt["digest"], receipt["received_at"]) == (
        hashlib.sha256(bytes.fromhex(receipt["salt"]) + content).hexdigest(),
        "2026-03-02T09:00:00.000000Z",
    )
    shown = await same_day.shown(f"/v1/bids/{receipt['bid']}/receipt", same_day.bidder("birch"))
    assert shown == {"signed": receipt["signed"]}


async def test_bid_is_refused_when_its_bidder_was_never_verified(same_day: Any) -> None:
    tender = await same_day.active()
    response = await same_day.send_bid(tender, "stranger", b"{}")
    assert "provider registry" in same_day.refused(response, 409, *VERIFIED)["satisfied_by"]


@pytest.mark.parametrize(("days", "accepted"), [(0, True), (-1, False)])
async def test_verification_counts_to_the_end_of_its_last_day_when_a_bid_comes(
    same_day: Any, days: int, accepted: bool
) -> None:
    tender = await same_day.active()
    await same_day.verify(f"until{days}", valid_until=date(2026, 3, 2) + timedelta(days=days))
    response = await same_day.send_bid(tender, f"until{days}", b"{}")
    if accepted:
        assert response.status_code == 201
    else:
        same_day.refused(response, 409, *VERIFIED)


async def test_last_day_of_a_verification_ends_where_the_procedure_is(parties: Any) -> None:
    tender = await parties.publish(await parties.chinese())
    day = parties.service.clock.now().date()
    await parties.verify("alder", valid_until=day)
    for hour, status in ((15, 201), (16, 409)):
        # Midnight in Shanghai is 16:00 UTC.
        parties.service.clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))
        assert (await parties.send_bid(tender, "alder", b"{}")).status_code == status


DETAILS = provider.DetailsChanged(
    provider="birch",
    address=None,
    people=(),
    owners=(),
    owning_persons=1,
    members=(),
    verification_ended=True,
)
IN_QUESTION = {
    "registered": provider.ProviderRegistered(
        provider="birch",
        name="Birch and Sons Ltd",
        legal_form="company",
        identifier=provider.Identifier(scheme="XX-REG", id="7"),
    ),
    "refused": provider.VerificationRefused(provider="birch", reason="The licence has expired."),
    "owned by others": DETAILS,
    "given up": provider.ProviderMerged(provider="birch", into="alder"),
}


@pytest.mark.parametrize("what", IN_QUESTION)
async def test_bid_is_refused_when_the_verification_is_in_question_again(same_day: Any, what: str) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    await same_day.bid(tender, "birch", "1.00")
    changed = IN_QUESTION[what]
    await same_day.service.deliver("provider-registry", DETAILS.model_copy(update={"verification_ended": False}))
    assert (await same_day.send_bid(tender, "birch", b"{}")).status_code == 201
    await same_day.service.deliver("provider-registry", changed)
    same_day.refused(await same_day.send_bid(tender, "birch", b"{}"), 409, *VERIFIED)
    await same_day.verify("birch")
    assert (await same_day.send_bid(tender, "birch", b"{}")).status_code == 201


async def test_bid_is_refused_when_an_organisation_was_refused_before_it_was_ever_known(same_day: Any) -> None:
    tender = await same_day.active()
    refused = provider.VerificationRefused(provider="newcomer", reason="The licence has expired.")
    await same_day.service.deliver("provider-registry", refused)
    same_day.refused(await same_day.send_bid(tender, "newcomer", b"{}"), 409, *VERIFIED)


async def test_bidder_keeps_the_name_it_bid_under_when_it_is_renamed(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", name="Alder Ltd")
    await parties.verify("birch", name="Birch Ltd")
    await parties.verify("birch", name="Birch and Sons Ltd")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    await parties.verify("alder", name="Alder and Sons Ltd")
    await parties.open(tender)
    bids = await parties.shown(f"/v1/tenders/{tender['id']}/bids")
    assert {bid["bidder"]["name"] for bid in bids} == {"Alder Ltd", "Birch and Sons Ltd"}


async def test_name_is_remembered_when_an_organisation_is_refused(parties: Any) -> None:
    await parties.verify("birch", name="Birch Ltd")
    refused = provider.VerificationRefused(provider="birch", reason="The licence has expired.")
    await parties.service.deliver("provider-registry", refused)
    known = (await parties.service.execute("SELECT name, verified_at, valid_until FROM bidders")).all()
    assert known == [("Birch Ltd", None, None)]


async def test_there_is_nothing_to_bid_for_when_the_tender_is_not_published(same_day: Any) -> None:
    await same_day.verify("birch")
    for tender in (await same_day.draft(), await same_day.requested(), {"id": "00000000-0000-0000-0000-000000000000"}):
        same_day.refused(await same_day.send_bid(tender, "birch", b"{}"), 404, "not-found")


async def test_bid_is_accepted_when_it_comes_a_microsecond_before_the_deadline_and_late_at_it(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch", "cedar")
    deadline = parties.deadline(tender)
    parties.service.clock.set(deadline - MICROSECOND)
    receipt = await parties.bid(tender, "birch", "1.00")
    assert receipt["received_at"] == "2026-03-23T23:59:59.999999Z"
    parties.service.clock.set(deadline)
    kept = await parties.kept()
    problem = parties.refused(await parties.send_bid(tender, "cedar", b"{}"), 409, "bid-late", "bid-deadline")
    assert problem["satisfied_by"] == "A bid received before the deadline."
    assert await parties.kept() == kept


async def test_bid_is_late_when_the_tender_has_been_opened(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "1.00", "birch": "2.00"})
    parties.refused(await parties.send_bid(tender, "birch", b"{}"), 409, "bid-late", "bid-deadline")


async def test_last_bid_counts_when_a_bidder_replaces_its_own(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "700000.00")
    receipts = [await parties.bid(tender, "birch", f"{price}00000.00") for price in (9, 6, 8)]
    assert len({receipt["bid"] for receipt in receipts}) == 3
    await parties.to_prices(await parties.open(tender))
    bids = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert (len(bids), bids["birch"]["bid"]) == (2, receipts[-1]["bid"])
    assert (bids["birch"]["price"]["amount"], bids["birch"]["digest"]) == ("800000.00", receipts[-1]["digest"])
    # The envelopes that were replaced stay closed, and kept.
    assert (await parties.count("sealed_reads"), await parties.count("bids")) == (2, 4)


async def test_one_bidder_is_one_bid_when_it_bids_many_times(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("birch")
    for _ in range(3):
        await parties.bid(tender, "birch", "1.00")
    assert (await parties.open(tender))["status"] == "unsuccessful"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"lot": "lot-2"}, "lot-unknown", "/body/lot"),
        ({"scheme": "age/v1"}, "seal-scheme-unknown", None),
        ({"financial": "AAAAA"}, "envelope-malformed", "/body/financial"),
        ({"financial": "not base64!"}, "value-invalid", None),
        ({"financial": ""}, "value-invalid", None),
        ({"financial": 12}, "value-invalid", None),
        ({"price": {"amount": "1.00", "currency": "EUR"}}, "unknown-field", None),
    ],
)
async def test_bid_makes_no_sense_when_it_is_malformed(
    same_day: Any, changes: dict[str, Any], code: str, pointer: str | None
) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    body = same_day.bid_body(b"1234", **changes)
    response = await same_day.send("POST", f"/v1/tenders/{tender['id']}/bids", same_day.bidder("birch"), body)
    assert same_day.refused(response, 422, code).get("pointer") == pointer
    assert (await same_day.service.execute(f"SELECT 1 FROM bids WHERE tender = '{tender['id']}'")).all() == []


async def test_envelope_has_a_bound_when_it_is_large(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    received = await same_day.count("bids")
    assert (await same_day.send_bid(tender, "birch", bytes(512 * 1024))).status_code == 201
    same_day.refused(await same_day.send_bid(tender, "birch", bytes(512 * 1024 + 10)), 422, "value-invalid")
    same_day.refused(await same_day.send_bid(tender, "birch", bytes(2 * 1024 * 1024)), 413, "body-too-large")
    assert await same_day.count("bids") == received + 1


async def test_receipt_is_not_there_when_another_bidder_asks(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch", "cedar")
    receipt = await same_day.bid(tender, "birch", "1.00")
    for bid in (receipt["bid"], "00000000-0000-0000-0000-000000000000"):
        response = await same_day.send("GET", f"/v1/bids/{bid}/receipt", same_day.bidder("cedar"))
        same_day.refused(response, 404, "not-found")


@pytest.mark.parametrize("table", ["bids", "sealed_reads"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_database_refuses_when_what_was_received_is_to_be_altered(
    same_day: Any, table: str, statement: str
) -> None:
    with pytest.raises(Exception, match="what was received stays as it was received"):
        await same_day.service.execute_as_owner(statement.format(table))
