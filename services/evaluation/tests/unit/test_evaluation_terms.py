from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from evaluation.domain.supervision_file import SupervisionFile
from evaluation.domain.terms import day_of, report_due
from shared.rules.pack import load_pack

PACK = load_pack("model")
SIGNED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


def test_assignment_is_due_ten_working_days_after_the_signature(signed_file: Callable[..., SupervisionFile]) -> None:
    # 3-6, 9-13 and 16 March are ten working days; the term ends with the last of them.
    assert signed_file().due_at == datetime(2026, 3, 17, tzinfo=UTC)


def test_report_is_due_twenty_working_days_after_the_period_when_the_supervisor_was_there_in_time() -> None:
    # After Tuesday 31 March: 1-3, 6-10, 13-17, 20-24, 27 and 28 April are twenty working days.
    due = report_due(
        PACK,
        period_end=date(2026, 3, 31),
        signed_at=SIGNED_AT,
        since=datetime(2026, 3, 10, 12, tzinfo=UTC),
        acceleration=1,
    )
    assert due == datetime(2026, 4, 29, tzinfo=UTC)


def test_report_is_due_twenty_working_days_after_the_draw_when_the_period_was_over() -> None:
    # After Monday 4 May: 5-8, 11-15, 18-22, 25-29 May and 1 June.
    due = report_due(
        PACK,
        period_end=date(2026, 3, 31),
        signed_at=SIGNED_AT,
        since=datetime(2026, 5, 4, 12, tzinfo=UTC),
        acceleration=1,
    )
    assert due == datetime(2026, 6, 2, tzinfo=UTC)


def test_terms_pass_faster_when_the_procedure_is_accelerated(signed_file: Callable[..., SupervisionFile]) -> None:
    # 14 days and 15 hours to the end of 16 March, a second each day.
    assert signed_file(acceleration=86_400).due_at == datetime(2026, 3, 2, 9, 0, 14, 625_000, tzinfo=UTC)
    # The period's 29.625 days, less a microsecond, pass in 29.624999 s. From there twenty working days end with
    # 30 March: 2 473 200 s - 29.624999 s, a 86 400th of which is 28.624657 s.
    due = report_due(PACK, period_end=date(2026, 3, 31), signed_at=SIGNED_AT, since=SIGNED_AT, acceleration=86_400)
    assert due == datetime(2026, 3, 2, 9, 0, 58, 249_656, tzinfo=UTC)


def test_day_is_that_of_the_packs_time_zone() -> None:
    # Shanghai is eight hours ahead of UTC.
    shanghai = replace(PACK, calendar=replace(PACK.calendar, time_zone="Asia/Shanghai"))
    half_past_four = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert day_of(half_past_four, PACK) == date(2026, 3, 2)
    assert day_of(half_past_four, shanghai) == date(2026, 3, 3)
