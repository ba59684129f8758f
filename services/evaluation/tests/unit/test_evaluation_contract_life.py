"""What the supervision of a contract makes of its changes and its end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from evaluation.domain.agreement import Milestone, Party
from evaluation.domain.supervision_data import Status
from evaluation.domain.supervision_file import SupervisionFile
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed, NotFound
from shared.kernel.money import Money
from shared.rules.pack import load_pack

PACK = load_pack("model")
AT = datetime(2026, 4, 7, 9, tzinfo=UTC)
MAY = Milestone("2026-05", date(2026, 5, 1), date(2026, 5, 31), Money(600_000, "EUR"))
INSPECTOR = Actor("ines", "inspect-a", frozenset())
MANAGER = Actor("bruno", "county", frozenset())


@pytest.fixture
def assigned(signed_file: Callable[..., SupervisionFile], supervisor: Any) -> SupervisionFile:
    coordinator = Actor("carla", "supervision-office", frozenset())
    return signed_file().assign([supervisor()], seed=bytes(32), by=coordinator, at=AT, pack=PACK)[0]


def graded(file: SupervisionFile, kpis: Sequence[Any], period: str) -> SupervisionFile:
    reported = file.report(
        period=period, visited_on=date(2026, 3, 20), kpis=tuple(kpis), findings=(), by=INSPECTOR, at=AT, pack=PACK
    )[0]
    return reported.accept(period, by=MANAGER, at=AT, pack=PACK)[0]


def test_further_periods_are_supervised_when_a_change_adds_them(assigned: SupervisionFile, kpis: Any) -> None:
    first = graded(assigned, kpis, "2026-03")
    both = graded(first, kpis, "2026-04")
    assert both.status is Status.COMPLETE
    longer = both.change((*both.milestones, MAY), at=AT, pack=PACK)
    # Twenty working days after Sunday 31 May.
    assert (longer.status, longer.due_at) == (Status.AWAITING_REPORT, datetime(2026, 6, 27, tzinfo=UTC))
    assert longer.version == both.version + 1


def test_a_reported_period_stays_when_a_change_replaces_it(assigned: SupervisionFile, kpis: Any) -> None:
    first = graded(assigned, kpis, "2026-03")
    march, april = first.milestones
    changed = first.change(
        (replace(march, amount=Money(1, "EUR")), replace(april, amount=Money(2, "EUR"))), at=AT, pack=PACK
    )
    assert [one.amount.minor for one in changed.milestones] == [500_000, 2]


def test_no_report_is_due_for_periods_that_begin_after_the_last_day(assigned: SupervisionFile, kpis: Any) -> None:
    ending = assigned.end(date(2026, 3, 31), at=AT, pack=PACK)
    assert [one.period for one in ending.milestones] == ["2026-03"]
    assert ending.status is Status.AWAITING_REPORT
    done = graded(ending, kpis, "2026-03")
    assert (done.status, done.due_at) == (Status.COMPLETE, None)


def test_a_period_that_has_begun_is_still_reported_when_the_contract_ends_within_it(assigned: SupervisionFile) -> None:
    ending = assigned.end(date(2026, 4, 1), at=AT, pack=PACK)
    assert [one.period for one in ending.milestones] == ["2026-03", "2026-04"]


def test_nothing_waits_when_the_contract_ends_before_it_began(signed_file: Callable[..., SupervisionFile]) -> None:
    ended = signed_file().end(date(2026, 2, 28), at=AT, pack=PACK)
    assert (ended.status, ended.due_at, ended.milestones) == (Status.COMPLETE, None, ())


def test_nothing_is_reported_or_accepted_when_the_contract_was_closed(assigned: SupervisionFile, kpis: Any) -> None:
    first = graded(assigned, kpis, "2026-03")
    reported = first.report(
        period="2026-04", visited_on=date(2026, 3, 20), kpis=tuple(kpis), findings=(), by=INSPECTOR, at=AT, pack=PACK
    )[0]
    closed = reported.close()
    assert (closed.status, closed.due_at) == (Status.COMPLETE, None)
    with pytest.raises(NotFound, match="period-unknown"):
        closed.accept("2026-04", by=MANAGER, at=AT, pack=PACK)
    with pytest.raises(NotAllowed, match="already-graded"):
        closed.accept("2026-03", by=MANAGER, at=AT, pack=PACK)


def test_the_new_provider_is_graded_when_the_contract_went_over(assigned: SupervisionFile, kpis: Any) -> None:
    handed = assigned.hand_to(Party("successor", "Successor Ltd"))
    reported = handed.report(
        period="2026-03", visited_on=date(2026, 3, 20), kpis=tuple(kpis), findings=(), by=INSPECTOR, at=AT, pack=PACK
    )[0]
    _, (event,) = reported.accept("2026-03", by=MANAGER, at=AT, pack=PACK)
    assert event.provider == "successor"
