"""What happens to a panel."""

from dataclasses import dataclass
from uuid import UUID

from tender.domain.draw_parts import Closing, Draw
from tender.domain.events import ProcedureEvent
from tender.domain.panel_parts import FinalScore, MemberScore, Signature, Substitution
from tender.domain.withheld import Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelEvent(ProcedureEvent):
    tender: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolClosed(PanelEvent):
    closing: Closing
    representatives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelDrawn(PanelEvent):
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReplaced(PanelEvent):
    substitution: Substitution


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresRevealed(PanelEvent):
    round: int
    scores: tuple[MemberScore, ...]
    scored: int
    scores_digest: str | None = None
    withheld: Withheld | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresLocked(PanelEvent):
    round: int
    scores: tuple[FinalScore, ...]
    signatures: tuple[Signature, ...]
    scored: int
    scores_digest: str | None = None
    withheld: Withheld | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOpened(PanelEvent):
    round: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelAppointed(PanelEvent):
    members: tuple[UUID, ...]
    representatives: int
    reason: str
