"""A professional, for as long as one employer after the other answers for what is said of this person."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from provider_registry.domain.document import SECOND_PERSON, check_not_own, check_validity
from provider_registry.domain.professional_parts import (
    Certificate,
    Employment,
    HoursState,
    PracticeHours,
    SkillAssessment,
)
from shared.kernel.access import Actor, different_persons
from shared.kernel.errors import Forbidden, Invalid, NotAllowed, not_here
from shared.rules.pack import RulePack

_HOURS_OF_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Professional:
    """A person with one employer at a time; who that is, only the employer and those who oversee the registry see.

    Shape: organisation is the employer, or the last one; employments are in order, and do not overlap.
    """

    id: UUID
    version: int
    organisation: str
    name: str
    employments: tuple[Employment, ...]
    certificates: tuple[Certificate, ...] = ()
    hours: tuple[PracticeHours, ...] = ()
    skills: tuple[SkillAssessment, ...] = ()

    def employer_on(self, day: date) -> str | None:
        """Return who employed this person on a day, if anybody."""
        return next((one.employer for one in self.employments if one.covers(day, day)), None)

    def certify(self, certificate: Certificate, *, today: date) -> "Professional":
        """Enter a certificate, or its renewal under the same number; it counts once it is confirmed.

        Raises:
            Invalid: validity-reversed, issued-in-future, document-expired.
            NotAllowed: validity-overlaps.
        """
        check_validity(certificate.issued_on, certificate.valid_from, certificate.valid_until, today=today)
        if any(certificate.overlaps(one) for one in self.certificates):
            raise NotAllowed(
                "validity-overlaps",
                "A certificate of this issuer and number holds on some of the same days.",
                satisfied_by="A validity that begins after the end of the other one.",
            )
        return self._next(certificates=(*self.certificates, certificate))

    def confirm_certificate(self, certificate: UUID, by: Actor, *, at: datetime, pack: RulePack) -> "Professional":
        """Confirm, as an officer who did not enter it, that a certificate is genuine.

        Raises:
            NotFound: not-found.
            NotAllowed: certificate-confirmed.
            Forbidden: second-person-needed, own-verification.
        """
        before = next((one for one in self.certificates if one.id == certificate), None)
        if before is None:
            raise not_here()
        if before.confirmed_by is not None:
            raise NotAllowed("certificate-confirmed", "The certificate is confirmed.")
        check_not_own(by, self.organisation, pack)
        different_persons(before.entered_by, by.person, "Confirming a certificate", pack.reference(SECOND_PERSON))
        confirmed = replace(before, confirmed_by=by.person, confirmed_at=at)
        return self._next(certificates=tuple(confirmed if one is before else one for one in self.certificates))

    def log_hours(
        self, identifier: UUID, first_day: date, last_day: date, hours: Decimal, *, by: str, today: date
    ) -> "Professional":
        """Log hours of practice of a time with one employer; they count once that employer has confirmed them.

        Raises:
            Invalid: period-reversed, period-in-future, hours-not-positive, hours-above-period.
            NotAllowed: not-employed-then, hours-overlap.
        """
        _check_hours(first_day, last_day, hours, today)
        employment = next((one for one in self.employments if one.covers(first_day, last_day)), None)
        if employment is None:
            raise NotAllowed(
                "not-employed-then",
                "No one employer known here had this person in all of that time.",
                satisfied_by="A period within one of the employments.",
            )
        counted = [one for one in self.hours if one.state is not HoursState.REJECTED]
        if any(one.overlaps(first_day, last_day) for one in counted):
            raise NotAllowed(
                "hours-overlap",
                "Hours of some of these days are logged already.",
                satisfied_by="A period that begins after the last day logged, or lies between two.",
            )
        logged = PracticeHours(
            id=identifier,
            employer=employment.employer,
            first_day=first_day,
            last_day=last_day,
            hours=hours,
            logged_by=by,
        )
        return self._next(hours=(*self.hours, logged))

    def decide_hours(self, hours: UUID, by: Actor, *, confirmed: bool, pack: RulePack) -> "Professional":
        """Stand by hours as the employer of that time, or reject them; it is another person's than who logged them.

        Raises:
            NotFound: not-found.
            NotAllowed: hours-decided.
            Forbidden: not-employer-then, second-person-needed.
        """
        before = next((one for one in self.hours if one.id == hours), None)
        if before is None:
            raise not_here()
        if before.employer != by.organisation:
            raise Forbidden(
                "not-employer-then",
                "The employer of that time says whether the hours were worked.",
                satisfied_by="The same request from that employer.",
            )
        if before.state is not HoursState.LOGGED:
            raise NotAllowed("hours-decided", "It has been said whether these hours were worked.")
        different_persons(before.logged_by, by.person, "Confirming hours", pack.reference(SECOND_PERSON))
        state = HoursState.CONFIRMED if confirmed else HoursState.REJECTED
        decided = replace(before, state=state, decided_by=by.person)
        return self._next(hours=tuple(decided if one is before else one for one in self.hours))

    def assess(self, assessment: SkillAssessment, *, today: date) -> "Professional":
        """Note how an assessment of a skill came out.

        Raises:
            Invalid: assessed-in-future.
        """
        if assessment.assessed_on > today:
            raise Invalid("assessed-in-future", "Nobody is assessed on a day to come.", pointer="/body/assessed_on")
        return self._next(skills=(*self.skills, assessment))

    def leave(self, until: date, *, today: date) -> "Professional":
        """End the employment with its last day.

        Raises:
            NotAllowed: not-employed.
            Invalid: employment-reversed, employment-in-future.
        """
        present = self.employments[-1]
        if present.until is not None:
            raise NotAllowed("not-employed", "The employment has ended.")
        if until < present.since:
            raise Invalid("employment-reversed", "It would end before it began.", pointer="/body/until")
        _check_not_future(until, today, "/body/until")
        return self._next(employments=(*self.employments[:-1], replace(present, until=until)))

    def move(self, organisation: str, since: date, *, today: date) -> "Professional":
        """Begin to work for the next employer, once the one before has let this person go.

        Raises:
            NotAllowed: employed-elsewhere.
            Invalid: employment-in-future.
        """
        _check_not_future(since, today, "/body/since")
        last = self.employments[-1]
        if last.until is None or since <= last.until:
            raise NotAllowed(
                "employed-elsewhere",
                "This person has an employer on that day.",
                satisfied_by="The end of that employment, which its employer enters, and a day after it.",
            )
        return self._next(organisation=organisation, employments=(*self.employments, Employment(organisation, since)))

    def _next(self, **changed: object) -> "Professional":
        return replace(self, version=self.version + 1, **changed)  # type: ignore[arg-type]  # fields of this class


def employ(identifier: UUID, organisation: str, name: str, since: date, *, today: date) -> Professional:
    """Enter a person whom an organisation employs.

    Raises:
        Invalid: employment-in-future.
    """
    _check_not_future(since, today, "/body/since")
    return Professional(
        id=identifier, version=1, organisation=organisation, name=name, employments=(Employment(organisation, since),)
    )


def _check_not_future(day: date, today: date, pointer: str) -> None:
    if day > today:
        raise Invalid("employment-in-future", "What is to come is entered when it has come.", pointer=pointer)


def _check_hours(first_day: date, last_day: date, hours: Decimal, today: date) -> None:
    if last_day < first_day:
        raise Invalid("period-reversed", "The period would end before it begins.", pointer="/body/last_day")
    if last_day > today:
        raise Invalid("period-in-future", "Hours are logged once they were worked.", pointer="/body/last_day")
    if hours <= 0:
        raise Invalid("hours-not-positive", "The hours are above zero.", pointer="/body/hours")
    days = (last_day - first_day + timedelta(days=1)).days
    if hours > days * _HOURS_OF_A_DAY:
        raise Invalid("hours-above-period", "A day has 24 hours.", pointer="/body/hours")
