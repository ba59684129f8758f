"""What is known of a professional: employments, certificates, practice, skills."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.kernel.ids import derived_id


@dataclass(frozen=True, slots=True)
class Employment:
    """An employer and its first and last day; without a last day it goes on."""

    employer: str
    since: date
    until: date | None = None

    def covers(self, first: date, last: date) -> bool:
        """Tell whether it lasted on all days from the first to the last."""
        return self.since <= first and (self.until is None or last <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What an issuer certifies of one person; it counts once an officer has confirmed it.

    Units: valid_from and valid_until are its first and last day; without a last day it holds for good.
    """

    id: UUID
    certificate_type: str
    issuer: str
    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    entered_by: str
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None

    def overlaps(self, other: "Certificate") -> bool:
        """Tell whether both are the same certificate by issuer and number, and hold on one day."""
        same = (self.issuer, self.number) == (other.issuer, other.number)
        begins_in_time = other.valid_until is None or self.valid_from <= other.valid_until
        return same and begins_in_time and (self.valid_until is None or other.valid_from <= self.valid_until)

    def holds(self, on: date) -> bool:
        """Tell whether it is confirmed, and valid on a day."""
        in_time = self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)
        return self.confirmed_by is not None and in_time


class HoursState(StrEnum):
    """Whether the employer of the time stands by the hours."""

    LOGGED = "logged"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeHours:
    """Hours of practice from a first to a last day, with the employer of that time."""

    id: UUID
    employer: str
    first_day: date
    last_day: date
    hours: Decimal
    logged_by: str
    state: HoursState = HoursState.LOGGED
    decided_by: str | None = None

    def overlaps(self, first: date, last: date) -> bool:
        """Tell whether it has a day from the first to the last."""
        return self.first_day <= last and first <= self.last_day


class Result(StrEnum):
    """How an assessment came out."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SkillAssessment:
    """A skill that somebody assessed, on a day."""

    skill: str
    assessor: str
    result: Result
    assessed_on: date


def certificate_id(issuer: str, number: str, valid_from: date) -> UUID:
    """Name a certificate: an issuer gives a number to one person, and may renew it."""
    return derived_id("certificate", issuer, number, valid_from)
