"""A revision of the budget: money added, taken away, or moved between lines, by the word of two persons."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.fiscal_year import DECISION_TERM
from budget.domain.grant import check_sources
from budget.domain.line import Line
from budget.domain.revision_events import Move, RevisionProposed, RevisionRejected
from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import total


class RevisionKind(StrEnum):
    """Say what a revision does to the budget.

    Source: IPSAS 24, paragraphs 7 and 29: supplementary appropriations, and reallocations within the budget.
    """

    SUPPLEMENTARY = "supplementary"
    REDUCTION = "reduction"
    REALLOCATION = "reallocation"


class RevisionState(StrEnum):
    """Where a revision stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


REVISION = lifecycle(
    "revision",
    RevisionState.PROPOSED,
    transition("approve", "proposed", "approved", "another finance-officer", events="budget.revised.v1"),
    transition("reject", "proposed", "rejected", "finance-officer", events="budget.revision-rejected.v1"),
    events="budget.revision-proposed.v1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A document beside the original budget, which it never changes.

    Shape: decision is what the legislature's decision is filed under.
    """

    id: UUID
    version: int
    kind: RevisionKind
    moves: tuple[Move, ...]
    reason: str
    decision: str
    proposed_by: str
    proposed_at: datetime
    state: RevisionState = RevisionState.PROPOSED
    decided_by: str | None = None
    decided_at: datetime | None = None
    rejection: str | None = None

    @property
    def due_at(self) -> datetime | None:
        """Until when somebody decides on it, while nobody has."""
        return self.proposed_at + DECISION_TERM if self.state is RevisionState.PROPOSED else None

    def approve(self, *, by: str, at: datetime) -> "Revision":
        """Put it into force; the events are those of its lines.

        Raises:
            NotAllowed: revision-decided.
            Forbidden: second-person-needed.
        """
        self._undecided("approve")
        different_persons(self.proposed_by, by, "Approving a revision of the budget")
        return self._decided("approve", RevisionState.APPROVED, by, at)

    def reject(self, *, by: str, reason: str, at: datetime) -> tuple["Revision", tuple[RevisionRejected, ...]]:
        """Drop it; whoever proposed it may.

        Raises:
            NotAllowed: revision-decided.
        """
        self._undecided("reject")
        rejected = replace(self._decided("reject", RevisionState.REJECTED, by, at), rejection=reason)
        return rejected, (RevisionRejected(aggregate=self.id, version=rejected.version, reason=reason),)

    def _undecided(self, action: str) -> None:
        if self.state not in REVISION.transitions[action].before:
            raise NotAllowed(
                "revision-decided", "It was approved or rejected before.", satisfied_by="Another revision."
            )

    def _decided(self, action: str, state: RevisionState, by: str, at: datetime) -> "Revision":
        decided = REVISION.move(action, self.state, state)
        return replace(self, version=self.version + 1, state=decided, decided_by=by, decided_at=at)


def propose(
    identifier: UUID, kind: RevisionKind, moves: tuple[Move, ...], *, reason: str, decision: str, by: str, at: datetime
) -> tuple[Revision, tuple[RevisionProposed, ...]]:
    """Put a revision forward, for another person to decide on.

    Raises:
        Invalid: line-repeated, revision-sign-wrong, reallocation-not-balanced, currencies-differ,
            sources-not-supplementary, and what check_sources() refuses.
    """
    _check(kind, moves)
    revision = Revision(
        id=identifier,
        version=1,
        kind=kind,
        moves=moves,
        reason=reason,
        decision=decision,
        proposed_by=by,
        proposed_at=at,
    )
    event = RevisionProposed(
        aggregate=identifier,
        version=1,
        kind=kind.value,
        moves=moves,
        reason=reason,
        decision=decision,
        due_at=at + DECISION_TERM,
    )
    return revision, (event,)


def _check(kind: RevisionKind, moves: tuple[Move, ...]) -> None:
    if len({move.line for move in moves}) < len(moves):
        raise Invalid("line-repeated", "A line occurs twice in the revision.", pointer="/body/moves")
    added = total([move.amount for move in moves], moves[0].amount.currency)
    for place, move in enumerate(moves):
        _check_sources(kind, move, f"/body/moves/{place}/sources")
    if kind is RevisionKind.REALLOCATION:
        if added.minor or any(not move.amount.minor for move in moves):
            raise Invalid(
                "reallocation-not-balanced", "What some lines give is not what others get.", pointer="/body/moves"
            )
    elif any(
        (move.amount.minor > 0) is not (kind is RevisionKind.SUPPLEMENTARY) or not move.amount.minor for move in moves
    ):
        raise Invalid(
            "revision-sign-wrong",
            "A supplementary budget adds to every line it names, a reduction takes from every one.",
            pointer="/body/moves",
        )


def _check_sources(kind: RevisionKind, move: Move, pointer: str) -> None:
    if not move.sources:
        return
    if kind is not RevisionKind.SUPPLEMENTARY:
        raise Invalid(
            "sources-not-supplementary",
            "Only what a supplementary budget adds comes from sources of its own.",
            pointer=pointer,
        )
    check_sources(move.sources, move.amount, pointer)


def check_lines(revision: Revision, lines: Mapping[UUID, Line]) -> None:
    """Hold a revision to the lines that it names.

    Raises:
        NotAllowed: line-unknown, currency-differs, fiscal-years-differ, sources-missing.
    """
    if any(move.line not in lines for move in revision.moves):
        raise NotAllowed("line-unknown", "The budget has no such line.", satisfied_by="An appropriation of the line.")
    if any(move.amount.currency != lines[move.line].currency for move in revision.moves):
        raise NotAllowed(
            "currency-differs", "A line is in another currency.", satisfied_by="An amount in the line's currency."
        )
    if revision.kind is RevisionKind.SUPPLEMENTARY and any(
        lines[move.line].sources and not move.sources for move in revision.moves
    ):
        raise NotAllowed(
            "sources-missing",
            "It is known of a line where all of its money comes from, and what is added would come from nowhere.",
            satisfied_by="The sources of what is added to the line.",
        )
    if revision.kind is RevisionKind.REALLOCATION and len({line.fiscal_year for line in lines.values()}) > 1:
        raise NotAllowed(
            "fiscal-years-differ",
            "Money is not moved from one fiscal year to another.",
            satisfied_by="Lines of one fiscal year; what may be carried forward is carried when a year is closed.",
        )
