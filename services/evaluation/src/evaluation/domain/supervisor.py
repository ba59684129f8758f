"""A supervisor: an inspection body that may be drawn, for as long as its accreditation lasts."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from evaluation.domain.events import ConflictDeclared, SupervisorAccredited
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id


@dataclass(frozen=True, slots=True)
class Supervisor:
    """An accredited inspection body; its identity is the one its tokens carry."""

    id: UUID
    version: int
    organisation: str
    name: str
    inspection_body_type: InspectionBodyType
    valid_until: date
    conflicts: tuple[str, ...] = ()

    def renew(
        self, *, name: str, inspection_body_type: InspectionBodyType, valid_until: date, on: date
    ) -> tuple["Supervisor", tuple[SupervisorAccredited, ...]]:
        """Accredit the body anew; the conflicts it declared stay.

        Raises:
            Invalid: accreditation-expired.
        """
        _check_validity(valid_until, on)
        renewed = replace(
            self,
            version=self.version + 1,
            name=name,
            inspection_body_type=inspection_body_type,
            valid_until=valid_until,
        )
        return renewed, (_accredited(renewed),)

    def declare_conflict(self, organisation: str) -> tuple["Supervisor", tuple[ConflictDeclared, ...]]:
        """Declare a tie to an organisation; the body is not drawn for its contracts any more.

        Raises:
            Invalid: conflict-with-itself.
            NotAllowed: conflict-already-declared.
        """
        if organisation == self.organisation:
            raise Invalid(
                "conflict-with-itself",
                "A conflict is declared with another organisation.",
                pointer="/body/organisation",
            )
        if organisation in self.conflicts:
            raise NotAllowed("conflict-already-declared", "This conflict is declared.")
        version = self.version + 1
        declared = replace(self, version=version, conflicts=(*self.conflicts, organisation))
        return declared, (
            ConflictDeclared(
                aggregate=self.id, version=version, supervisor=self.organisation, organisation=organisation
            ),
        )


def accredit(
    *, organisation: str, name: str, inspection_body_type: InspectionBodyType, valid_until: date, on: date
) -> tuple[Supervisor, tuple[SupervisorAccredited, ...]]:
    """Accredit an inspection body; its id follows from the organisation, so that it is accredited once.

    Raises:
        Invalid: accreditation-expired.
    """
    _check_validity(valid_until, on)
    supervisor = Supervisor(
        id=derived_id("supervisor", organisation),
        version=1,
        organisation=organisation,
        name=name,
        inspection_body_type=inspection_body_type,
        valid_until=valid_until,
    )
    return supervisor, (_accredited(supervisor),)


def _check_validity(valid_until: date, on: date) -> None:
    if valid_until <= on:
        raise Invalid("accreditation-expired", "An accreditation ends on a day to come.", pointer="/body/valid_until")


def _accredited(supervisor: Supervisor) -> SupervisorAccredited:
    return SupervisorAccredited(
        aggregate=supervisor.id,
        version=supervisor.version,
        supervisor=supervisor.organisation,
        name=supervisor.name,
        inspection_body_type=supervisor.inspection_body_type,
        valid_until=supervisor.valid_until,
    )
