"""When questions end, how far the deadline moves, and what it waits for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.pack import RulePack, load_pack
from tender.domain.deadline import bidding_ended, earliest_deadline, moved_on, questions_until

MODEL, CHINA = load_pack("model"), load_pack("cn-services")
PACKS = st.sampled_from([load_pack(name) for name in ("model", "cn-services", "eu-light", "uk-2023")])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
MICROSECOND = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pack", "closes_at", "until"),
    [
        # rules.md 13: at least 15 days before the deadline of 2026-03-23 is 2026-03-08 at the latest; in Shanghai.
        (CHINA, "2026-03-23T16:00", "2026-03-08T16:00"),
        # Five days before the 23rd is the 18th.
        (MODEL, "2026-03-24T00:00", "2026-03-19T00:00"),
        # A deadline within a day has that day as its own.
        (MODEL, "2026-03-24T12:00", "2026-03-20T00:00"),
        (MODEL, "2026-03-24T00:00:00.000001", "2026-03-20T00:00"),
    ],
)
def test_questions_end_with_the_latest_day_that_keeps_the_distance_when_a_deadline_is_set(
    pack: RulePack, closes_at: str, until: str
) -> None:
    assert questions_until(utc(closes_at), pack) == utc(until)


@pytest.mark.parametrize(
    ("pack", "told_at", "earliest"),
    [
        (CHINA, "2026-03-08T15:59", "2026-03-23T16:00"),
        (CHINA, "2026-03-08T16:00", "2026-03-24T16:00"),
        (MODEL, "2026-03-18T23:59:59", "2026-03-24T00:00"),
        (MODEL, "2026-03-19T00:00", "2026-03-25T00:00"),
    ],
)
def test_deadline_is_as_far_off_as_the_pack_says_when_something_is_told(
    pack: RulePack, told_at: str, earliest: str
) -> None:
    assert earliest_deadline(utc(told_at), pack) == utc(earliest)


def test_working_days_are_counted_when_the_pack_counts_them() -> None:
    rule = MODEL.rule("clarification")
    pack = replace(MODEL, rules=MappingProxyType({**MODEL.rules, "clarification": replace(rule, value=2, unit="WD")}))
    # Two working days before Tuesday the 10th is Friday the 6th; over a weekend nothing is gained.
    assert questions_until(utc("2026-03-11T00:00"), pack) == utc("2026-03-07T00:00")
    assert [earliest_deadline(utc(f"2026-03-{day:02}T08:00"), pack) for day in (6, 7, 8, 9)] == [
        utc("2026-03-11T00:00"),
        utc("2026-03-12T00:00"),
        utc("2026-03-12T00:00"),
        utc("2026-03-12T00:00"),
    ]


def test_a_day_passes_in_a_second_when_the_procedure_is_accelerated() -> None:
    assert earliest_deadline(utc("2026-03-18T00:00"), MODEL, 86_400) == utc("2026-03-18T00:00:06")
    assert questions_until(utc("2026-03-24T00:00"), MODEL, 86_400) == utc("2026-03-23T23:59:55")


@given(PACKS, INSTANTS, st.sampled_from([1, 1_000, 86_400]))
def test_what_is_told_in_time_for_questions_moves_nothing_and_what_is_told_later_does(
    pack: RulePack, closes_at: datetime, acceleration: int
) -> None:
    until = questions_until(closes_at, pack)
    assert until < closes_at
    assert moved_on(closes_at, until, pack) > closes_at
    moved = moved_on(closes_at, closes_at, pack, acceleration)
    assert moved > closes_at
    # The end of the deadline's own day is what the questions' end is counted from.
    assert moved_on(closes_at, until - MICROSECOND, pack) - closes_at < timedelta(days=1, hours=1)


@given(PACKS, INSTANTS, INSTANTS, INSTANTS)
def test_deadline_never_moves_back_when_something_is_told_at_any_time(
    pack: RulePack, closes_at: datetime, first: datetime, second: datetime
) -> None:
    once = moved_on(closes_at, first, pack)
    assert once >= closes_at
    assert moved_on(once, first, pack) == once
    both = {moved_on(once, second, pack), moved_on(moved_on(closes_at, second, pack), first, pack)}
    assert len(both) == 1
    earlier, later = sorted([first, second])
    assert earliest_deadline(earlier, pack) <= earliest_deadline(later, pack)


def test_bids_are_taken_until_the_answer_when_a_question_is_unanswered_at_the_deadline() -> None:
    deadline = utc("2026-03-24T00:00")
    assert not bidding_ended(deadline, 0, deadline - MICROSECOND, MODEL, amendment_ordered=False)
    assert bidding_ended(deadline, 0, deadline, MODEL, amendment_ordered=False)
    assert not bidding_ended(deadline, 1, deadline, MODEL, amendment_ordered=False)
    assert not bidding_ended(None, 0, deadline, MODEL, amendment_ordered=False)


def test_deadline_waits_for_nothing_when_the_pack_has_no_such_rule_or_admits_some() -> None:
    deadline, rules = utc("2026-03-24T00:00"), dict(MODEL.rules)
    rule = rules.pop("questions-unanswered")
    without = replace(MODEL, rules=MappingProxyType(rules))
    assert bidding_ended(deadline, 7, deadline, without, amendment_ordered=False)
    two = replace(MODEL, rules=MappingProxyType({**rules, "questions-unanswered": replace(rule, value=2)}))
    assert bidding_ended(deadline, 2, deadline, two, amendment_ordered=False)
    assert not bidding_ended(deadline, 3, deadline, two, amendment_ordered=False)
