from collections.abc import Callable
from datetime import date

import pytest

from evaluation.domain.events import ConflictDeclared, SupervisorAccredited
from evaluation.domain.supervisor import Supervisor, accredit
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.kernel.errors import Invalid, NotAllowed

TODAY = date(2026, 3, 2)
MakeSupervisor = Callable[..., Supervisor]


def test_accreditation_is_published_when_it_ends_on_a_day_to_come() -> None:
    supervisor, events = accredit(
        organisation="inspect-a",
        name="Inspect A",
        inspection_body_type=InspectionBodyType.A,
        valid_until=date(2026, 3, 3),
        on=TODAY,
    )
    assert events == (
        SupervisorAccredited(
            aggregate=supervisor.id,
            version=1,
            supervisor="inspect-a",
            name="Inspect A",
            inspection_body_type=InspectionBodyType.A,
            valid_until=date(2026, 3, 3),
        ),
    )
    assert supervisor.version == 1


@pytest.mark.parametrize("valid_until", [date(2026, 3, 1), TODAY])
def test_accreditation_is_refused_when_it_has_ended(valid_until: date, supervisor: MakeSupervisor) -> None:
    with pytest.raises(Invalid) as refused:
        accredit(
            organisation="inspect-a",
            name="Inspect A",
            inspection_body_type=InspectionBodyType.A,
            valid_until=valid_until,
            on=TODAY,
        )
    assert refused.value.code == "accreditation-expired"
    with pytest.raises(Invalid) as refused:
        supervisor().renew(name="A", inspection_body_type=InspectionBodyType.A, valid_until=valid_until, on=TODAY)
    assert refused.value.code == "accreditation-expired"


def test_conflicts_stay_when_the_accreditation_is_renewed(supervisor: MakeSupervisor) -> None:
    before = supervisor(conflicts=("meals-coop",))
    renewed, (event,) = before.renew(
        name="New name", inspection_body_type=InspectionBodyType.B, valid_until=date(2029, 1, 1), on=TODAY
    )
    assert (renewed.conflicts, renewed.name, renewed.valid_until) == (("meals-coop",), "New name", date(2029, 1, 1))
    assert (event.version, event.inspection_body_type, event.valid_until) == (3, "B", date(2029, 1, 1))
    assert renewed.id == before.id


def test_conflict_is_published_when_it_is_declared(supervisor: MakeSupervisor) -> None:
    before = supervisor()
    declared, events = before.declare_conflict("meals-coop")
    assert declared.conflicts == ("meals-coop",)
    assert events == (
        ConflictDeclared(aggregate=before.id, version=2, supervisor="inspect-a", organisation="meals-coop"),
    )


def test_conflict_is_refused_when_it_is_declared_already_or_with_itself(supervisor: MakeSupervisor) -> None:
    with pytest.raises(NotAllowed) as repeated:
        supervisor(conflicts=("meals-coop",)).declare_conflict("meals-coop")
    assert repeated.value.code == "conflict-already-declared"
    with pytest.raises(Invalid) as own:
        supervisor().declare_conflict("inspect-a")
    assert own.value.code == "conflict-with-itself"
