"""Amendments: what may be changed, by whom, until when, and what the deadline then is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.amendment import (
    Amendment,
    AmendmentStatus,
    NewAmendment,
    changed,
    check_fixed,
    draft_amendment,
    editions,
    publish_amendment,
)
from tender.domain.events import FundsUnneeded, Opened
from tender.domain.opening import open_bids
from tender.domain.parts import AwardCriterion, Delivery, Lot, Status
from tender.domain.tender import Content, Tender

CLOSES = datetime(2026, 3, 24, tzinfo=UTC)
UNTIL = datetime(2026, 3, 19, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def worth(content: Content, value: Money) -> Content:
    return replace(content, value=value, lots=(Lot("lot-1", "All of it", value),))


def drafted(tender: Tender, content: Content, at: datetime, pack: RulePack, closes_at: datetime | None = None) -> Any:
    new = NewAmendment(content, "A slip of the pen.", closes_at)
    funded = Money(125_000_000, "EUR")
    return draft_amendment(tender, new, identifier=UUID(int=60), funded=funded, by="olga", at=at, pack=pack)


def published(tender: Tender, amendment: Amendment, at: datetime, pack: RulePack, by: str = "hugo") -> Any:
    funded = Money(125_000_000, "EUR")
    return publish_amendment(tender, amendment, number=1, funded=funded, by=by, at=at, pack=pack)


def refused(problem: Any, code: str, rule: str | None = None) -> None:
    assert problem.value.code == code
    assert (problem.value.reference.rule if problem.value.reference else None) == rule


@pytest.fixture(scope="session")
def shorter(content: Content) -> Content:
    return replace(content, title="Home care")


def test_only_the_draft_is_there_when_an_amendment_is_drafted(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    amendment = drafted(active, shorter, noon, pack)
    # Two working days after Monday the 2nd.
    assert (amendment.status, amendment.due_at) == (AmendmentStatus.DRAFTED, datetime(2026, 3, 5, tzinfo=UTC))
    assert (amendment.number, amendment.changed, amendment.replaces) == (None, (), None)


def test_content_changes_and_the_deadline_stays_when_it_is_far_enough(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    tender, amendment, (event,) = published(active, drafted(active, shorter, noon, pack), UNTIL - MICROSECOND, pack)
    assert (tender.content, tender.closes_at, tender.questions_until) == (shorter, CLOSES, UNTIL)
    assert (tender.version, event.version) == (active.version + 1, active.version + 1)
    assert (amendment.changed, amendment.replaces, amendment.number) == (("title",), active.content, 1)
    assert (event.title, event.changed, event.old_closes_at) == ("Home care", ("title",), CLOSES)


def test_deadline_and_questions_move_on_when_too_little_time_is_left(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    amendment = drafted(active, shorter, noon, pack)
    tender, _, (event,) = published(active, amendment, CLOSES - MICROSECOND, pack)
    # Told on the 23rd: the deadline's day is the 28th, and questions go on to the end of the 23rd.
    assert tender.closes_at == datetime(2026, 3, 29, tzinfo=UTC)
    assert tender.questions_until == datetime(2026, 3, 24, tzinfo=UTC)
    assert tender.due_at == pack.ends_at("opening", tender.closes_at)
    assert (event.old_closes_at, event.closes_at) == (CLOSES, tender.closes_at)
    assert event.changed == ("title", "closes_at")


def test_deadline_is_the_named_one_when_that_is_late_enough(
    active: Tender, content: Content, noon: datetime, pack: RulePack
) -> None:
    later = datetime(2026, 4, 2, 12, tzinfo=UTC)
    tender, amendment, _ = published(active, drafted(active, content, noon, pack, later), noon, pack)
    assert (tender.closes_at, amendment.changed) == (later, ("closes_at",))
    assert tender.questions_until == datetime(2026, 3, 29, tzinfo=UTC)


@pytest.mark.parametrize("named", [CLOSES - MICROSECOND, datetime(2026, 3, 1, tzinfo=UTC)])
def test_amendment_is_refused_when_it_names_an_earlier_deadline(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack, named: datetime
) -> None:
    with pytest.raises(NotAllowed) as problem:
        drafted(active, shorter, noon, pack, named)
    refused(problem, "amendment-deadline-too-early", "clarification")


def test_publication_is_refused_when_the_named_deadline_has_come_too_near(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    amendment = drafted(active, shorter, noon, pack, CLOSES)
    published(active, amendment, UNTIL - MICROSECOND, pack)
    with pytest.raises(NotAllowed) as problem:
        published(active, amendment, UNTIL, pack)
    refused(problem, "amendment-deadline-too-early", "clarification")


def test_amendment_makes_no_sense_when_the_deadline_is_years_away_or_nothing_changes(
    active: Tender, shorter: Content, content: Content, noon: datetime, pack: RulePack
) -> None:
    drafted(active, shorter, noon, pack, noon + timedelta(days=366))
    with pytest.raises(Invalid, match="deadline-too-far"):
        drafted(active, shorter, noon, pack, noon + timedelta(days=366) + MICROSECOND)
    for named in (None, CLOSES):
        with pytest.raises(Invalid, match="amendment-empty"):
            drafted(active, content, noon, pack, named)


@pytest.mark.parametrize("value", [Money(125_000_001, "EUR"), Money(1, "USD")])
def test_amendment_is_refused_when_it_costs_more_than_was_funded(
    active: Tender, content: Content, noon: datetime, pack: RulePack, value: Money
) -> None:
    with pytest.raises(NotAllowed) as problem:
        drafted(active, worth(content, value), noon, pack)
    refused(problem, "amendment-above-funds", "funds-reserved-before-publication")


def test_amendment_is_held_to_the_pack_when_its_content_breaks_a_rule(
    active: Tender, content: Content, noon: datetime, pack: RulePack
) -> None:
    heavier = (
        AwardCriterion("price", "Price", "price", Decimal(30)),
        AwardCriterion("quality", "Quality", "quality", Decimal(71)),
    )
    with pytest.raises(NotAllowed) as problem:
        drafted(active, replace(content, criteria=heavier), noon, pack)
    refused(problem, "weights-total-wrong", "weights-total")
    with pytest.raises(Invalid, match="lots-differ-from-value"):
        drafted(active, replace(content, value=Money(1, "EUR")), noon, pack)


def test_publication_takes_a_second_person_when_the_pack_asks_for_one(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    with pytest.raises(Forbidden) as problem:
        published(active, drafted(active, shorter, noon, pack), noon, pack, by="olga")
    refused(problem, "second-person-needed", "second-person.publication")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_amendment_is_refused_when_the_tender_is_not_active(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack, status: Status
) -> None:
    amendment = drafted(active, shorter, noon, pack)
    elsewhere = replace(active, status=status)
    for act in (lambda: drafted(elsewhere, shorter, noon, pack), lambda: published(elsewhere, amendment, noon, pack)):
        with pytest.raises(NotAllowed, match="tender-not-active"):
            act()


def test_amendment_is_refused_from_the_deadline_on_when_no_question_keeps_bidding_open(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack
) -> None:
    amendment = drafted(active, shorter, noon, pack)
    with pytest.raises(NotAllowed) as problem:
        published(active, amendment, CLOSES, pack)
    refused(problem, "bidding-ended", "bid-deadline")
    tender, _, _ = published(replace(active, unanswered=1), amendment, CLOSES, pack)
    assert tender.closes_at == datetime(2026, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", [AmendmentStatus.PUBLISHED, AmendmentStatus.SUPERSEDED])
def test_amendment_is_not_published_again_when_it_is_done_with(
    active: Tender, shorter: Content, noon: datetime, pack: RulePack, status: AmendmentStatus
) -> None:
    amendment = replace(drafted(active, shorter, noon, pack), status=status)
    for act in (lambda: published(active, amendment, noon, pack), amendment.supersede):
        with pytest.raises(DomainError, match="amendment-not-drafted"):
            act()


@pytest.mark.parametrize("names", [("procurement",), ("title", "procurement")])
def test_amendment_is_refused_when_it_changes_the_method(names: tuple[str, ...]) -> None:
    check_fixed(("title", "value", "closes_at"))
    with pytest.raises(NotAllowed) as problem:
        check_fixed(names)
    refused(problem, "amendment-of-method")


def test_every_changed_field_is_named_when_contents_differ(content: Content) -> None:
    assert changed(content, content) == ()
    other = Content(
        title="Another",
        description="Another",
        value=Money(1, "EUR"),
        lots=(Lot("lot-1", "All of it", Money(1, "EUR")),),
        criteria=content.criteria[:1],
        delivery=Delivery(date(2026, 7, 1), date(2026, 9, 30), 1),
    )
    assert changed(content, other) == ("title", "description", "value", "lots", "criteria", "delivery")


def test_every_content_stays_readable_when_a_tender_is_amended_twice(
    active: Tender, shorter: Content, content: Content, noon: datetime, pack: RulePack
) -> None:
    cheaper = worth(shorter, Money(100_000_000, "EUR"))
    tender, first, _ = published(active, drafted(active, shorter, noon, pack), noon, pack)
    tender, second, _ = published(tender, drafted(tender, cheaper, noon, pack), CLOSES - MICROSECOND, pack)
    found = editions(tender, (first, second))
    assert [(edition.number, edition.content) for edition in found] == [(1, content), (2, shorter), (3, cheaper)]
    moved = datetime(2026, 3, 29, tzinfo=UTC)
    assert [edition.closes_at for edition in found] == [CLOSES, CLOSES, moved]
    assert [edition.published_at for edition in found] == [noon, noon, CLOSES - MICROSECOND]
    assert [edition.amendment for edition in found] == [None, first.id, second.id]
    assert editions(active, ())[0].content == content
    assert editions(replace(active, published_at=None), ()) == ()


@pytest.mark.parametrize(("minor", "unneeded"), [(100_000, 124_900_000), (124_999_999, 1), (125_000_000, None)])
def test_opening_tells_what_of_the_funds_a_lower_value_does_not_need(
    active: Tender, content: Content, noon: datetime, pack: RulePack, minor: int, unneeded: int | None
) -> None:
    assert active.funded == Money(125_000_000, "EUR")
    lower = replace(worth(content, Money(minor, "EUR")), title="Home care")
    tender, _, _ = published(active, drafted(active, lower, noon, pack), noon, pack)
    opened, events = open_bids(tender, (), at=tender.closes_at, pack=pack)
    told = [(event.version, event.amount.minor) for event in events if isinstance(event, FundsUnneeded)]
    assert told == ([(opened.version, unneeded)] if unneeded else [])
    # What was kept before tenders named their funds tells nothing.
    _, (event,) = open_bids(replace(tender, funded=None), (), at=tender.closes_at, pack=pack)
    assert isinstance(event, Opened)
