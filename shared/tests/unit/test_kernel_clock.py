"""The machine's clock, and procedures hastened for trying out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import SystemClock, hasten
from shared.kernel.errors import Invalid

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_system_clock_is_aware_and_in_utc_when_asked() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_day_takes_a_second_when_hastened_86400_fold() -> None:
    assert hasten(START, START + timedelta(days=20), 86_400) == START + timedelta(seconds=20)


@given(st.timedeltas(timedelta(0), timedelta(days=3660)))
def test_nothing_changes_when_hastened_one_fold(span: timedelta) -> None:
    assert hasten(START, START + span, 1) == START + span


@given(st.timedeltas(timedelta(0), timedelta(days=3660)), st.integers(1, 8_640_000))
def test_end_stays_between_start_and_end_when_hastened(span: timedelta, acceleration: int) -> None:
    hastened = hasten(START, START + span, acceleration)
    assert START <= hastened <= START + span
    assert (hastened - START) * acceleration <= span


@pytest.mark.parametrize("acceleration", [0, -1, 8_640_001])
def test_acceleration_is_refused_when_out_of_range(acceleration: int) -> None:
    with pytest.raises(Invalid, match="acceleration-out-of-range"):
        hasten(START, START, acceleration)
