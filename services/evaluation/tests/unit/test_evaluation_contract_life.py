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
from shared.kernel.errors import Forbidden, NotAllowed, NotFound
from shared.kernel.money import Money
from shared.rules.pack import load_pack

PACK = load_pack("model")
AT = datetime(2026, 4, 7, 9, tzinfo=UTC)
MAY = Milestone("2026-05", date(2026, 5, 1), date(2026, 5, 31), Money(600_000, "EUR"))
INSPECTOR = Actor("ines", "inspect-a", frozenset())
MANAGER = Actor("bruno", "county", frozenset())
COORDINATOR = Actor("carla", "supervision-office", frozenset())
SUCCESSOR = Party("successor", "Successor Ltd")


@pytest.fixture
def assigned(signed_file: Callable[..., SupervisionFile], supervisor: Any) -> SupervisionFile:
    return signed_file().assign([supervisor()], seed=bytes(32), by=COORDINATOR, at=AT, pack=PACK)[0]


def reported(file: SupervisionFile, kpis: Sequence[Any], period: str, by: Actor = INSPECTOR) -> SupervisionFile:
    return file.report(
        period=period, visited_on=date(2026, 3, 20), kpis=tuple(kpis), findings=(), by=by, at=AT, pack=PACK
    )[0]


def graded(file: SupervisionFile, kpis: Sequence[Any], period: str) -> SupervisionFile:
    return reported(file, kpis, period).accept(period, by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)[0]


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
    closed, (event,) = reported(first, kpis, "2026-04").close()
    assert (event.version, event.not_accepted) == (closed.version, ("2026-04",))
    assert (closed.status, closed.due_at) == (Status.COMPLETE, None)
    with pytest.raises(NotFound, match="period-unknown"):
        closed.accept("2026-04", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)
    with pytest.raises(NotAllowed, match="already-graded"):
        closed.accept("2026-03", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)


def graded_provider(file: SupervisionFile, period: str) -> str:
    _, (event,) = file.accept(period, by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)
    return event.provider


def test_a_period_is_of_the_provider_that_held_the_contract_when_it_ended(
    assigned: SupervisionFile, supervisor: Any, kpis: Any
) -> None:
    # The contract went over on 7 April: March was delivered by then, April was not.
    handed = assigned.hand_to(SUCCESSOR, drawn=supervisor(), at=AT, pack=PACK)
    march = reported(handed, kpis, "2026-03")
    assert graded_provider(march, "2026-03") == "meals-coop"
    april = reported(march.accept("2026-03", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)[0], kpis, "2026-04")
    assert graded_provider(april, "2026-04") == "successor"


def test_a_reported_period_stays_with_who_was_reported_on_when_the_contract_goes_over_before_the_acceptance(
    assigned: SupervisionFile, supervisor: Any, kpis: Any
) -> None:
    march = reported(assigned, kpis, "2026-03").accept("2026-03", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)[0]
    april = reported(march, kpis, "2026-04")  # before April is over
    handed = april.hand_to(SUCCESSOR, drawn=supervisor(), at=AT, pack=PACK)
    assert graded_provider(handed, "2026-04") == "meals-coop"


def test_a_supervisor_is_drawn_anew_when_it_may_not_supervise_the_new_provider(
    assigned: SupervisionFile, supervisor: Any, kpis: Any
) -> None:
    first = graded(assigned, kpis, "2026-03")
    handed = first.hand_to(SUCCESSOR, drawn=supervisor(conflicts=("successor",)), at=AT, pack=PACK)
    # Ten working days after Tuesday 7 April.
    assert (handed.status, handed.due_at) == (Status.AWAITING_ASSIGNMENT, datetime(2026, 4, 22, tzinfo=UTC))
    assert (handed.assignment, handed.grades) == (None, first.grades)
    with pytest.raises(Forbidden, match="not-assigned"):
        reported(handed, kpis, "2026-04")
    register = [supervisor(conflicts=("successor",)), supervisor("inspect-b", conflicts=("meals-coop",))]
    with pytest.raises(NotAllowed, match="no-supervisor-without-conflict"):
        handed.assign(register, seed=bytes(32), by=COORDINATOR, at=AT, pack=PACK)
    again, _ = handed.assign([*register, supervisor("inspect-c")], seed=bytes(32), by=COORDINATOR, at=AT, pack=PACK)
    assert again.assignment is not None
    assert again.assignment.supervisor.id == "inspect-c"
    # Twenty working days after Thursday 30 April: it is the second period's turn.
    assert (again.status, again.due_at) == (Status.AWAITING_REPORT, datetime(2026, 5, 29, tzinfo=UTC))


def test_a_report_is_accepted_first_when_its_supervisor_is_drawn_anew(
    assigned: SupervisionFile, supervisor: Any, kpis: Any
) -> None:
    waiting = reported(assigned, kpis, "2026-03")
    handed = waiting.hand_to(SUCCESSOR, drawn=supervisor("inspect-a", conflicts=("successor",)), at=AT, pack=PACK)
    assert (handed.status, handed.due_at, handed.assignment) == (Status.AWAITING_ACCEPTANCE, waiting.due_at, None)
    with pytest.raises(Forbidden, match="second-person-needed"):
        handed.accept("2026-03", by=replace(MANAGER, person=COORDINATOR.person), pseudonym="1" * 64, at=AT, pack=PACK)
    assert (
        handed.accept("2026-03", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)[0].status
        is Status.AWAITING_ASSIGNMENT
    )


def test_nobody_reports_on_its_own_delivery(assigned: SupervisionFile, kpis: Any) -> None:
    # The register does not know it any more, so no tie can be found; the report is refused all the same.
    handed = assigned.hand_to(Party("inspect-a", "Inspect-A"), drawn=None, at=AT, pack=PACK)
    with pytest.raises(Forbidden) as refused:
        reported(handed, kpis, "2026-03")
    assert refused.value.code == "supervisor-not-independent"
    assert refused.value.reference == PACK.reference("supervisor-independent")


def test_a_supervisor_is_drawn_when_a_change_adds_periods_to_a_contract_that_waits_for_nobody(
    signed_file: Callable[..., SupervisionFile],
) -> None:
    ended = signed_file().end(date(2026, 2, 28), at=AT, pack=PACK)
    longer = ended.change((MAY,), at=AT, pack=PACK)
    assert (longer.status, longer.due_at) == (Status.AWAITING_ASSIGNMENT, datetime(2026, 4, 22, tzinfo=UTC))
