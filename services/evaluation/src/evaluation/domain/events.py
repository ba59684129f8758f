"""What happens to supervisors, to supervised contracts, and to what is known of other publishers' processes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from evaluation.domain.agreement import Party
from evaluation.domain.external.process import ExternalProcess
from evaluation.domain.supervision_data import Draw
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.kernel.events import DomainEvent
from shared.rules.derivation import Derivation
from shared.rules.grading import Finding, KpiObservation


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorAccredited(DomainEvent):
    supervisor: str
    name: str
    inspection_body_type: InspectionBodyType
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared(DomainEvent):
    supervisor: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorAssigned(DomainEvent):
    ocid: str
    supervisor: Party
    draw: Draw
    report_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReported(DomainEvent):
    ocid: str
    period: str
    inspection: UUID
    supervisor: str
    visited_on: date
    kpis: tuple[KpiObservation, ...]
    findings: tuple[Finding, ...]
    acceptance_due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodGraded(DomainEvent):
    ocid: str
    period: str
    provider: str
    score: Decimal
    grade: str
    derivation: Derivation
    kpis: tuple[KpiObservation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionClosed(DomainEvent):
    ocid: str
    not_accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessImported(DomainEvent):
    process: ExternalProcess
    release: str
    originals: tuple[str, ...]
    remarks: tuple[str, ...]
