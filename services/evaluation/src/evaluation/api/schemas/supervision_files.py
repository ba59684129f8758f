"""Supervision files over the wire; the persons who acted stay inside."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from evaluation.api.schemas.common import MilestoneView, PartyView, Request, View
from evaluation.domain.supervision_data import Status
from shared.contracts.fields import Day, DecimalText, Instant, LongText, ShortText
from shared.rules.grading import Finding, KpiObservation, Severity


class KpiBody(Request):
    id: ShortText
    title: ShortText
    direction: Literal["higher", "lower"]
    target: DecimalText
    observed: DecimalText


class FindingBody(Request):
    severity: Severity
    text: LongText


class InspectionBody(Request):
    period: ShortText
    visited_on: Day
    kpis: Annotated[list[KpiBody], Field(min_length=1, max_length=50)]
    findings: Annotated[list[FindingBody], Field(default_factory=list, max_length=100)]

    def observations(self) -> tuple[KpiObservation, ...]:
        """Return the indicators as the grading reads them."""
        return tuple(KpiObservation(kpi.id, kpi.title, kpi.target, kpi.observed, kpi.direction) for kpi in self.kpis)

    def shortcomings(self) -> tuple[Finding, ...]:
        """Return the findings as the grading reads them."""
        return tuple(Finding(finding.severity, finding.text) for finding in self.findings)


class PackView(View):
    id: str
    version: str


class SkippedView(View):
    supervisor: str
    rule: str


class DrawView(View):
    """A draw; `order` follows from the contract's id, the seed and the pool, and can be worked out again."""

    method: str
    seed: str
    pool: list[str]
    order: list[str]
    skipped: list[SkippedView]


class AssignmentView(View):
    supervisor: PartyView
    draw: DrawView


class KpiView(View):
    id: str
    title: str
    direction: str
    target: DecimalText
    observed: DecimalText


class FindingView(View):
    severity: str
    text: str


class InspectionView(View):
    id: UUID
    period: str
    visited_on: date
    reported_at: Instant
    kpis: list[KpiView]
    findings: list[FindingView]


class GradeView(View):
    """A period's grade; `derivation` holds every step from the indicators to it."""

    period: str
    score: DecimalText
    grade: str
    accepted_at: Instant
    derivation: list[dict[str, str]]


class SupervisionFileView(View):
    contract: Annotated[UUID, Field(validation_alias="id")]
    ocid: str
    title: str
    buyer: PartyView
    provider: PartyView
    pack: PackView
    acceleration: int
    sandbox: bool
    signed_at: Instant
    status: Status
    waiting_until: Annotated[Instant | None, Field(validation_alias="due_at")]
    milestones: list[MilestoneView]
    assignment: AssignmentView | None
    inspections: list[InspectionView]
    grades: list[GradeView]
