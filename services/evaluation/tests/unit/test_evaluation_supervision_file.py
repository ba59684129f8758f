from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.domain.supervision_data import Status
from evaluation.domain.supervision_file import SupervisionFile
from evaluation.domain.supervisor import Supervisor
from shared.kernel.access import Actor
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound
from shared.kernel.events import DomainEvent
from shared.kernel.pseudonyms import pseudonym
from shared.rules.grading import Finding, KpiObservation
from shared.rules.pack import load_pack

PACK = load_pack("model")
SEED = bytes(range(32))
COORDINATOR = Actor("carla", "supervision-office", frozenset())
INSPECTOR = Actor("ines", "inspect-a", frozenset())
MANAGER = Actor("bruno", "county", frozenset())
AT = datetime(2026, 4, 7, 9, tzinfo=UTC)
MakeFile = Callable[..., SupervisionFile]
MakeSupervisor = Callable[..., Supervisor]
Kpis = tuple[KpiObservation, ...]


def assigned(file: SupervisionFile, supervisor: MakeSupervisor) -> SupervisionFile:
    return file.assign([supervisor()], seed=SEED, by=COORDINATOR, at=AT, pack=PACK)[0]


def report(
    file: SupervisionFile, kpis: Kpis, period: str = "2026-03", by: Actor = INSPECTOR, **changes: Any
) -> tuple[SupervisionFile, Sequence[DomainEvent]]:
    values: dict[str, Any] = {
        "visited_on": date(2026, 3, 20),
        "findings": (Finding("minor", "Two vans without a cool box."),),
        "at": AT,
        **changes,
    }
    return file.report(period=period, kpis=kpis, by=by, pack=PACK, **values)


def accept(file: SupervisionFile, period: str = "2026-03", by: Actor = MANAGER) -> SupervisionFile:
    return file.accept(period, by=by, pseudonym="1" * 64, at=AT, pack=PACK)[0]


def test_contract_is_supervised_period_after_period_until_it_is_complete(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    file = signed_file()
    assert (file.version, file.status) == (0, Status.AWAITING_ASSIGNMENT)
    file = assigned(file, supervisor)
    # The first period ended on 31 March, before the draw: twenty working days after Tuesday 7 April.
    assert (file.version, file.status, file.due_at) == (1, Status.AWAITING_REPORT, datetime(2026, 5, 6, tzinfo=UTC))
    file = report(file, kpis)[0]
    # Ten working days after 7 April: 8-10, 13-17, 20 and 21 April.
    assert (file.status, file.due_at) == (Status.AWAITING_ACCEPTANCE, datetime(2026, 4, 22, tzinfo=UTC))
    file = accept(file)
    # Twenty working days after Thursday 30 April: 1, 4-8, 11-15, 18-22, 25-28 May.
    assert (file.status, file.due_at) == (Status.AWAITING_REPORT, datetime(2026, 5, 29, tzinfo=UTC))
    file = accept(report(file, kpis, "2026-04")[0], "2026-04")
    assert (file.version, file.status, file.due_at) == (5, Status.COMPLETE, None)
    assert [grade.period for grade in file.grades] == ["2026-03", "2026-04"]


def test_grade_follows_from_indicators_and_findings_when_a_period_is_accepted(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    reported = report(assigned(signed_file(), supervisor), kpis)[0]
    _, (event,) = reported.accept("2026-03", by=MANAGER, pseudonym="1" * 64, at=AT, pack=PACK)
    # Attained 95 % and 50 %, mean 72.5; one minor finding takes 3 points; 69.5 is at least 60: C.
    assert (event.score, event.grade, event.provider) == (Decimal("69.50"), "C", "meals-coop")
    assert [step["step"] for step in event.derivation] == [
        "attainment",
        "attainment",
        "mean-attainment",
        "deduction",
        "score",
        "grade",
    ]


def test_draw_is_refused_when_a_supervisor_was_drawn(signed_file: MakeFile, supervisor: MakeSupervisor) -> None:
    with pytest.raises(NotAllowed) as refused:
        assigned(assigned(signed_file(), supervisor), supervisor)
    assert refused.value.code == "already-assigned"


@pytest.mark.parametrize("organisation", ["meals-coop", "inspect-a", "inspect-b"])
def test_draw_is_refused_when_the_coordinator_belongs_to_the_provider_or_to_a_supervisor(
    organisation: str, signed_file: MakeFile, supervisor: MakeSupervisor
) -> None:
    # inspect-b could never be drawn for this contract, and is refused all the same: the refusal tells nothing.
    register = [supervisor("inspect-a"), supervisor("inspect-b", conflicts=("meals-coop",))]
    with pytest.raises(Forbidden) as refused:
        signed_file().assign(register, seed=SEED, by=replace(COORDINATOR, organisation=organisation), at=AT, pack=PACK)
    assert refused.value.code == "coordinator-not-independent"
    assert refused.value.reference == PACK.reference("supervisor-independent")


def test_report_is_refused_when_it_is_not_the_drawn_supervisors(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    with pytest.raises(Forbidden) as nobody_drawn:
        report(signed_file(), kpis)
    with pytest.raises(Forbidden) as another:
        report(assigned(signed_file(), supervisor), kpis, by=replace(INSPECTOR, organisation="inspect-b"))
    assert nobody_drawn.value.code == another.value.code == "not-assigned"


def test_report_is_refused_when_the_coordinator_writes_it(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    with pytest.raises(Forbidden) as refused:
        report(assigned(signed_file(), supervisor), kpis, by=replace(INSPECTOR, person="carla"))
    assert refused.value.code == "second-person-needed"


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"period": "2027-01"}, Invalid, "period-unknown"),
        ({"period": "2026-04"}, NotAllowed, "period-out-of-order"),
        ({"visited_on": date(2026, 4, 8)}, Invalid, "visit-in-future"),
        ({"visited_on": date(2026, 3, 1)}, Invalid, "visit-before-contract"),
    ],
)
def test_report_is_refused_when_its_period_or_visit_cannot_be(
    changes: dict[str, Any],
    kind: type[DomainError],
    code: str,
    signed_file: MakeFile,
    supervisor: MakeSupervisor,
    kpis: Kpis,
) -> None:
    with pytest.raises(kind) as refused:
        report(assigned(signed_file(), supervisor), kpis, **changes)
    assert refused.value.code == code


@pytest.mark.parametrize("visited_on", [date(2026, 3, 2), date(2026, 4, 7)])
def test_report_is_taken_when_the_visit_was_on_the_first_or_the_last_possible_day(
    visited_on: date, signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    file, _ = report(assigned(signed_file(), supervisor), kpis, visited_on=visited_on)
    assert file.inspections[0].visited_on == visited_on


def test_report_is_refused_when_it_could_not_be_graded(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    with pytest.raises(Invalid) as refused:
        report(assigned(signed_file(), supervisor), (kpis[0], kpis[0]))
    assert refused.value.code == "kpi-repeated"
    with pytest.raises(Invalid) as refused:
        report(assigned(signed_file(), supervisor), ())
    assert refused.value.code == "kpi-missing"


def test_report_is_refused_when_the_period_was_reported_or_an_earlier_one_is_not_accepted(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    reported = report(assigned(signed_file(), supervisor), kpis)[0]
    with pytest.raises(NotAllowed) as again:
        report(reported, kpis)
    with pytest.raises(NotAllowed) as next_one:
        report(reported, kpis, "2026-04")
    assert (again.value.code, next_one.value.code) == ("already-reported", "period-out-of-order")


def test_acceptance_is_refused_when_there_is_no_report_or_it_was_given(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    file = assigned(signed_file(), supervisor)
    with pytest.raises(NotFound) as unknown:
        accept(file, "2027-01")
    with pytest.raises(NotAllowed) as unreported:
        accept(file)
    with pytest.raises(NotAllowed) as unassigned:
        accept(signed_file())
    with pytest.raises(NotAllowed) as twice:
        accept(accept(report(file, kpis)[0]))
    assert unknown.value.code == "period-unknown"
    assert unreported.value.code == unassigned.value.code == "not-reported"
    assert twice.value.code == "already-graded"


@pytest.mark.parametrize("person", ["carla", "ines"])
def test_acceptance_is_refused_when_the_person_drew_the_supervisor_or_reported(
    person: str, signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    with pytest.raises(Forbidden) as refused:
        accept(report(assigned(signed_file(), supervisor), kpis)[0], by=replace(MANAGER, person=person))
    assert refused.value.code == "second-person-needed"


def test_file_is_not_opened_when_the_contract_has_no_periods_or_repeats_one(signed_file: MakeFile) -> None:
    with pytest.raises(Invalid) as empty:
        signed_file(milestones=())
    with pytest.raises(Invalid) as repeated:
        signed_file(milestones=(signed_file().milestones[0],) * 2)
    assert (empty.value.code, repeated.value.code) == ("milestones-missing", "period-repeated")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["assign", "report", "accept"]), st.sampled_from(["2026-03", "2026-04"])),
        max_size=20,
    )
)
def test_version_counts_the_events_and_periods_keep_their_order_whatever_is_tried(
    steps: list[tuple[str, str]], signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    file, events = signed_file(), list[DomainEvent]()
    for number, (step, period) in enumerate(steps):
        before, at = file, AT + timedelta(hours=number)
        new: Sequence[DomainEvent]
        try:
            if step == "assign":
                file, new = file.assign([supervisor()], seed=SEED, by=COORDINATOR, at=at, pack=PACK)
            elif step == "report":
                file, new = report(file, kpis, period, at=at)
            else:
                file, new = file.accept(period, by=MANAGER, pseudonym="1" * 64, at=at, pack=PACK)
        except DomainError:
            assert file is before
            continue
        events += new
        assert [event.version for event in events] == list(range(1, file.version + 1))
        assert {event.aggregate for event in events} == {file.id}
        assert [one.period for one in file.inspections] == ["2026-03", "2026-04"][: len(file.inspections)]
        assert 0 <= len(file.inspections) - len(file.grades) <= 1
        assert (file.due_at is None) == (file.status is Status.COMPLETE) == (len(file.grades) == 2)
        assert file.due_at is None or file.due_at > at


def test_nobody_who_handled_the_purchase_accepts_a_period(
    signed_file: MakeFile, supervisor: MakeSupervisor, kpis: Kpis
) -> None:
    mine = pseudonym(b"k" * 32, signed_file().id, MANAGER.person)
    file = replace(report(assigned(signed_file(), supervisor), kpis)[0], handlers=("2" * 64, mine))
    with pytest.raises(Forbidden, match="roles-incompatible") as refusal:
        file.accept("2026-03", by=MANAGER, pseudonym=mine, at=AT, pack=PACK)
    assert refusal.value.reference == PACK.reference("incompatible.purchase-handler")
    other = pseudonym(b"k" * 32, signed_file().id, "nobody-who-bought")
    assert file.accept("2026-03", by=MANAGER, pseudonym=other, at=AT, pack=PACK)[0].grades
    with pytest.raises(Forbidden, match="purchase-handlers-unknown"):
        replace(file, handlers=None).accept("2026-03", by=MANAGER, pseudonym=other, at=AT, pack=PACK)


def test_pseudonym_of_a_person_differs_from_contract_to_contract_and_from_key_to_key() -> None:
    made = {
        pseudonym(key, contract, person)
        for key in (b"k" * 32, b"l" * 32)
        for contract in (UUID(int=1), UUID(int=2))
        for person in ("olga", "hugo")
    }
    assert len(made) == 8
    assert all(len(one) == 64 for one in made)
