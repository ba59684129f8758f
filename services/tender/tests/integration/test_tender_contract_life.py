"""A contract in force: its security, its changes and its options."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uploads import EVIDENCE, PDF, get, rested_on

from shared.contracts import budget
from shared.kernel.money import Money

MICROSECOND = timedelta(microseconds=1)
MODEL = "Coxswain model pack"
LINE = UUID("0190a000-0000-7000-8000-00000000000b")


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


def wish(difference: str = "100000.00", **changes: Any) -> dict[str, Any]:
    """Return a change; 100,000 are the ten percent of a contract of 1,000,000 that the model pack allows."""
    return {"ground": "needs-changed", "reason": "More people.", "difference": eur(difference), **changes}


def funded(event: dict[str, Any]) -> budget.ChangeCommitted:
    some = Money(10_500_000, "EUR")
    return budget.ChangeCommitted(
        ocid=event["ocid"], contract=event["contract"], change=event["change"], line=LINE, amount=some, available=some
    )


def refused(event: dict[str, Any]) -> budget.ChangeRefused:
    some = Money(1, "EUR")
    return budget.ChangeRefused(
        ocid=event["ocid"],
        contract=event["contract"],
        change=event["change"],
        line=LINE,
        requested=some,
        available=some,
        code="insufficient-funds",
        reason="The budget line has less than the amount.",
        rule="funds-reserved-before-publication",
        source=MODEL,
    )


async def last(parties: Any, kind: str) -> dict[str, Any]:
    return [data for each, data in await parties.events() if each == kind][-1]


async def requested(parties: Any, path: str, **changes: Any) -> str:
    """Propose a change and let the budget answer; return the change's path."""
    shown = await parties.done("POST", f"{path}/changes", parties.officer, wish(**changes))
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    return f"{path}/changes/{shown['changes'][-1]['id']}"


async def in_force(parties: Any, change: str) -> Any:
    """Approve and sign a funded change."""
    await parties.done("POST", f"{change}/approval", parties.head)
    await parties.done("POST", f"{change}/supplier-signature", parties.bidder("birch"))
    return await parties.done("POST", f"{change}/buyer-signature", parties.head)


async def test_a_change_is_in_force_when_it_was_funded_approved_and_signed(parties: Any) -> None:
    path = await parties.signed()
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish(), version=3)
    assert (response.status_code, response.headers["etag"]) == (202, '"4"')
    (change,) = response.json()["changes"]
    assert (change["status"], response.json()["value"]) == ("funding-requested", eur("1000000.00"))
    event = await last(parties, "contract.change-requested.v1")
    assert (event["value"], event["difference"]) == (eur("1100000.00"), eur("100000.00"))
    # 100,000.00 over three periods of 333,333.34, .33 and .33 with 33,333.34, .33 and .33 more
    assert [one["amount"]["amount"] for one in event["milestones"]] == ["366666.68", "366666.66", "366666.66"]
    of = f"{path}/changes/{change['id']}"
    parties.refused(await parties.send("POST", f"{of}/approval", parties.head), 409, "change-not-funded")
    await parties.service.deliver("budget", funded(event))
    assert (await parties.shown(path))["changes"][0]["status"] == "funded"
    changed = await in_force(parties, of)
    assert (changed["value"], changed["changes"][0]["status"]) == (eur("1100000.00"), "active")
    assert changed["milestones"] == event["milestones"]
    told = await last(parties, "contract.changed.v1")
    assert (told["value"], told["milestones"], told["option"]) == (eur("1100000.00"), event["milestones"], None)
    assert told["term"] == {"start": "2026-07-01", "end": "2026-09-30"}


async def test_both_sides_read_what_a_change_comes_with_and_nobody_else(parties: Any) -> None:
    path = await parties.signed()
    with_annex = wish(documents=[{"title": "Annex", "digest": EVIDENCE}])
    unseen = await parties.send("POST", f"{path}/changes", parties.officer, with_annex)
    parties.refused(unseen, 404, "document-unknown")
    await rested_on(parties, parties.officer)
    await parties.done("POST", f"{path}/changes", parties.officer, with_annex)
    for side in (parties.officer, parties.head, parties.bidder("birch")):
        assert (await get(parties, EVIDENCE, side)).content == PDF
    for other in (None, parties.bidder("alder")):
        assert (await get(parties, EVIDENCE, other)).status_code == 404


async def test_a_change_is_refused_by_the_cap_when_it_adds_a_cent_more(parties: Any) -> None:
    path = await parties.signed()
    kept = await parties.kept()
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish("100000.01"))
    problem = parties.refused(response, 409, "contract-change-cap", "contract-change.cap")
    assert problem["satisfied_by"] == "At most 0.10 share of contract.original_value."
    dry = await parties.send("POST", f"{path}/changes", parties.officer, wish(), dry_run=True)
    assert dry.status_code == 202
    assert await parties.kept() == kept
    await in_force(parties, await requested(parties, path, difference="60000.00"))
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish("40000.01"))
    parties.refused(response, 409, "contract-change-cap", "contract-change.cap")
    # A reduction makes no room, since it is no addition.
    await in_force(parties, await requested(parties, path, difference="-50000.00"))
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish("40000.01"))
    parties.refused(response, 409, "contract-change-cap", "contract-change.cap")
    changed = await in_force(parties, await requested(parties, path, difference="40000.00"))
    assert changed["value"] == eur("1050000.00")


async def test_a_second_change_is_refused_when_one_is_pending(parties: Any) -> None:
    path = await parties.signed()
    first = await requested(parties, path, difference="1000.00")
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish("1000.00"))
    parties.refused(response, 409, "contract-change-pending-cap", "contract-change.pending-cap")
    withdrawn = await parties.done("POST", f"{first}/withdrawal", parties.officer, {"reason": "Not needed."})
    assert withdrawn["changes"][0]["status"] == "withdrawn"
    assert (await last(parties, "contract.change-failed.v1"))["code"] == "withdrawn"
    # What the budget says of a change that was withdrawn meanwhile changes nothing.
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    assert (await parties.shown(path))["changes"][0]["status"] == "withdrawn"
    await requested(parties, path, difference="1000.00")


async def test_a_change_fails_when_the_budget_refuses_its_funds(parties: Any) -> None:
    path = await parties.signed()
    await parties.done("POST", f"{path}/changes", parties.officer, wish())
    await parties.service.deliver("budget", refused(await last(parties, "contract.change-requested.v1")))
    shown = await parties.shown(path)
    assert (shown["value"], shown["changes"][0]["status"]) == (eur("1000000.00"), "refused")
    assert shown["changes"][0]["failed_because"] == "The budget line has less than the amount."
    assert (await last(parties, "contract.change-failed.v1"))["code"] == "insufficient-funds"
    assert await parties.shown("/v1/overdue") == []


async def test_a_change_is_refused_when_it_makes_no_sense_or_has_no_ground(parties: Any) -> None:
    path = await parties.signed()
    period = {"period": "4", "start": "2026-10-01", "end": "2026-12-31", "amount": eur("10000.00")}
    for body, status, code, rule in (
        (wish(ground="because"), 409, "contract-change-grounds", "contract-change.grounds"),
        (wish("0.00"), 422, "change-empty", None),
        (wish("-1000000.00"), 422, "value-not-positive", None),
        (wish("-999999.99"), 422, "milestone-not-positive", None),
        (wish("10000.01", milestones=[period]), 422, "milestones-differ-from-value", None),
        (wish("10000.00", milestones=[{**period, "period": "3"}]), 422, "milestone-repeated", None),
        (wish("10000.00", milestones=[{**period, "end": "2026-09-30"}]), 422, "milestones-out-of-order", None),
        (wish("10000.00", milestones=[period], end="2026-12-30"), 422, "term-end-differs", None),
        (wish("0.00", end="9999-12-31"), 422, "value-invalid", None),
        (wish("0.00", end="2031-09-30"), 409, "contract-term-too-long", "contract-term.cap"),
        ({**wish(), "difference": {"amount": "1.00", "currency": "USD"}}, 422, "currencies-differ", None),
    ):
        response = await parties.send("POST", f"{path}/changes", parties.officer, body)
        parties.refused(response, status, code, rule)
    assert (await parties.shown(path))["changes"] == []
    new = await in_force(parties, await requested(parties, path, difference="10000.00", milestones=[period]))
    assert [one["period"] for one in new["milestones"]] == ["1", "2", "3", "4"]


async def test_a_change_takes_a_second_person_and_each_side_in_its_turn(parties: Any) -> None:
    path = await parties.signed()
    change = await requested(parties, path)
    proposer = type(parties.head)(parties.officer.name, "city", ("procurement-head",))
    response = await parties.send("POST", f"{change}/approval", proposer)
    parties.refused(response, 403, "second-person-needed", "second-person.contract")
    birch = parties.bidder("birch")
    parties.refused(await parties.send("POST", f"{change}/supplier-signature", birch), 409, "change-not-approved")
    await parties.done("POST", f"{change}/approval", parties.head)
    parties.refused(
        await parties.send("POST", f"{change}/buyer-signature", parties.head), 409, "change-not-supplier-signed"
    )
    parties.refused(await parties.send("POST", f"{path}/changes/{LINE}/approval", parties.head), 404, "change-unknown")


async def test_a_change_is_overdue_when_nobody_signs_it_in_time(parties: Any) -> None:
    path = await parties.signed()
    await parties.done("POST", f"{path}/changes", parties.officer, wish())
    parties.service.clock.advance(days=5)
    (item,) = await parties.shown("/v1/overdue")
    assert (item["kind"], item["waiting_for"]) == ("contract", "the next step of a change that is funding-requested")
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.advance(days=29)
    (item,) = await parties.shown("/v1/overdue")
    assert item["waiting_for"] == "the next step of a change that is funded"


TERMS = {
    "terms": {
        "options": [
            {"id": "year-2", "title": "Another year", "months": 12, "share": "1", "exercise_before": "2026-09-01"}
        ],
        "performance_security": "0.10",
        "bid_security": {"amount": "25000.00", "currency": "EUR"},
    }
}


def with_terms(**changes: Any) -> dict[str, Any]:
    return {"terms": TERMS["terms"] | changes}


async def test_a_tender_is_refused_by_a_cap_when_its_contract_would_break_it(same_day: Any) -> None:
    plan = await same_day.plan()
    option = TERMS["terms"]["options"][0]
    for terms, status, code, rule in (
        (with_terms(performance_security="0.1001"), 409, "performance-security-above-cap", "performance-security-cap"),
        (with_terms(bid_security=eur("25000.01")), 409, "bid-security-above-cap", "bid-security-cap"),
        (with_terms(performance_security="0"), 422, "security-not-positive", None),
        (with_terms(options=[option, option]), 422, "option-repeated", None),
        (with_terms(options=[{**option, "exercise_before": "2026-10-01"}]), 422, "option-too-late", None),
        (with_terms(threshold="threshold.none"), 422, "rule-unknown", None),
        (with_terms(options=[{**option, "share": "999999999999999999"}]), 422, "amount-too-large", None),
        ({"delivery": {"start": "2026-07-01", "end": "9999-12-31", "periods": 1}}, 422, "value-invalid", None),
        (with_terms(bid_security={"amount": "1.00", "currency": "USD"}), 422, "currencies-differ", None),
    ):
        body = {**same_day.content_body(), **terms, "plan": plan["id"]}
        same_day.refused(await same_day.send("POST", "/v1/tenders", same_day.officer, body), status, code, rule)
    # From 2026-07-01 to 2026-09-30 are three months; 45 more make exactly four years, 46 more than that. An exception
    # can be granted from this cap, so that a draft may be above it.
    beyond = await same_day.draft(**with_terms(options=[{**option, "months": 46}]))
    response = await same_day.send("POST", f"/v1/tenders/{beyond['id']}/publication", same_day.head)
    same_day.refused(response, 409, "contract-term-cap", "contract-term.cap")
    within = await same_day.draft(**with_terms(options=[{**option, "months": 45}]))
    assert (await same_day.ask_publication(within))["status"] == "funding-requested"


async def test_the_buyer_signs_when_the_security_was_received(parties: Any) -> None:
    path = await parties.signed(**TERMS)
    response = await parties.send("POST", f"{path}/buyer-signature", parties.head)
    parties.refused(response, 409, "performance-security-missing", "performance-security-cap")
    body = {"amount": eur("100000.00"), "kind": "bank-guarantee", "received_on": "2026-04-04"}
    for changes, status, code, rule in (
        ({"amount": eur("99999.99")}, 409, "security-too-small", None),
        ({"amount": eur("100000.01")}, 409, "performance-security-above-cap", "performance-security-cap"),
        ({"kind": "cash"}, 409, "security-kind-not-permitted", "performance-security-kinds"),
        ({"received_on": "2026-04-05"}, 422, "date-in-future", None),
    ):
        response = await parties.send("POST", f"{path}/security", parties.officer, body | changes)
        parties.refused(response, status, code, rule)
    await parties.done("POST", f"{path}/security", parties.officer, body)
    parties.refused(
        await parties.send("POST", f"{path}/security", parties.officer, body), 409, "security-already-received"
    )
    signed = await parties.done("POST", f"{path}/buyer-signature", parties.head)
    assert (signed["status"], signed["security"]["kind"]) == ("active", "bank-guarantee")
    back = {"returned_on": "2026-04-04"}
    parties.refused(
        await parties.send("POST", f"{path}/security/return", parties.officer, back), 409, "security-still-needed"
    )


async def test_the_supplier_has_its_security_back_when_its_award_was_taken_back(parties: Any) -> None:
    path = await parties.signed(**TERMS)
    body = {"amount": eur("100000.00"), "kind": "insurance", "received_on": "2026-04-04"}
    await parties.done("POST", f"{path}/security", parties.officer, body)
    back = {"returned_on": "2026-04-04"}
    refused_ = await parties.send("POST", f"{path}/security/return", parties.officer, back)
    parties.refused(refused_, 409, "security-still-needed")
    contract = await parties.shown(path)
    award = f"/v1/tenders/{contract['tender']}/lots/lot-1/award"
    await parties.done("POST", f"{award}/cancellation", parties.head, {"reason": "The winner withdrew."})
    shown = await parties.shown(path)
    assert (shown["status"], shown["signature_due"], shown["annulled_because"]) == (
        "annulled",
        None,
        "The winner withdrew.",
    )
    event = await last(parties, "contract.annulled.v1")
    assert (event["contract"], event["award"], event["supplier"]["id"]) == (contract["id"], contract["award"], "birch")
    # Nobody waits for a signature any more, but for the security, ten working days after Saturday the 4th of April.
    due = datetime(2026, 4, 18, tzinfo=UTC)
    for at, waiting in ((due - MICROSECOND, []), (due, ["the return of the performance security"])):
        parties.service.clock.set(at)
        overdue = await parties.shown("/v1/overdue", parties.officer)
        assert [item["waiting_for"] for item in overdue if item["id"] == contract["id"]] == waiting
    assert (await parties.done("POST", f"{path}/security/return", parties.officer, back))["security"] == {
        **body,
        **back,
    }
    assert contract["id"] not in {item["id"] for item in await parties.shown("/v1/overdue", parties.officer)}


async def test_an_option_is_exercised_by_two_persons_before_its_day(parties: Any) -> None:
    path = await parties.signed(**TERMS)
    body = {"amount": eur("100000.00"), "kind": "insurance", "received_on": "2026-04-04"}
    await parties.done("POST", f"{path}/security", parties.officer, body)
    await parties.done("POST", f"{path}/buyer-signature", parties.head)
    exercise, why = f"{path}/options/year-2/exercise", {"reason": "The service is good."}
    parties.refused(
        await parties.send("POST", f"{path}/options/x/exercise", parties.officer, why), 404, "option-unknown"
    )
    shown = await parties.done("POST", exercise, parties.officer, why)
    # The whole value again, which no cap of changes would allow; the contract foresaw it.
    assert shown["changes"][0]["difference"] == eur("1000000.00")
    assert shown["changes"][0]["milestones"][-1] == {
        "period": "4", "start": "2026-10-01", "end": "2027-09-30", "amount": eur("1000000.00")
    }  # fmt: skip
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    parties.refused(await parties.send("POST", exercise, parties.officer, why), 409, "option-exercised")
    renewed = await in_force(parties, f"{path}/changes/{shown['changes'][0]['id']}")
    assert (renewed["value"], renewed["milestones"][-1]["end"]) == (eur("2000000.00"), "2027-09-30")
    assert (await last(parties, "contract.changed.v1"))["option"] == "year-2"
    # Ten percent of the first value, not of the renewed one, and the renewal does not count.
    response = await parties.send("POST", f"{path}/changes", parties.officer, wish("100000.01"))
    parties.refused(response, 409, "contract-change-cap", "contract-change.cap")
    await parties.done("POST", f"{path}/changes", parties.officer, wish("100000.00"))


async def test_an_option_is_lost_when_its_day_has_come(parties: Any) -> None:
    path = await parties.signed(**with_terms(performance_security=None))
    exercise, why = f"{path}/options/year-2/exercise", {"reason": "The service is good."}
    shown = await parties.done("POST", exercise, parties.officer, why)
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    parties.service.clock.set(parties.service.clock.now().replace(month=9, day=1, hour=0))
    approval = f"{path}/changes/{shown['changes'][0]['id']}/approval"
    parties.refused(await parties.send("POST", approval, parties.head), 409, "option-expired", "contract-term.cap")
    await parties.done("POST", f"{approval.removesuffix('/approval')}/withdrawal", parties.officer, {"reason": "Late."})
    parties.refused(
        await parties.send("POST", exercise, parties.officer, why), 409, "option-expired", "contract-term.cap"
    )


async def test_a_step_is_taken_once_when_it_is_sent_twice_or_at_an_old_version(parties: Any) -> None:
    path = await parties.signed()
    first = await parties.send("POST", f"{path}/changes", parties.officer, wish(), key="once")
    again = await parties.send("POST", f"{path}/changes", parties.officer, wish(), key="once")
    assert (again.json(), again.headers["idempotency-hit"]) == (first.json(), "true")
    end = {"ground": "insolvency", "reason": "Insolvent.", "last_day": "2026-08-31"}
    parties.refused(await parties.send("POST", f"{path}/termination", parties.officer, end, version=3), 412, "stale")
