"""Professionals, as they go over the wire; answers to questions about them are numbers alone."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from provider_registry.api.evidence_schemas import View, Word
from provider_registry.api.request import Request
from provider_registry.domain.professional_parts import Certificate, HoursState, Result, SkillAssessment, certificate_id
from provider_registry.domain.workforce import Question
from shared.contracts.fields import Day, DecimalText, Instant, Moment, OrganisationId, ShortText


class EmploymentBody(Request):
    name: ShortText
    since: Day


class MoveBody(Request):
    """The certificate that the person showed to the next employer, and the first day there."""

    issuer: ShortText
    number: ShortText
    since: Day


class DepartureBody(Request):
    until: Day


class CertificateBody(Request):
    """`valid_from` and `valid_until` are its first and last day; without a last day it holds for good."""

    certificate_type: Word
    issuer: ShortText
    number: ShortText
    issued_on: Day
    valid_from: Day
    valid_until: Day | None = None

    def certificate(self, entered_by: str) -> Certificate:
        """Return it as the domain has it."""
        return Certificate(
            id=certificate_id(self.issuer, self.number, self.valid_from), entered_by=entered_by, **self.model_dump()
        )


class HoursBody(Request):
    first_day: Day
    last_day: Day
    hours: DecimalText


class SkillBody(Request):
    skill: Word
    assessor: ShortText
    result: Result
    assessed_on: Day

    def assessment(self) -> SkillAssessment:
        """Return it as the domain has it."""
        return SkillAssessment(self.skill, self.assessor, self.result, self.assessed_on)


class EmploymentView(View):
    employer: str
    since: date
    until: date | None


class CertificateView(View):
    id: UUID
    certificate_type: str
    issuer: str
    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    confirmed_at: Instant | None


class HoursView(View):
    id: UUID
    employer: str
    first_day: date
    last_day: date
    hours: DecimalText
    state: HoursState


class SkillView(View):
    skill: str
    assessor: str
    result: Result
    assessed_on: date


class ProfessionalView(View):
    """A professional, for the employer and for those who oversee the registry."""

    id: UUID
    organisation: str
    name: str
    employments: list[EmploymentView]
    certificates: list[CertificateView]
    hours: list[HoursView]
    skills: list[SkillView]


class UndecidedHoursView(View):
    """Hours that wait for the employer of the time."""

    professional: UUID
    name: str
    hours: HoursView


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("number_not_positive", "The number is above zero.")
    return value


class PracticeBody(Request):
    """At least so many hours of practice in so many years before the instant."""

    hours: Annotated[DecimalText, AfterValidator(_positive)]
    years: Annotated[int, Field(ge=1, le=50)]


class CountBody(Request):
    """At least so many professionals of these organisations together with a certificate, each with so much practice."""

    organisations: Annotated[list[OrganisationId], Field(min_length=1, max_length=20)]
    certificate_type: Word
    at_least: Annotated[int, Field(ge=1, le=10_000)]
    practice: PracticeBody | None = None
    at: Moment | None = None

    def question(self) -> Question:
        """Return it as the domain has it."""
        hours, years = (self.practice.hours, self.practice.years) if self.practice else (None, None)
        return Question(self.certificate_type, self.at_least, hours, years)


class OrganisationCount(View):
    organisation: str
    professionals: int


class CountView(View):
    """Numbers alone: who was counted nobody is told."""

    at: Instant
    organisations: list[OrganisationCount]
    professionals: int
    at_least: int
    satisfied: bool
