"""How many professionals an organisation has, and with what: numbers that anybody may know, and no person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from provider_registry.domain.professional import Professional
from provider_registry.domain.professional_parts import HoursState
from provider_registry.domain.verification_events import ProfessionalsChanged
from shared.kernel.calendar import anniversary
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """The professionals of an organisation, in numbers; version 0 is nobody.

    Shape: certificates are the confirmed ones by type, whether or not they have expired; practice_hours are those that
    employers have confirmed.
    """

    id: UUID
    version: int
    organisation: str
    professionals: int = 0
    certificates: Mapping[str, int] = field(default_factory=dict)
    practice_hours: Decimal = Decimal(0)

    def change(
        self, before: Professional | None, after: Professional
    ) -> tuple["Workforce", tuple[ProfessionalsChanged, ...]]:
        """Count a person as after a change and not as before; only other numbers are told, hours rounded down."""
        old, new = self._share(before), self._share(after)
        if old == new:
            return self, ()
        types = Counter(self.certificates)
        types.subtract(old.certificates)
        types.update(new.certificates)
        counted = replace(
            self,
            version=self.version + 1,
            professionals=self.professionals - old.professionals + new.professionals,
            certificates={name: types[name] for name in sorted(types) if types[name]},
            practice_hours=self.practice_hours - old.practice_hours + new.practice_hours,
        )
        event = _told(counted)
        return counted, (event,) if replace(event, version=self.version) != _told(self) else ()

    def _share(self, one: Professional | None) -> "Workforce":
        """Return what one person counts for here: nothing, when not employed here."""
        empty = nobody(self.organisation)
        if one is None or one.organisation != self.organisation or not is_employed(one):
            return empty
        confirmed = Counter(item.certificate_type for item in one.certificates if item.confirmed_by is not None)
        hours = (item.hours for item in one.hours if item.state is HoursState.CONFIRMED)
        return replace(empty, professionals=1, certificates=dict(confirmed), practice_hours=sum(hours, Decimal(0)))


def is_employed(professional: Professional) -> bool:
    """Tell whether the last employment goes on."""
    return professional.employments[-1].until is None


def nobody(organisation: str) -> Workforce:
    """Begin to count."""
    return Workforce(id=derived_id("workforce", organisation), version=0, organisation=organisation)


@dataclass(frozen=True, slots=True)
class Question:
    """At least so many professionals with a certificate, each with so many hours of practice in so many years.

    Raises:
        Invalid: hours-without-years.
    """

    certificate_type: str
    at_least: int
    practice_hours: Decimal | None = None
    years: int | None = None

    def __post_init__(self) -> None:
        if (self.practice_hours is None) != (self.years is None):
            raise Invalid("hours-without-years", "Hours are asked for in a number of years, and years with hours.")

    def is_met_by(self, professional: Professional, organisation: str, on: date) -> bool:
        """Tell whether a person counts for an organisation on a day."""
        return (
            professional.employer_on(on) == organisation
            and any(
                one.certificate_type == self.certificate_type and one.holds(on) for one in professional.certificates
            )
            and (self.years is None or hours_of(professional, self.years, on) >= (self.practice_hours or 0))
        )


def hours_of(professional: Professional, years: int, on: date) -> Decimal:
    """Add up the confirmed hours of the periods that lie wholly in the years that end with a day."""
    before = anniversary(on, -years)
    inside = (
        one.hours
        for one in professional.hours
        if one.state is HoursState.CONFIRMED and before < one.first_day and one.last_day <= on
    )
    return sum(inside, Decimal(0))


def count(question: Question, staff: Mapping[str, Sequence[Professional]], on: date) -> Mapping[str, int]:
    """Answer a question for each organisation, in numbers: whoever is counted is counted once, and not named."""
    return {
        organisation: sum(question.is_met_by(one, organisation, on) for one in professionals)
        for organisation, professionals in staff.items()
    }


def _told(workforce: Workforce) -> ProfessionalsChanged:
    return ProfessionalsChanged(
        aggregate=workforce.id,
        version=workforce.version,
        organisation=workforce.organisation,
        professionals=workforce.professionals,
        certificates=workforce.certificates,
        practice_hours=int(workforce.practice_hours),
    )
