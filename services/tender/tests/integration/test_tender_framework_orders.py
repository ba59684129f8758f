"""Orders under framework agreements over HTTP: called off, competed for, changed, never above the ceiling."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agreements import MICROSECOND, concluded, conclusion, eur, order, path, proposed, standstill, told
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from shared.contracts import budget, provider
from shared.kernel.money import Money
from tender.domain.seal import digest


async def test_order_becomes_a_contract_that_both_can_sign_and_gives_its_value_back_when_nobody_does(
    parties: Any,
) -> None:
    framework = await concluded(parties)
    response = await parties.send(
        "POST", path(framework, "/call-offs"), parties.officer, order("250000.00", supplier="birch")
    )
    contract = response.json()
    assert (response.status_code, response.url.join(response.headers["Location"]).path) == (
        201,
        f"/v1/contracts/{contract['id']}",
    )
    assert (contract["value"], contract["supplier"]["id"], contract["status"]) == (
        eur("250000.00"),
        "birch",
        "generated",
    )
    (event,) = await told(parties, "award.called-off.v1")
    assert (event["contract"], event["called_off"], event["reason"]) == (
        contract["id"],
        eur("250000.00"),
        "The nearest.",
    )
    signing = f"/v1/contracts/{contract['id']}"
    await parties.done("POST", f"{signing}/supplier-signature", parties.bidder("birch"))
    assert (await parties.done("POST", f"{signing}/buyer-signature", parties.head))["status"] == "active"
    (signed,) = await told(parties, "contract.signed.v1")
    assert signed["release"] == eur("0.00")
    other = await parties.done("POST", path(framework, "/call-offs"), parties.officer, order(supplier="alder"))
    assert (await parties.shown(path(framework)))["called_off"] == eur("350000.00")
    parties.service.clock.set(datetime.fromisoformat(other["signature_due"]))
    refusal = {"code": "refused", "reason": "It has no staff."}
    await parties.done("POST", f"/v1/contracts/{other['id']}/non-signature", parties.officer, refusal)
    assert (await parties.shown(path(framework)))["called_off"] == eur("250000.00")
    (returned,) = await told(parties, "award.call-off-returned.v1")
    assert (returned["value"], returned["called_off"]) == (eur("100000.00"), eur("250000.00"))


async def test_ceiling_holds_to_the_cent_when_twenty_orders_come_at_once(parties: Any) -> None:
    framework = await concluded(parties)
    body = order("100000.00", supplier="alder")
    answers = await asyncio.gather(
        *(parties.send("POST", path(framework, "/call-offs"), parties.officer, body) for _ in range(20))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 12 + [409] * 8
    for answer in answers:
        if answer.status_code == 409:
            parties.refused(answer, 409, "ceiling-exceeded", "framework.ceiling")
    assert (await parties.shown(path(framework)))["called_off"] == eur("1200000.00")
    assert await parties.count("contracts") == 12
    above = order("50000.01", supplier="birch")
    response = await parties.send("POST", path(framework, "/call-offs"), parties.officer, above)
    parties.refused(response, 409, "ceiling-exceeded", "framework.ceiling")
    await parties.done("POST", path(framework, "/call-offs"), parties.officer, order("50000.00", supplier="birch"))
    full = await parties.shown(path(framework))
    assert full["called_off"] == full["ceiling"]
    with pytest.raises(IntegrityError, match="called_off_within_ceiling"):
        async with parties.service.runtime.engine.begin() as connection:
            await connection.execute(text("UPDATE frameworks SET called_off_minor = called_off_minor + 1"))


async def changed(parties: Any, contract: str, difference: str) -> dict[str, Any]:
    """Propose a change of an order, have it funded and approved, and have the supplier sign it; return its paths."""
    wish = {"ground": "needs-changed", "reason": "More people.", "difference": eur(difference)}
    shown = await parties.done("POST", f"{contract}/changes", parties.officer, wish)
    change = shown["changes"][-1]["id"]
    some = Money(10_000_000, "EUR")
    committed = budget.ChangeCommitted(
        ocid=shown["ocid"], contract=shown["id"], change=change, line=shown["id"], amount=some, available=some
    )
    await parties.service.deliver("budget", committed)
    path = f"{contract}/changes/{change}"
    await parties.done("POST", f"{path}/approval", parties.head)
    await parties.done("POST", f"{path}/supplier-signature", parties.bidder(shown["supplier"]["id"]))
    return {"sign": f"{path}/buyer-signature", "wish": wish}


async def in_force(parties: Any, framework: Mapping[str, Any], value: str, supplier: str) -> str:
    """Call off an order and have both sides sign it; return the contract's path."""
    body = order(value, supplier=supplier)
    contract = await parties.done("POST", path(framework, "/call-offs"), parties.officer, body)
    at = f"/v1/contracts/{contract['id']}"
    await parties.done("POST", f"{at}/supplier-signature", parties.bidder(supplier))
    await parties.done("POST", f"{at}/buyer-signature", parties.head)
    return at


async def test_changes_of_orders_stay_within_the_ceiling_and_the_database_holds_them_to_it(parties: Any) -> None:
    framework = await concluded(parties)
    first = await in_force(parties, framework, "1000000.00", "alder")
    early = await changed(parties, first, "60000.00")
    await parties.done("POST", early["sign"], parties.head)
    (told_,) = await told(parties, "award.order-changed.v1")
    assert (told_["difference"], told_["called_off"]) == (eur("60000.00"), eur("1060000.00"))
    shown = await parties.shown(path(framework))
    assert [member["called_off"] for member in shown["members"]] == [eur("1060000.00"), eur("0.00")]
    # The room that there was when it was proposed is gone when it is signed: the change stays unsigned.
    late = await changed(parties, first, "40000.00")
    last = await in_force(parties, framework, "190000.00", "birch")
    response = await parties.send("POST", late["sign"], parties.head)
    parties.refused(response, 409, "ceiling-exceeded", "framework.ceiling")
    response = await parties.send(
        "POST", f"{last}/changes", parties.officer, {**late["wish"], "difference": eur("0.01")}
    )
    parties.refused(response, 409, "ceiling-exceeded", "framework.ceiling")
    full = await parties.shown(path(framework))
    assert full["called_off"] == full["ceiling"]
    with pytest.raises(IntegrityError, match="called_off_within_ceiling"):
        async with parties.service.runtime.engine.begin() as connection:
            await connection.execute(text("UPDATE frameworks SET called_off_minor = called_off_minor + 1"))
    # What changes had added is room again when it is taken away, and no more than that.
    withdrawal = late["sign"].replace("buyer-signature", "withdrawal")
    await parties.done("POST", withdrawal, parties.officer, {"reason": "There is no room."})
    less = await changed(parties, first, "-100000.00")
    await parties.done("POST", less["sign"], parties.head)
    assert (await parties.shown(path(framework)))["called_off"] == eur("1190000.00")


async def test_order_is_refused_before_the_term_begins_and_admitted_with_it(parties: Any) -> None:
    tender = await proposed(parties)
    parties.service.clock.set(datetime.fromisoformat(standstill(tender)))
    framework = await parties.done("POST", conclusion(tender), parties.head)
    begins = datetime.fromisoformat(framework["starts_at"])
    assert begins == datetime(2026, 5, 1, tzinfo=UTC)
    parties.service.clock.set(begins - MICROSECOND)
    calls = path(framework, "/call-offs")
    response = await parties.send("POST", calls, parties.officer, order(supplier="alder"))
    problem = parties.refused(response, 409, "framework-not-begun", "framework.term-cap")
    assert "2026-05-01T00:00:00+00:00" in problem["satisfied_by"]
    parties.service.clock.set(begins)
    await parties.done("POST", calls, parties.officer, order(supplier="alder"))


async def test_order_is_refused_when_no_contract_could_be_made_of_it(parties: Any) -> None:
    direct, contest = await concluded(parties), await concluded(parties, stage_two="mini-competition")
    closes = (parties.service.clock.now() + timedelta(days=9)).isoformat()
    for delivery, code in (
        ({"start": "2026-08-01", "end": "2026-08-30", "periods": 60}, "delivery-too-short"),
        ({"start": "2026-08-02", "end": "2026-08-01", "periods": 1}, "delivery-too-short"),
        ({"start": "2026-08-01", "end": "9999-12-31", "periods": 1}, "value-invalid"),
    ):
        body = order(supplier="alder", delivery=delivery)
        parties.refused(await parties.send("POST", path(direct, "/call-offs"), parties.officer, body), 422, code)
        del body["supplier"]
        body["closes_at"] = closes
        parties.refused(await parties.send("POST", path(contest, "/competitions"), parties.officer, body), 422, code)


async def test_supplier_that_is_no_longer_verified_is_not_called_on_and_does_not_compete(parties: Any) -> None:
    direct, contest = await concluded(parties), await concluded(parties, stage_two="mini-competition")
    closes = parties.service.clock.now() + timedelta(days=9)
    body = {**order(), "closes_at": closes.isoformat()}
    shown = await parties.done("POST", path(contest, "/competitions"), parties.officer, body)
    refused = provider.VerificationRefused(provider="birch", reason="The licence has expired.")
    await parties.service.deliver("provider-registry", refused)
    unverified = (409, "bidder-not-verified", "bidder-verified")
    called = await parties.send("POST", path(direct, "/call-offs"), parties.officer, order(supplier="birch"))
    parties.refused(called, *unverified)
    quotes = path(contest, f"/competitions/{shown['competitions'][0]['id']}/quotes")
    sealed = {"scheme": "access/v1", "envelope": base64.b64encode(parties.priced("1.00")).decode()}
    parties.refused(await parties.send("POST", quotes, parties.bidder("birch"), sealed), *unverified)
    await parties.done("POST", quotes, parties.bidder("alder"), sealed)
    await parties.done("POST", path(direct, "/call-offs"), parties.officer, order(supplier="alder"))


async def test_agreement_is_changed_only_in_the_version_that_was_read(parties: Any) -> None:
    framework = await concluded(parties)
    calls, body = path(framework, "/call-offs"), order(supplier="alder")
    first = await parties.send("POST", calls, parties.officer, body, version=1)
    assert (first.status_code, first.headers["etag"]) == (201, '"1"')
    assert (await parties.send("POST", calls, parties.officer, body, version=1)).status_code == 412
    leaving = path(framework, "/members/birch/leaving")
    response = await parties.send("POST", leaving, parties.head, {"reason": "It closed."}, version=1)
    assert response.status_code == 412
    contract = f"/v1/contracts/{first.json()['id']}"
    late = await parties.send("POST", f"{contract}/supplier-signature", parties.bidder("alder"), version=2)
    assert late.status_code == 412
    await parties.done("POST", f"{contract}/supplier-signature", parties.bidder("alder"))
    assert (await parties.send("POST", f"{contract}/buyer-signature", parties.head, version=1)).status_code == 412


async def test_order_is_made_once_when_it_is_sent_twice_and_not_at_all_on_a_dry_run(parties: Any) -> None:
    framework = await concluded(parties)
    body, send = order(supplier="alder"), path(framework, "/call-offs")
    tried = await parties.send("POST", send, parties.officer, body, dry_run=True)
    assert tried.is_success
    assert await parties.count("contracts") == 0
    first = await parties.send("POST", send, parties.officer, body, key="once")
    again = await parties.send("POST", send, parties.officer, body, key="once")
    assert first.json() == again.json()
    assert await parties.count("contracts") == 1


async def test_lowest_quote_gets_the_order_and_nobody_learns_of_a_quote_before(parties: Any) -> None:
    framework = await concluded(parties, stage_two="mini-competition")
    parties.refused(
        await parties.send("POST", path(framework, "/call-offs"), parties.officer, order(supplier="alder")),
        409,
        "competition-needed",
        "framework.stage-two",
    )
    closes = parties.service.clock.now() + timedelta(days=9)
    body = {**order("80000.00"), "closes_at": closes.isoformat()}
    shown = await parties.done("POST", path(framework, "/competitions"), parties.officer, body)
    quotes = path(framework, f"/competitions/{shown['competitions'][0]['id']}")

    async def quote(bidder: str, price: str) -> Any:
        sealed = {"scheme": "access/v1", "envelope": base64.b64encode(parties.priced(price)).decode()}
        return await parties.send("POST", f"{quotes}/quotes", parties.bidder(bidder), sealed)

    async def look() -> list[tuple[int, bytes, str | None]]:
        viewers = (None, parties.officer, parties.head, parties.bidder("birch"))
        paths = [
            *await parties.readable({"tender_id": framework["tender"], "framework_id": framework["id"]}),
            f"/v1/events?key={framework['ocid']}",
        ]
        answers = [await parties.send("GET", at, viewer) for viewer in viewers for at in paths]
        return [(answer.status_code, answer.content, answer.headers.get("etag")) for answer in answers]

    before = await look()
    with capture_logs() as logs:
        assert (await quote("alder", "71234.56")).status_code == 201
        receipt = (await quote("alder", "61234.56")).json()
        assert (await quote("birch", "61234.57")).status_code == 201
    assert await look() == before
    assert not [log for log in logs if any(secret in str(log) for secret in ("1234.5", "NzEyMzQ", "NjEyMzQ"))]
    parties.service.clock.set(closes - MICROSECOND)
    early = await parties.send("POST", f"{quotes}/opening", parties.officer)
    parties.refused(early, 409, "quotes-sealed", "bid-deadline")
    assert await parties.count("sealed_reads WHERE purpose = 'quote'") == 0
    parties.service.clock.set(closes)
    parties.refused(await quote("birch", "1.00"), 409, "quote-late", "bid-deadline")
    tried = await parties.send("POST", f"{quotes}/opening", parties.officer, dry_run=True)
    assert tried.is_success
    assert b"1234" not in tried.content
    assert await parties.count("sealed_reads WHERE purpose = 'quote'") == 0
    decided = await parties.done("POST", f"{quotes}/opening", parties.officer)
    assert (decided["called_off"], decided["competitions"][0]["decided"]) == (eur("61234.56"), True)
    (event,) = await told(parties, "award.competition-decided.v1")
    assert {one["supplier"]["id"]: one["price"] for one in event["quotes"]} == {
        "alder": eur("61234.56"),
        "birch": eur("61234.57"),
    }
    assert event["supplier"]["id"] == "alder"
    # What was sealed is found again by whoever has the salt, and by nobody who tries amounts.
    content = b'{"price":{"amount":"61234.56","currency":"EUR"}}'
    assert receipt["digest"] == digest(receipt["salt"], parties.priced("61234.56"))
    assert receipt["digest"] not in {hashlib.sha256(text).hexdigest() for text in (content, parties.priced("61234.56"))}
    (won,) = [one for one in event["quotes"] if one["supplier"]["id"] == "alder"]
    assert (won["digest"], won["salt"]) == (receipt["digest"], receipt["salt"])
    assert await parties.count("sealed_reads WHERE purpose = 'quote'") == 2
    again = await parties.send("POST", f"{quotes}/opening", parties.officer)
    parties.refused(again, 409, "competition-decided")
    (contract,) = await told(parties, "contract.generated.v1")
    assert (contract["value"], contract["supplier"]["id"]) == (eur("61234.56"), "alder")


async def test_nobody_gets_the_order_when_no_quote_keeps_to_its_value(parties: Any) -> None:
    framework = await concluded(parties, stage_two="mini-competition")
    closes = parties.service.clock.now() + timedelta(days=9)
    body = {**order("80000.00"), "closes_at": closes.isoformat()}
    shown = await parties.done("POST", path(framework, "/competitions"), parties.officer, body)
    quotes = path(framework, f"/competitions/{shown['competitions'][0]['id']}")
    for bidder, content in (("alder", parties.priced("80000.01")), ("birch", b"not a price")):
        sealed = {"scheme": "access/v1", "envelope": base64.b64encode(content).decode()}
        await parties.done("POST", f"{quotes}/quotes", parties.bidder(bidder), sealed)
    parties.service.clock.set(closes)
    decided = await parties.done("POST", f"{quotes}/opening", parties.officer)
    assert decided["called_off"] == eur("0.00")
    (event,) = await told(parties, "award.competition-decided.v1")
    assert event["supplier"] is None
    assert await parties.count("contracts") == 0
