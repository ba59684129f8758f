"""What happens to a framework agreement."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.kernel.money import Money
from tender.domain.events import ProcedureEvent
from tender.domain.framework_parts import Quote
from tender.domain.parts import Party, RankedBid
from tender.domain.withheld import Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkProposed(ProcedureEvent):
    lot: str
    suppliers: tuple[Party, ...]
    ranking: tuple[RankedBid, ...]
    formula: str
    derivation: tuple[dict[str, Any], ...]
    standstill_ends_at: datetime
    standstill_rule: str | None
    ranked: int
    ranking_digest: str | None = None
    withheld: Withheld | None = None
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkEvent(ProcedureEvent):
    tender: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkConcluded(FrameworkEvent):
    lot: str
    title: str
    suppliers: tuple[Party, ...]
    ceiling: Money
    start: date
    end: date
    stage_two: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitionOpened(FrameworkEvent):
    competition: UUID
    title: str
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitionDecided(FrameworkEvent):
    competition: UUID
    quotes: tuple[Quote, ...]
    supplier: Party | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitionLapsed(FrameworkEvent):
    competition: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff(FrameworkEvent):
    contract: UUID
    supplier: Party
    value: Money
    called_off: Money
    stage_two: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffReturned(FrameworkEvent):
    contract: UUID
    value: Money
    called_off: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(FrameworkEvent):
    contract: UUID
    difference: Money
    called_off: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierJoined(FrameworkEvent):
    supplier: Party
    admitted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierLeft(FrameworkEvent):
    supplier: Party
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkEnded(FrameworkEvent):
    amount: Money
