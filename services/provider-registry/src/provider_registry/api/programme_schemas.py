"""What goes over the wire of capacity programmes."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from provider_registry.api.request import Request
from provider_registry.domain.application import Application, ApplicationStatus
from provider_registry.domain.programme import Programme, ProgrammeKind
from provider_registry.domain.programme_parts import Milestone
from provider_registry.domain.programme_results import BeforeAndAfter
from shared.contracts.fields import Day, DecimalText, Instant, LongText, Moment, ShortText
from shared.rules.derivation import half_up


class ProgrammeBody(Request):
    title: ShortText
    kind: ProgrammeKind
    summary: LongText
    criteria: Annotated[list[ShortText], Field(min_length=1, max_length=50)]
    categories: Annotated[list[ShortText], Field(min_length=1, max_length=50)]
    opens_at: Moment
    closes_at: Moment


class ApplicationBody(Request):
    text: LongText


class AssessmentBody(Request):
    recommended: bool
    text: LongText


class MilestoneBody(Request):
    code: ShortText
    title: ShortText
    due: Day


class DecisionBody(Request):
    """What is granted has milestones, what is declined has none; the reasons are public."""

    granted: bool
    reasons: LongText
    milestones: Annotated[list[MilestoneBody], Field(default_factory=list, max_length=50)]

    def parts(self) -> tuple[Milestone, ...]:
        """Read the milestones."""
        return tuple(Milestone(one.code, one.title, one.due) for one in self.milestones)


class OutcomeBody(Request):
    reached: bool
    outcome: LongText


class ProgrammeView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organisation: str
    title: str
    kind: ProgrammeKind
    summary: str
    criteria: list[str]
    categories: list[str]
    opens_at: Instant
    closes_at: Instant
    decision_due: Instant


class MilestoneView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    due: date
    reached: bool | None
    outcome: str | None
    recorded_at: Instant | None


class ApplicationView(BaseModel):
    """An application; its text and assessment are for the provider and the office alone."""

    programme: UUID
    organisation: str
    status: ApplicationStatus
    applied_at: Instant
    decision_due: Instant
    decided_at: Instant | None
    reasons: str | None
    milestones: list[MilestoneView]
    text: str | None
    assessment: str | None
    recommended: bool | None


class ComparisonView(BaseModel):
    """Periods graded before and after the grants; the means are null unless each side has `needed` of them."""

    category: str
    before_observations: int
    after_observations: int
    before: DecimalText | None
    after: DecimalText | None


class ResultsView(BaseModel):
    """How those who were granted were graded before and after; it does not say why."""

    programme: UUID
    at: Instant
    needed: int
    categories: list[ComparisonView]


def programme_view(programme: Programme) -> ProgrammeView:
    return ProgrammeView.model_validate(programme)


def application_view(application: Application, *, inside: bool) -> ApplicationView:
    return ApplicationView(
        programme=application.programme,
        organisation=application.organisation,
        status=application.status,
        applied_at=application.applied_at,
        decision_due=application.decision_due,
        decided_at=application.decided_at,
        reasons=application.reasons,
        milestones=[MilestoneView.model_validate(one) for one in application.milestones],
        text=application.text if inside else None,
        assessment=application.assessment if inside else None,
        recommended=application.recommended if inside else None,
    )


def comparison_view(one: BeforeAndAfter) -> ComparisonView:
    return ComparisonView(
        category=one.category,
        before_observations=one.before_observations,
        after_observations=one.after_observations,
        before=_shown(one.before),
        after=_shown(one.after),
    )


def _shown(mean: Fraction | None) -> Decimal | None:
    return None if mean is None else half_up(mean, 2)
