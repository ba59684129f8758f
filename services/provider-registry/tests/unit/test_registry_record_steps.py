"""What becomes of contracts, replies and published ratings in a provider's record."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from provider_registry.domain.day_totals import TotalChange, total_changes
from provider_registry.domain.rating import RatingTerms, rate
from provider_registry.domain.record import TrackRecord, empty_record
from provider_registry.domain.record_data import Engagement, GradedPeriod
from shared.kernel.errors import NotAllowed, NotFound, RuleReference
from shared.kernel.ids import derived_id
from shared.rules.pack import load_pack

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNTIL = AT + timedelta(days=14)
CONTRACT = derived_id("contract", 1)
RULE = RuleReference("past-performance.reply", "A regulation")
TERMS = RatingTerms.of(load_pack("model"))


def engaged(number: int = 1, category: str = "meals") -> Engagement:
    return Engagement(derived_id("contract", number), f"ocds-{number}", category, "county", AT, "model", "1.0.0")


def graded(period: str = "1", score: str = "80", at: datetime | None = AT, number: int = 1) -> GradedPeriod:
    return GradedPeriod(f"ocds-{number}", derived_id("contract", number), period, Decimal(score), "B", at)


def record(*periods: GradedPeriod) -> TrackRecord:
    state, _ = empty_record("oarsmen").sign(CONTRACT, engaged())
    for period in periods:
        state, _ = state.grade(period)
    return state


def replied(state: TrackRecord, at: datetime = AT, text: str = "It snowed.") -> TrackRecord:
    return state.reply(CONTRACT, "1", text, at=at, until=UNTIL, reference=RULE)[0]


def test_contract_is_counted_as_ended_early_only_when_it_did_not_come_to_its_term() -> None:
    state, (event,) = record().end(CONTRACT, "end-of-term", AT)
    assert (state.engagements[0].ended_at, event.ended_early) == (AT, 0)
    assert state.end(CONTRACT, "supplier-breach", AT) == (state, ())
    _, (early,) = record().end(CONTRACT, "supplier-breach", AT)
    assert early.ended_early == 1


def test_changes_and_suspensions_are_counted_and_those_of_an_unknown_contract_are_not() -> None:
    state, _ = record().change(CONTRACT)
    state, (event,) = state.suspend(CONTRACT)
    assert (state.engagements[0].changes, state.engagements[0].suspensions, event.version) == (1, 1, 3)
    assert state.change(derived_id("contract", 2)) == (state, ())


def test_same_grade_told_later_changes_nothing() -> None:
    state = record(graded())
    assert state.grade(graded(at=AT + timedelta(days=1))) == (state, ())


def test_reply_stands_beside_its_grade_and_not_beside_another_of_the_period() -> None:
    state = replied(record(graded()))
    assert state.reply_to(state.periods[0]) == state.replies[0]
    regraded, _ = state.grade(graded(score="70", at=AT + timedelta(days=1)))
    assert regraded.reply_to(regraded.periods[0]) is None
    assert replied(regraded, text="It did snow.").replies[-1].text == "It did snow."


@pytest.mark.parametrize(
    ("state", "at", "code"),
    [
        (replied(record(graded())), AT, "reply-given"),
        (record(graded()), UNTIL, "reply-too-late"),
    ],
)
def test_reply_is_refused_by_the_rule_when_it_is_the_second_or_too_late(
    state: TrackRecord, at: datetime, code: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        replied(state, at)
    assert (refusal.value.code, refusal.value.reference) == (code, RULE)
    assert refusal.value.satisfied_by


@pytest.mark.parametrize("state", [record(), record(graded(at=None)), record(graded("2"))])
def test_reply_is_refused_when_no_such_period_was_graded(state: TrackRecord) -> None:
    with pytest.raises(NotFound, match="period-unknown"):
        replied(state)


def test_totals_follow_the_grades_of_each_category_and_day() -> None:
    before, day = record(graded("1", "80"), graded("2", "60")), date(2026, 3, 2)
    assert total_changes(empty_record("oarsmen"), before) == (TotalChange("meals", day, 2, Decimal(140)),)
    regraded, _ = before.grade(graded("2", "70", AT + timedelta(days=1)))
    assert total_changes(before, regraded) == (
        TotalChange("meals", day, -1, Decimal(-60)),
        TotalChange("meals", day + timedelta(days=1), 1, Decimal(70)),
    )
    assert total_changes(before, before) == ()


def test_totals_count_a_grade_when_the_category_of_its_contract_becomes_known() -> None:
    before, _ = record().grade(graded("1", "90", number=2))
    after, _ = before.sign(derived_id("contract", 2), engaged(2, "care"))
    assert total_changes(record(), before) == ()
    assert total_changes(before, after) == (TotalChange("care", date(2026, 3, 2), 1, Decimal(90)),)


def test_rating_is_published_only_when_it_is_another() -> None:
    state = record(graded("1"), graded("2"), graded("3"))
    rating = rate("meals", state.observations("meals"), [], TERMS, date(2026, 3, 2))
    published, (event,) = state.publish(rating, "model", "1.0.0")
    assert (event.version, event.observations, event.score, event.level) == (5, 3, Decimal("80.00"), "satisfactory")
    assert published.publish(rating, "model", "1.0.0") == (published, ())
    nothing = rate("care", (), [], TERMS, date(2026, 3, 2))
    assert published.publish(nothing, "model", "1.0.0") == (published, ())
