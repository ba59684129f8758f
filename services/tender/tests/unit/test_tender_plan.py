"""The life of a plan, and what its tenders may take of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Forbidden, Invalid, NotAllowed, RuleReference
from shared.kernel.lifecycle import Lifecycle
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from tender.domain.catalogue import Service
from tender.domain.parts import Party
from tender.domain.plan import LIFECYCLE, Demand, Plan, PlanStatus, Terms, follow_method, make_plan
from tender.domain.plan_events import BudgetShare, Expected, PlanCancelled, PlanChanged, PlanCompleted
from tender.domain.procurement import Procurement

CLUBS, CITY = Service("youth.clubs", "Youth clubs"), Party("city", "City")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MODEL = load_pack("model")
FIRST, SECOND = UUID(int=11), UUID(int=12)
SOURCE = RuleReference("catalogue.youth.clubs", "Act on clubs")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def shares(*minors: int) -> tuple[BudgetShare, ...]:
    return tuple(BudgetShare(line, eur(minor)) for line, minor in zip((FIRST, SECOND), minors, strict=False))


def terms(*minors: int, **changes: Any) -> Terms:
    return replace(Terms("Clubs", eur(sum(minors)), shares(*minors)), **changes)


def drafted(*minors: int, pack: RulePack = MODEL, **of: Any) -> Plan:
    return make_plan(
        identifier=UUID(int=1),
        buyer=CITY,
        service=CLUBS,
        terms=terms(*minors),
        at=NOON,
        pack=pack,
        authors=("olga",),
        **of,
    )


def scheduled(*minors: int) -> Plan:
    plan, _ = drafted(*minors).schedule(at=NOON, source=SOURCE)
    return plan


def test_plan_and_its_event_say_the_same_when_a_need_is_made_public() -> None:
    plan, (event,) = drafted(60, 40).schedule(at=NOON, source=SOURCE)
    assert (plan.status, plan.version, plan.scheduled_at) == (PlanStatus.SCHEDULED, 2, NOON)
    assert (event.aggregate, event.version, event.estimate, event.breakdown) == (plan.id, 2, eur(100), shares(60, 40))
    assert (event.budget_line, event.method, event.pack) == (FIRST, "open", "model")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"estimate": eur(0)}, "estimate-not-positive"),
        ({"estimate": eur(-1)}, "estimate-not-positive"),
        ({"breakdown": ()}, "breakdown-missing"),
        ({"breakdown": shares(99)}, "breakdown-differs-from-estimate"),
        ({"breakdown": shares(101, -1)}, "breakdown-differs-from-estimate"),
        ({"breakdown": (BudgetShare(FIRST, Money(100, "USD")),)}, "breakdown-differs-from-estimate"),
        ({"breakdown": (*shares(60), *shares(40))}, "budget-line-repeated"),
        ({"expected": Expected(date(2026, 7, 2), date(2026, 7, 1), None)}, "expected-dates-reversed"),
        ({"expected": Expected(date(2026, 7, 2), None, date(2026, 7, 1))}, "expected-dates-reversed"),
    ],
)
def test_need_makes_no_sense_when_its_parts_contradict_each_other(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        make_plan(identifier=UUID(int=1), buyer=CITY, service=CLUBS, terms=terms(100, **changes), at=NOON, pack=MODEL)


def test_need_is_refused_when_its_currency_is_not_the_packs() -> None:
    with pytest.raises(NotAllowed) as refusal:
        drafted(100, pack=load_pack("cn-services"))
    assert (refusal.value.code, refusal.value.satisfied_by) == ("currency-differs-from-pack", "An estimate in CNY.")


@pytest.mark.parametrize("name", ["model", "cn-services"])
def test_demand_is_refused_when_its_author_reviews_it(name: str) -> None:
    pack = load_pack(name)
    demand = Demand(written_by="experts", reviewed_by="experts")
    currency = pack.currency or "EUR"
    asked = Terms("Clubs", Money(1, currency), (BudgetShare(FIRST, Money(1, currency)),), demand=demand)
    with pytest.raises(NotAllowed) as refusal:
        make_plan(identifier=UUID(int=1), buyer=CITY, service=CLUBS, terms=asked, at=NOON, pack=pack)
    assert refusal.value.code == "demand-reviewed-by-its-author"
    assert refusal.value.reference == pack.reference("incompatible.demand-author")


def test_plan_is_scheduled_only_after_a_second_person_approved_when_the_service_asks_for_it() -> None:
    plan = drafted(100, approval_needed=True, due_at=NOON)
    with pytest.raises(NotAllowed) as refusal:
        plan.schedule(at=NOON, source=SOURCE)
    assert (refusal.value.code, refusal.value.reference) == ("plan-not-approved", SOURCE)
    with pytest.raises(Forbidden, match="second-person-needed"):
        plan.approve(by="olga", source=SOURCE)
    approved = plan.approve(by="hugo", source=SOURCE)
    assert (plan.waiting_for, approved.waiting_for) == ("its approval", None)
    with pytest.raises(NotAllowed, match="approval-not-needed"):
        approved.approve(by="hedda", source=SOURCE)
    # What was approved is not what the plan says after a change.
    changed, events = approved.change(terms(200), by="olga", at=NOON, reason=None, taken=(), pack=MODEL)
    assert (changed.approved, changed.waiting_for, events) == (False, "its approval", ())
    assert approved.schedule(at=NOON, source=SOURCE)[0].status is PlanStatus.SCHEDULED
    # Nor does anybody approve what they wrote before another wrote on.
    rewritten, _ = changed.change(terms(300), by="hedda", at=NOON, reason=None, taken=(), pack=MODEL)
    for writer in ("olga", "hedda"):
        with pytest.raises(Forbidden, match="second-person-needed"):
            rewritten.approve(by=writer, source=SOURCE)
    assert rewritten.approve(by="hugo", source=SOURCE).approved


def test_public_plan_says_no_more_than_was_approved_when_it_is_changed() -> None:
    plan = drafted(100, approval_needed=True).approve(by="hugo", source=SOURCE)
    public, _ = plan.schedule(at=NOON, source=SOURCE)
    for more in (terms(101), replace(terms(100), method="single-source")):
        with pytest.raises(NotAllowed) as refusal:
            public.change(more, by="olga", at=NOON, reason="More is needed.", taken=(), pack=MODEL)
        assert refusal.value.code == "plan-not-approved"
        assert refusal.value.reference == MODEL.reference("plan-approval")
    less, _ = public.change(terms(90), by="olga", at=NOON, reason="Less is needed.", taken=(), pack=MODEL)
    assert less.approved
    free, _ = drafted(100).schedule(at=NOON, source=SOURCE)
    assert free.change(terms(101), by="olga", at=NOON, reason="More.", taken=(), pack=MODEL)[0].estimate.minor > 0


def test_history_keeps_what_was_said_when_a_public_plan_is_changed() -> None:
    plan = scheduled(100)
    with pytest.raises(Invalid, match="reason-missing"):
        plan.change(terms(200), by="olga", at=NOON, reason=None, taken=(), pack=MODEL)
    changed, (event,) = plan.change(terms(150, 50), by="oskar", at=NOON, reason="More clubs", taken=(), pack=MODEL)
    assert isinstance(event, PlanChanged)
    assert (event.version, event.estimate, event.reason) == (3, eur(200), "More clubs")
    (revision,) = changed.history
    assert (revision.version, revision.estimate, revision.reason) == (2, eur(100), "More clubs")
    again, _ = changed.change(terms(300), by="oskar", at=NOON, reason="Still more", taken=(), pack=MODEL)
    assert [item.estimate for item in again.history] == [eur(100), eur(200)]


def test_plan_does_not_shrink_below_its_tenders_when_it_is_changed() -> None:
    plan = scheduled(100)
    taken = [BudgetShare(FIRST, eur(70))]
    assert plan.change(terms(70), by="olga", at=NOON, reason="Less", taken=taken, pack=MODEL)[0].estimate == eur(70)
    for asked in (terms(69), replace(terms(100), breakdown=(BudgetShare(SECOND, eur(100)),)), terms(69, 31)):
        with pytest.raises(NotAllowed) as refusal:
            plan.change(asked, by="olga", at=NOON, reason="Less", taken=taken, pack=MODEL)
        assert (refusal.value.code, refusal.value.reference) == (
            "estimate-below-tenders",
            MODEL.reference("tender-from-plan"),
        )


def test_plan_ends_only_when_none_of_its_tenders_is_open() -> None:
    plan = scheduled(100)
    for end in (
        lambda: plan.complete(at=NOON, taken=(), unfinished=1),
        lambda: plan.cancel(at=NOON, reason="Gone", unfinished=1),
    ):
        with pytest.raises(NotAllowed, match="plan-has-open-tenders"):
            end()
    completed, (told,) = plan.complete(at=NOON, taken=[BudgetShare(FIRST, eur(70))], unfinished=0)
    assert (completed.status, told) == (
        PlanStatus.COMPLETE,
        PlanCompleted(aggregate=plan.id, version=3, completed_at=NOON, tendered=eur(70)),
    )
    cancelled, (ended,) = plan.cancel(at=NOON, reason="Gone", unfinished=0)
    assert (cancelled.status, ended) == (
        PlanStatus.CANCELLED,
        PlanCancelled(aggregate=plan.id, version=3, cancelled_at=NOON, reason="Gone"),
    )
    # Nobody outside heard of a draft.
    assert drafted(100).cancel(at=NOON, reason="Gone", unfinished=0)[1] == ()


@pytest.mark.parametrize("status", [PlanStatus.COMPLETE, PlanStatus.CANCELLED])
def test_nothing_becomes_of_a_plan_when_it_has_ended(status: PlanStatus) -> None:
    plan = replace(scheduled(100), status=status)
    assert isinstance(LIFECYCLE, Lifecycle)
    assert LIFECYCLE.final == {"complete", "cancelled"}
    steps = [
        lambda: plan.approve(by="hugo", source=SOURCE),
        lambda: plan.schedule(at=NOON, source=SOURCE),
        lambda: plan.change(terms(1), by="olga", at=NOON, reason="R", taken=(), pack=MODEL),
        lambda: plan.complete(at=NOON, taken=(), unfinished=0),
        lambda: plan.cancel(at=NOON, reason="R", unfinished=0),
    ]
    for step in steps:
        with pytest.raises(NotAllowed, match="plan-not-"):
            step()


def test_other_method_needs_a_reason_when_the_plan_says_one() -> None:
    plan = scheduled(100)
    follow_method(plan, Procurement(), MODEL)
    follow_method(plan, Procurement(method="invited", rationale="Few providers."), MODEL)
    with pytest.raises(NotAllowed) as refusal:
        follow_method(plan, Procurement(method="invited"), MODEL)
    assert refusal.value.code == "method-not-as-planned"


@given(
    planned=st.tuples(st.integers(1, 1000), st.integers(1, 1000)),
    asked=st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 600)), max_size=12),
)
def test_tenders_never_take_more_than_planned_when_each_is_held_to_the_plan(
    planned: tuple[int, int], asked: Sequence[tuple[int, int]]
) -> None:
    plan, taken = scheduled(*planned), []
    for line, minor in asked:
        share = BudgetShare((FIRST, SECOND)[line], eur(minor))
        fits = sum(item.amount.minor for item in taken if item.line == share.line) + minor <= planned[line]
        if fits:
            plan.hold([*taken, share], MODEL)
            taken.append(share)
        else:
            with pytest.raises(NotAllowed, match="tender-above-plan"):
                plan.hold([*taken, share], MODEL)
    assert sum(item.amount.minor for item in taken) <= sum(planned)


def test_tender_is_above_the_plan_when_its_line_or_its_currency_is_another() -> None:
    plan = scheduled(100)
    for share in (BudgetShare(SECOND, eur(1)), BudgetShare(FIRST, Money(1, "USD"))):
        with pytest.raises(NotAllowed, match="tender-above-plan"):
            plan.hold([share], MODEL)
