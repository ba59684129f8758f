"""Journey: a provider is debarred by another body, keeps what it is owed, and may bid again when the time is over."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts.inspection import PeriodGraded
from shared.testing.course import (
    BRITAIN,
    OFFICER,
    appropriate,
    balances,
    bid,
    clerk,
    content,
    in_force,
    opened,
    published,
    register,
    submitted,
    tender_path,
)
from shared.testing.registration import (
    COURT,
    REPORTER,
    REVIEW,
    SERVICE,
    against,
    eligibility_told,
    let_time_act,
    named_in_events,
    notify,
    shown,
)
from shared.testing.town import Town, ask, done, flow, instant, refusal, seen

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93"), "alder": ("1800000.00", "78")}}
WITNESS = "Wilhelmina Ostrander"
REPORT: dict[str, Any] = {
    "pack": "uk-2023",
    "kind": "debarment",
    "ground": "competition-infringement",
    "scopes": ["tenders", "orders"],
    "facts": f"{WITNESS} saw how prices were agreed on.",
    "evidence": ["b" * 64],
    "event_day": "2026-03-01",
}
DEBARRED = ("exclusion.debarred", "Procurement Act 2023, ss. 57, 62")
BODY = {"lot": "all", "scheme": "access/v1", "financial": "e30="}


async def decided(town: Town, case: str) -> Any:
    """Let the provider be heard, and another body decide for a year and a day."""
    decision = {"upheld": True, "reasons": f"{WITNESS} is believed.", "last_day": "2027-09-30"}
    early = await refusal(town, COURT, f"{case}/decision", decision, service=SERVICE)
    assert early[:3] == (409, "reply-period-open", "case.reply-heard")
    reply = {"statement": f"{WITNESS} is mistaken."}
    await done(town, clerk("birch"), f"{case}/reply", reply, service=SERVICE)
    same_body = replace(COURT, organisation=REPORTER.organisation)
    own = await refusal(town, same_body, f"{case}/decision", decision, service=SERVICE)
    assert own[:2] == (403, "another-body-needed")
    return await done(town, COURT, f"{case}/decision", decision, service=SERVICE)


async def test_debarred_provider_is_paid_and_bids_again_after_the_last_day(town: Town) -> None:
    line = await appropriate(town, BRITAIN, "9000000.00")
    first, contract = await in_force(town, BRITAIN, line, LOTS, OFFERS)
    later = {"start": "2027-12-01", "end": "2028-02-29", "periods": 3}
    tender = await published(town, BRITAIN, line, content(BRITAIN, LOTS, delivery=later))
    bids = tender_path(tender, "/bids")

    case = await notify(town, "birch", REPORT)
    decision = await decided(town, case)
    # Eight working days pass before it counts.
    assert decision["status"] == "decided"
    in_force_from, until = instant(decision["in_force_from"]), instant(decision["until"])
    assert town.clock.now() + timedelta(days=8) < in_force_from < instant(tender["closes_at"])
    await flow(town)
    await bid(town, BRITAIN, tender, "all", "birch", "1900000.00")

    town.clock.set(in_force_from)
    await let_time_act(town)
    assert (await shown(town, "birch", "/eligibility?pack=uk-2023&for=payments"))["eligible"]
    assert await refusal(town, clerk("birch"), bids, BODY) == (409, "bidder-not-eligible", *DEBARRED)
    problem = (await ask(town, clerk("birch"), bids, BODY)).json()
    assert problem["satisfied_by"] == "Its end at 2027-09-30T23:00:00Z."

    # What it has contracted for goes on, and what it delivers is owed.
    graded = PeriodGraded(
        ocid=first["ocid"],
        contract=UUID(contract["id"]),
        period="1",
        provider="birch",
        score=Decimal(95),
        grade="A",
        derivation=(),
    )
    await town.services["budget"].deliver("evaluation", graded)
    assert (await balances(town, line))["accrued"] == contract["milestones"][0]["amount"]["amount"]

    # An appeal goes to yet another body, and what was decided holds meanwhile.
    await done(town, clerk("birch"), f"{case}/appeal", {"grounds": "The witness was not there."}, service=SERVICE)
    verdict = {"upheld": False, "reasons": "She was."}
    again = await refusal(town, COURT, f"{case}/appeal/decision", verdict, service=SERVICE)
    assert again[:2] == (403, "another-body-needed")
    await done(town, REVIEW, f"{case}/appeal/decision", verdict, service=SERVICE)
    await opened(town, tender)
    (received,) = await seen(town, bids)
    assert (received["valid"], received["rule"]) == (False, dict(zip(("rule", "source"), DEBARRED, strict=True)))

    town.clock.set(until - timedelta(days=60))
    last = await published(town, BRITAIN, line, content(BRITAIN, LOTS, delivery=later))
    town.clock.set(until - timedelta(microseconds=1))
    await let_time_act(town)
    last_bids = tender_path(last, "/bids")
    assert await refusal(town, clerk("birch"), last_bids, BODY) == (409, "bidder-not-eligible", *DEBARRED)
    town.clock.set(until)
    await let_time_act(town)
    await bid(town, BRITAIN, last, "all", "birch", "1900000.00")
    assert not any(verdict == "fail" for _, verdict in await against(town, "birch", "uk-2023", "tenders"))
    told = [event.type for event in await town.services[SERVICE].published() if ".case-" in event.type]
    steps = ("notified", "replied", "decided", "in-force", "appealed", "appeal-decided", "ended")
    assert told == [f"provider.case-{step}.v1" for step in steps]
    assert [able for _, able in await eligibility_told(town, "birch", "uk-2023", "payments")] == [True]
    assert await named_in_events(town, WITNESS, "birch-clerk", '"sven"', '"carl"', '"rita"') == []


async def test_bid_falls_by_what_held_at_the_deadline_when_the_clock_slept_and_an_appeal_was_won_since(
    town: Town,
) -> None:
    line = await appropriate(town, BRITAIN, "4000000.00")
    await register(town, *OFFERS["all"])
    tender = await published(town, BRITAIN, line, content(BRITAIN, LOTS))
    case = await notify(town, "birch", REPORT)
    in_force_from = (await decided(town, case))["in_force_from"]
    await submitted(town, BRITAIN, tender, OFFERS)

    # Nothing acts at the end of the standstill, nor at the deadline.
    closes_at = instant(tender["closes_at"])
    assert instant(in_force_from) < closes_at
    won_at = closes_at + timedelta(hours=1)
    town.clock.set(won_at)
    await done(town, clerk("birch"), f"{case}/appeal", {"grounds": "It was not so."}, service=SERVICE)
    await done(town, REVIEW, f"{case}/appeal/decision", {"upheld": True, "reasons": "So it is."}, service=SERVICE)
    await flow(town)
    answers = [
        (event.data["changed_at"], any(one["code"] == "debarred" for one in answer["exclusions"]))
        for event in await town.services[SERVICE].published()
        if event.type == "provider.eligibility-changed.v1" and event.data["provider"] == "birch"
        for answer in event.data["answers"]
        if (answer["pack"], answer["purpose"]) == ("uk-2023", "tenders")
    ]
    assert [(instant(at), debarred) for at, debarred in answers[-2:]] == [
        (instant(in_force_from), True),
        (won_at, False),
    ]
    await done(town, OFFICER, tender_path(tender, "/opening"))
    bids = await seen(town, tender_path(tender, "/bids"))
    assert {one["bidder"]["id"]: one["valid"] for one in bids} == {"alder": True, "birch": False, "cedar": True}
    await let_time_act(town)
    assert ("debarred", "fail") not in await against(town, "birch", "uk-2023", "tenders")
