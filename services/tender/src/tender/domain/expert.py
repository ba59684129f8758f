"""The pool that evaluation panels are drawn from: proposed by one person, admitted by a second, retired with reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack


class ExpertStatus(StrEnum):
    """Where an expert stands."""

    PROPOSED = "proposed"
    ADMITTED = "admitted"
    RETIRED = "retired"


LIFECYCLE = lifecycle(
    "expert",
    ExpertStatus.PROPOSED,
    transition("admit", "proposed", "admitted", "procurement-officer"),
    transition("retire", "proposed admitted", "retired", "procurement-officer"),
)


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who may be drawn into a panel; the id is the label that draws publish, and tells nothing.

    Shape: specialities are codes of the service catalogue, or of all that is below one; conflicts are organisations
    that the expert has declared a tie to; office is the purchaser that proposed the expert, empty where none is known.
    """

    id: UUID
    version: int
    person: str
    name: str
    organisation: str
    specialities: tuple[str, ...]
    conflicts: tuple[str, ...]
    proposed_by: str
    admission_due: datetime
    status: ExpertStatus = ExpertStatus.PROPOSED
    retired_because: str | None = None
    retired_by: str | None = None
    office: str = ""

    def admit(self, *, by: str, pack: RulePack) -> "Expert":
        """Admit to the pool as a second person.

        Raises:
            NotAllowed: expert-not-proposed.
            Forbidden: second-person-needed; also for who is to be admitted.
        """
        status = LIFECYCLE.move("admit", self.status, ExpertStatus.ADMITTED)
        if pack.flag("second-person.expert"):
            for other in (self.proposed_by, self.person):
                different_persons(other, by, "Admitting an expert", pack.reference("second-person.expert"))
        return replace(self, version=self.version + 1, status=status)

    def retire(self, reason: str, *, by: str) -> "Expert":
        """Take out of the pool; draws that closed before pass the expert over.

        Raises:
            NotAllowed: expert-not-proposed, for one who is retired.
        """
        status = LIFECYCLE.move("retire", self.status, ExpertStatus.RETIRED)
        return replace(self, version=self.version + 1, status=status, retired_because=reason, retired_by=by)

    def knows(self, service: str) -> bool:
        """Tell whether one of the specialities covers a service."""
        return any(service == code or service.startswith(f"{code}.") for code in self.specialities)


def propose_expert(
    *,
    identifier: UUID,
    person: str,
    name: str,
    organisation: str,
    specialities: Sequence[str],
    conflicts: Sequence[str],
    by: str,
    office: str,
    admission_due: datetime,
) -> Expert:
    """Propose somebody for the pool.

    Raises:
        Invalid: specialities-repeated.
    """
    if not specialities or len(set(specialities)) < len(specialities):
        raise Invalid(
            "specialities-repeated", "An expert has specialities, each named once.", pointer="/body/specialities"
        )
    return Expert(
        id=identifier,
        version=1,
        person=person,
        name=name,
        organisation=organisation,
        specialities=tuple(specialities),
        conflicts=tuple(conflicts),
        proposed_by=by,
        admission_due=admission_due,
        office=office,
    )


def eligible(experts: Sequence[Expert], service: str) -> tuple[Expert, ...]:
    """Return who is in the pool for a service, by label."""
    admitted = (expert for expert in experts if expert.status is ExpertStatus.ADMITTED and expert.knows(service))
    return tuple(sorted(admitted, key=lambda expert: str(expert.id)))
