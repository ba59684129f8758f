"""What happens to the record of a provider."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shared.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUpdated(DomainEvent):
    organisation: str
    contracts: int
    periods_graded: int
    rated: bool
    mean_score: Decimal | None
    latest_grade: str | None
    latest_ocid: str | None
    ended_early: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingChanged(DomainEvent):
    organisation: str
    category: str
    observations: int
    rated: bool
    score: Decimal | None
    level: str | None
    rated_on: date
    pack: str
    pack_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyGiven(DomainEvent):
    organisation: str
    ocid: str
    contract: UUID
    period: str
    text: str
    replied_at: datetime
