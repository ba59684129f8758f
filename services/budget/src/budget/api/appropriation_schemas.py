"""What is granted, and what becomes of it by revisions, over the wire."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from budget.api.schemas import BalancesView
from budget.domain.fiscal_year import QUARTERS, FiscalYear, YearEndPolicy, YearState
from budget.domain.grant import Grant, Source, SourceKind
from budget.domain.ledger import Stage
from budget.domain.line import Line
from budget.domain.revision import Revision, RevisionKind, RevisionState
from budget.domain.revision_events import Move
from shared.contracts.fields import Amount, Day, DecimalText, Instant, LongText, PositiveAmount, ShortText
from shared.kernel.money import Money, total

Year = Annotated[int, Field(strict=True, ge=1900, le=2199)]


class SourceBody(BaseModel):
    """Where a part of the money comes from; a donor's or another government's name is public."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    kind: SourceKind
    funder: ShortText
    amount: PositiveAmount

    def as_source(self) -> Source:
        """Return the source."""
        return Source(self.kind, self.funder, self.amount)


class Appropriation(BaseModel):
    """A body; what the API does not name is refused.

    `programme` is a division or group of COFOG, such as `10.2`. `sources` and `quarters` add up to the amount; what is
    granted for a quarter is available when the quarter begins.
    """

    model_config = ConfigDict(extra="forbid")

    code: ShortText
    title: ShortText
    fiscal_year: Annotated[int, Field(strict=True, ge=1900, le=2200)]
    amount: PositiveAmount
    programme: Annotated[str, Field(max_length=10)] | None = None
    sources: Annotated[list[SourceBody], Field(max_length=50)] = []
    quarters: Annotated[list[Amount], Field(max_length=4)] = []

    def grant(self) -> Grant:
        """Return what is granted."""
        return Grant(
            amount=self.amount,
            programme=self.programme,
            sources=tuple(map(SourceBody.as_source, self.sources)),
            quarters=tuple(self.quarters),
        )


class SourceView(BaseModel):
    kind: SourceKind
    funder: str
    amount: Amount
    share: DecimalText


class LineView(BaseModel):
    """A budget line.

    `original` is what the legislature granted at first, null where the line only has what was carried over; what was
    made of it since is in its adjustments. `sources` are of the original and of what supplementary budgets added, each
    with its share of what sources are named for. `quarters_opened` counts the quarters whose part has become available.
    """

    id: UUID
    code: str
    title: str
    fiscal_year: int
    currency: str
    original: Amount | None
    programme: str | None
    sources: list[SourceView]
    quarters: list[Amount]
    quarters_opened: int
    closed_at: Instant | None
    balances: BalancesView


class AdjustmentView(BaseModel):
    """A change of what a line was granted, below zero where it was taken away; `cause` is the revision."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    amount: Amount
    cause: UUID
    reason: str
    at: Instant


class MoveBody(BaseModel):
    """What a revision adds to a line; an amount below zero takes.

    `sources` say where what a supplementary budget adds comes from, and add up to it; a line with sources needs them.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    line: UUID
    amount: Amount
    sources: Annotated[list[SourceBody], Field(max_length=50)] | None = None


class RevisionBody(BaseModel):
    """A revision of the budget; `decision` is what the legislature's decision is filed under."""

    model_config = ConfigDict(extra="forbid")

    kind: RevisionKind
    moves: Annotated[list[MoveBody], Field(min_length=1, max_length=500)]
    reason: LongText
    decision: ShortText

    def as_moves(self) -> tuple[Move, ...]:
        """Return what it adds and takes."""
        return tuple(
            Move(move.line, move.amount, tuple(map(SourceBody.as_source, move.sources)) if move.sources else None)
            for move in self.moves
        )


class RejectionBody(BaseModel):
    """Why what was proposed is dropped."""

    model_config = ConfigDict(extra="forbid")

    reason: LongText


class RevisionView(BaseModel):
    """A revision; who proposed and who decided is not shown. `decision_due` is null once it is decided."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: RevisionKind
    state: RevisionState
    moves: list[MoveBody]
    reason: str
    decision: str
    proposed_at: Instant
    decision_due: Instant | None
    decided_at: Instant | None
    rejection: str | None


class FiscalYearBody(BaseModel):
    """A fiscal year's days, and what becomes at its end of what is set aside or bound."""

    model_config = ConfigDict(extra="forbid")

    starts: Day
    ends: Day
    time_zone: ShortText = "UTC"
    policy: YearEndPolicy


class FiscalYearView(BaseModel):
    """A fiscal year; one that nobody declared is the calendar year.

    `over_at` is the first instant after it, and `decision_due` until when the proposal to close it is decided on.
    """

    model_config = ConfigDict(from_attributes=True)

    year: int
    starts: Day
    ends: Day
    time_zone: str
    policy: YearEndPolicy
    state: YearState
    over_at: Instant
    quarters: list[Instant]
    decision_due: Instant | None
    closed_at: Instant | None


class RenewalView(BaseModel):
    """What a contracting process needs of the year's budget."""

    ocid: str
    amount: Amount


class OpeningView(BaseModel):
    """What was funded by the year's budget, and what it lacks; the latter may be asked for again."""

    funded: list[RenewalView]
    refused: list[RenewalView]


def line_view(line: Line, balances: Mapping[Stage, Money]) -> LineView:
    original, sourced = line.original, total([one.amount for one in line.sources], line.currency)
    return LineView(
        id=line.id,
        code=line.code,
        title=line.title,
        fiscal_year=line.fiscal_year,
        currency=line.currency,
        original=original.amount if original else None,
        programme=original.programme if original else None,
        sources=[
            SourceView(kind=one.kind, funder=one.funder, amount=one.amount, share=one.share_of(sourced))
            for one in line.sources
        ],
        quarters=list(line.quarters),
        quarters_opened=line.opened,
        closed_at=line.closed_at,
        balances=BalancesView.model_validate({stage.value: amount for stage, amount in balances.items()}),
    )


def revision_view(revision: Revision) -> RevisionView:
    return RevisionView(
        id=revision.id,
        kind=revision.kind,
        state=revision.state,
        moves=[MoveBody.model_validate(move) for move in revision.moves],
        reason=revision.reason,
        decision=revision.decision,
        proposed_at=revision.proposed_at,
        decision_due=revision.due_at,
        decided_at=revision.decided_at,
        rejection=revision.rejection,
    )


def fiscal_year_view(year: FiscalYear) -> FiscalYearView:
    return FiscalYearView(
        year=year.year,
        starts=year.starts,
        ends=year.ends,
        time_zone=year.time_zone,
        policy=year.policy,
        state=year.state,
        over_at=year.over_at,
        quarters=[year.quarter_opens_at(quarter) for quarter in QUARTERS],
        decision_due=year.due_at,
        closed_at=year.closed_at,
    )
