"""A tender until it is published, and its cancellation."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.endings import cancel
from tender.domain.parts import AwardCriterion, Delivery, Lot, Status
from tender.domain.plan import Plan
from tender.domain.plan_events import BudgetShare
from tender.domain.tender import Content, Tender, check_content

EUR = "EUR"


def weighing(content: Content, price: str, quality: str) -> Content:
    criteria = tuple(
        replace(item, weight=Decimal(weight)) for item, weight in zip(content.criteria, (price, quality), strict=True)
    )
    return replace(content, criteria=criteria)


def with_rule_off(rule: str) -> RulePack:
    document = pack_document("model")
    document["rules"][rule]["value"] = False
    return read_pack(document)


@pytest.mark.parametrize(("price", "quality"), [("30", "70"), ("10", "90"), ("60", "40"), ("33.333333", "66.666667")])
def test_content_is_admitted_when_weights_are_exactly_a_hundred(
    content: Content, pack: RulePack, price: str, quality: str
) -> None:
    check_content(weighing(content, price, quality), pack)


@pytest.mark.parametrize(
    ("price", "quality", "code"),
    [
        ("30", "69", "weights-total-wrong"),
        ("30", "71", "weights-total-wrong"),
        ("30", "70.01", "weights-total-wrong"),
        ("30", "69.999999", "weights-total-wrong"),
        ("9.999999", "90.000001", "price-weight-out-of-bounds"),
        ("60.000001", "39.999999", "price-weight-out-of-bounds"),
    ],
)
def test_content_is_refused_by_its_rule_when_weights_are_wrong(
    content: Content, pack: RulePack, price: str, quality: str, code: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_content(weighing(content, price, quality), pack)
    assert refusal.value.code == code
    assert refusal.value.reference is not None
    assert refusal.value.reference.source == "Coxswain model pack"


def taking(plan: Plan, value: Money) -> BudgetShare:
    return BudgetShare(plan.budget_line, value)


def lot(name: str, minor: int, currency: str = EUR) -> Lot:
    return Lot(name, "A part", Money(minor, currency))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lots": ()}, "lots-missing"),
        ({"lots": (lot("a", 62_500_000), lot("a", 62_500_000))}, "lot-repeated"),
        ({"lots": (lot("a", 124_999_999),)}, "lots-differ-from-value"),
        ({"lots": (lot("a", 125_000_000), lot("b", 1))}, "lots-differ-from-value"),
        ({"lots": (lot("a", 125_000_000, "USD"),)}, "currencies-differ"),
        ({"delivery": Delivery(date(2026, 7, 2), date(2026, 7, 1), 1)}, "delivery-reversed"),
        ({"delivery": Delivery(date(2026, 7, 1), date(2026, 7, 2), 3)}, "delivery-too-short"),
        ({"criteria": (AwardCriterion("price", "Price", "price", Decimal(0)),)}, "weight-not-positive"),
    ],
)
def test_content_makes_no_sense_when_a_part_of_it_is_wrong(
    content: Content, pack: RulePack, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_content(replace(content, **changes), pack)
    assert refusal.value.code == code


@pytest.mark.parametrize("value", [Money(125_000_001, EUR), Money(1, "USD")])
def test_tender_is_refused_when_it_goes_beyond_its_plan(
    plan: Plan, content: Content, pack: RulePack, value: Money
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        plan.hold([taking(plan, value)], pack)
    assert refusal.value.code == "tender-above-plan"
    assert refusal.value.reference == pack.reference("tender-from-plan")


def test_tender_may_be_below_or_at_its_plan_when_it_is_drafted(plan: Plan, content: Content, pack: RulePack) -> None:
    plan.hold([taking(plan, content.value)], pack)
    plan.hold([taking(plan, Money(1, EUR))], pack)


def test_plan_does_not_bind_when_the_pack_switches_the_rule_off(plan: Plan, content: Content) -> None:
    plan.hold([taking(plan, Money(125_000_001, EUR))], with_rule_off("tender-from-plan"))


def test_whoever_wrote_any_of_it_cannot_publish_when_the_pack_asks_for_a_second_person(
    draft: Tender, plan: Plan, content: Content, pack: RulePack, noon: datetime
) -> None:
    # Who wrote earlier is not free to publish because somebody else put a comma right afterwards.
    rewritten = replace(draft, authors=("paula", "olga")).change(content, by="hugo").change(content, by="vera")
    for writer in ("paula", "olga", "hugo", "vera"):
        with pytest.raises(Forbidden, match="second-person-needed") as refusal:
            rewritten.request_funding(by=writer, at=noon, pack=pack)
        assert refusal.value.reference == pack.reference("second-person.publication")
    asked, _ = rewritten.request_funding(by="karl", at=noon, pack=pack)
    assert asked.status is Status.FUNDING_REQUESTED


def test_one_person_is_enough_when_the_pack_switches_the_rule_off(draft: Tender, plan: Plan, noon: datetime) -> None:
    pack = with_rule_off("second-person.publication")
    asked, _ = draft.request_funding(by="olga", at=noon, pack=pack)
    assert asked.status is Status.FUNDING_REQUESTED


def test_budget_is_asked_for_the_value_when_publication_is_requested(
    draft: Tender, plan: Plan, pack: RulePack, noon: datetime
) -> None:
    asked, (event,) = draft.request_funding(by="hugo", at=noon, pack=pack)
    # Two working days after Monday the 2nd: the answer is due at the end of Wednesday the 4th.
    assert asked.due_at == event.answer_due == datetime(2026, 3, 5, tzinfo=UTC)
    assert (event.aggregate, event.version, event.ocid) == (draft.id, 2, draft.ocid)
    assert (event.amount, event.budget_line, event.plan) == (draft.content.value, draft.budget_line, plan.id)


def test_deadline_rolls_to_a_working_day_when_the_twentieth_day_is_a_sunday(
    requested: Tender, pack: RulePack, noon: datetime
) -> None:
    published, (event,) = requested.publish(at=noon, pack=pack)
    # The worked vector: from Monday 2026-03-02, day 20 is Sunday the 22nd, so Monday the 23rd is the last day to bid.
    assert published.closes_at == event.closes_at == datetime(2026, 3, 24, tzinfo=UTC)
    # And one working day more to open: the end of Wednesday the 25th.
    assert published.due_at == datetime(2026, 3, 26, tzinfo=UTC)
    assert (published.status, published.published_at, event.version) == (Status.ACTIVE, noon, 3)


def test_periods_run_faster_when_a_sandbox_procedure_is_accelerated(
    requested: Tender, pack: RulePack, noon: datetime
) -> None:
    published, _ = replace(requested, acceleration=86_400).publish(at=noon, pack=pack)
    # 21.5 days at a second a day.
    assert published.closes_at == datetime(2026, 3, 2, 12, 0, 21, 500_000, tzinfo=UTC)


def test_draft_says_why_when_its_funds_were_refused(
    requested: Tender, plan: Plan, pack: RulePack, noon: datetime
) -> None:
    returned, (event,) = requested.return_to_draft("funds-insufficient", "Not enough is left.")
    assert (returned.status, returned.returned_because, returned.due_at) == (Status.DRAFT, "Not enough is left.", None)
    assert (event.code, event.reason, event.version) == ("funds-insufficient", "Not enough is left.", 3)
    again, _ = returned.request_funding(by="hugo", at=noon, pack=pack)
    assert (again.status, again.returned_because, again.version) == (Status.FUNDING_REQUESTED, None, 4)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.FUNDING_REQUESTED])
def test_budget_answer_changes_nothing_when_no_answer_is_waited_for(
    draft: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    tender = replace(draft, status=status)
    assert tender.publish(at=noon, pack=pack) == (tender, ())
    assert tender.return_to_draft("code", "reason") == (tender, ())


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_only_a_draft_is_changed_or_published_when_asked(
    draft: Tender, plan: Plan, content: Content, pack: RulePack, noon: datetime, status: Status
) -> None:
    tender = replace(draft, status=status)
    with pytest.raises(NotAllowed, match="tender-not-draft"):
        tender.change(content, by="olga")
    with pytest.raises(NotAllowed, match="tender-not-draft"):
        tender.request_funding(by="hugo", at=noon, pack=pack)


@pytest.mark.parametrize("status", list(Status))
def test_procedure_is_cancelled_before_a_contract_only_when_asked(draft: Tender, status: Status) -> None:
    tender = replace(draft, status=status)
    if status in {Status.COMPLETE, Status.UNSUCCESSFUL, Status.CANCELLED}:
        with pytest.raises(NotAllowed, match="tender-not-cancellable"):
            cancel(tender, "Not needed any more.")
    else:
        cancelled, (event,) = cancel(tender, "Not needed any more.")
        assert (cancelled.status, cancelled.due_at) == (Status.CANCELLED, None)
        # What an office says of a draft is its own business.
        said = "It was given up before it was published." if status is Status.DRAFT else "Not needed any more."
        assert (event.reason, event.version) == (said, cancelled.version)


def test_refusal_names_the_state_that_is_needed_when_a_step_comes_too_early(draft: Tender) -> None:
    with pytest.raises(DomainError) as refusal:
        draft.expect(Status.ACTIVE)
    assert refusal.value.code == "tender-not-active"
    assert refusal.value.satisfied_by == (
        "A tender that is active. From draft: request funding (head of the purchasing office), then publish (budget)."
    )
