"""What of panels goes over the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from shared.contracts.fields import DecimalText, Instant, LongText, OrganisationId, ShortText
from tender.api.draw_schemas import BeaconBody, ClosingView
from tender.api.schemas import MOST_SCORES, Code, Request, View
from tender.domain.panel import Panel
from tender.domain.panel_disclosure import shown_signatures
from tender.domain.panel_parts import PanelStatus, Relation, SeatStatus

Places = Annotated[int, Field(ge=0, le=99, strict=True)]


class CompositionBody(Request):
    """How the panel is to be made up; what kind of matter it is, is said where rules ask for it."""

    experts: Places
    representatives: Places = 0
    complex: bool | None = None
    large_social_impact: bool | None = None


class PoolBody(CompositionBody):
    """Close the pool, with the beacon that the draw will take its randomness from."""

    beacon: BeaconBody


class AnotherPoolBody(Request):
    """Close a new pool for places that the last order cannot fill."""

    beacon: BeaconBody
    reason: LongText


class AppointmentBody(CompositionBody):
    """Appoint experts by label, with a reason that is public."""

    members: Annotated[list[UUID], Field(min_length=1, max_length=99)]
    reason: LongText


class RepresentativeBody(Request):
    person: ShortText
    name: ShortText


class ChairBody(Request):
    member: UUID


class RefusalBody(Request):
    reason: LongText


class ReleaseBody(Request):
    """The seat, by label, of somebody who is silent beyond the term, and why it is taken."""

    member: UUID
    reason: LongText


class TieBody(Request):
    """A tie to a bidder, or `none`; years since it ended, 0 while it lasts; the degree of kinship."""

    bidder: OrganisationId
    relation: Relation
    years_since: DecimalText | None = None
    degree: Annotated[int, Field(ge=1, le=20, strict=True)] | None = None


class DeclarationBody(Request):
    """How a member stands to every bidder."""

    ties: Annotated[list[TieBody], Field(min_length=1, max_length=2000)]


class AgreedBody(Request):
    """A score that the panel agreed on in place of the mean."""

    bid: UUID
    criterion: Code
    value: DecimalText
    ground: Code | None = None
    reason: LongText


class ConsensusBody(Request):
    """All the scores that were agreed on in place of the mean; they replace those set before."""

    scores: Annotated[list[AgreedBody], Field(max_length=MOST_SCORES)]


class SignatureBody(Request):
    """The vote on the report; a dissent says why."""

    vote: Literal["agreed", "dissented"]
    reasons: LongText | None = None


class RoundBody(Request):
    reason: LongText


class TieView(View):
    bidder: str
    relation: str
    years_since: DecimalText | None
    degree: int | None


class SeatView(View):
    """A place by label; the ties that were disclosed, null until they are."""

    label: UUID
    kind: str
    status: SeatStatus
    ties: list[TieView] | None


class MemberScoreView(View):
    member: UUID
    bid: UUID
    criterion: str
    value: DecimalText


class AgreedView(View):
    bid: UUID
    criterion: str
    value: DecimalText
    ground: str | None
    reason: str


class SignatureView(View):
    member: UUID
    vote: str
    reasons: str | None


class FinalScoreView(View):
    bid: UUID
    criterion: str
    mean: DecimalText
    value: DecimalText
    ground: str | None
    reason: str | None


class PanelView(View):
    """A panel by labels; `names` are those who have accepted, in no order that tells whose label is whose.

    Scores, and what is argued about them, are shown to those who read the evaluation where the rule pack does not make
    it public (`award.ranking-public`); `scored` is how many final ones there are.
    """

    id: UUID
    tender: UUID
    status: PanelStatus
    experts: int
    representatives: int
    due_at: Instant | None
    closing: ClosingView | None
    seats: list[SeatView]
    chair: UUID | None
    names: list[str] | None
    round: int
    scores: list[MemberScoreView]
    agreed: list[AgreedView]
    signatures: list[SignatureView]
    final: list[FinalScoreView]
    scored: int

    @classmethod
    def of(cls, panel: Panel, names: Sequence[str] | None, *, scores: bool) -> Self:
        """Show a panel with the names of its members and with its scores, where they are shown."""
        return cls(
            id=panel.id,
            tender=panel.tender,
            status=panel.status,
            experts=panel.experts,
            representatives=panel.representatives,
            due_at=panel.due_at,
            closing=ClosingView.of(panel.closing) if panel.closing else None,
            seats=[SeatView.model_validate(seat) for seat in panel.seats],
            chair=panel.chair,
            names=None if names is None else list(names),
            round=panel.round,
            scores=[MemberScoreView.model_validate(score) for score in panel.scores if scores],
            agreed=[AgreedView.model_validate(one) for one in panel.agreed if scores],
            signatures=[SignatureView.model_validate(one) for one in shown_signatures(panel, reasons=scores)],
            final=[FinalScoreView.model_validate(one) for one in panel.final if scores],
            scored=len(panel.final),
        )
