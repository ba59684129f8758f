"""The parts a supervision file is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from evaluation.domain.agreement import Party
from shared.rules.derivation import Derivation
from shared.rules.grading import Finding, KpiObservation


class Status(StrEnum):
    """What a supervised contract waits for."""

    AWAITING_ASSIGNMENT = "awaiting-assignment"
    AWAITING_REPORT = "awaiting-report"
    AWAITING_ACCEPTANCE = "awaiting-acceptance"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class SkippedSupervisor:
    """A supervisor that the draw passed over, and the rule it did so by."""

    supervisor: str
    rule: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw that anybody can repeat.

    Units: seed is 32 bytes in hexadecimal.
    Shape: pool is sorted, order holds the same ids as the draw placed them, skipped begins where order begins.
    """

    method: str
    seed: str
    pool: tuple[str, ...]
    order: tuple[str, ...]
    skipped: tuple[SkippedSupervisor, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The supervisor that was drawn, and the person who drew."""

    supervisor: Party
    draw: Draw
    by: str


@dataclass(frozen=True, slots=True)
class FormerProvider:
    """A provider that held the contract until it went over."""

    provider: Party
    until: datetime


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the supervisor reported on a period, with who delivered it and the person who drew the supervisor."""

    id: UUID
    period: str
    visited_on: date
    kpis: tuple[KpiObservation, ...]
    findings: tuple[Finding, ...]
    reported_at: datetime
    reported_by: str
    provider: str | None = None
    drawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """An accepted period's grade.

    Units: score from 0 to 100.
    """

    period: str
    score: Decimal
    grade: str
    derivation: Derivation
    accepted_at: datetime
