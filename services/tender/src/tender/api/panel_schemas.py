"""What of panels goes over the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fields import DecimalText, Instant, LongText, Moment, OrganisationId, Sha256, ShortText
from shared.kernel import draw as selection
from tender.api.schemas import MOST_SCORES, Code, Request, View
from tender.domain.panel import Panel
from tender.domain.panel_disclosure import shown_signatures
from tender.domain.panel_parts import Closing, Draw, PanelStatus, Relation, SeatStatus

Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){1,500}$")]
Places = Annotated[int, Field(ge=0, le=99, strict=True)]
Number = Annotated[int, Field(ge=0, lt=10**18, strict=True)]


class DrandBody(Request):
    """A round of drand's network quicknet that is still to come."""

    source: Literal["drand"]
    round: Annotated[int, Field(ge=1, lt=10**10, strict=True)]


class RecordsBody(Request):
    """Public records whose numbers nobody knows before the instant given; two persons will read them."""

    source: Literal["public-records"]
    records: Annotated[list[ShortText], Field(min_length=1, max_length=5)]
    at: Moment


BeaconBody = Annotated[DrandBody | RecordsBody, Field(discriminator="source")]


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


class RandomnessBody(Request):
    """What the beacon gave: a round's signature as hexadecimal digits, or the numbers of each record in order."""

    signature: Hex | None = None
    randomness: Sha256 | None = None
    numbers: (
        Annotated[list[Annotated[list[Number], Field(min_length=1, max_length=10)]], Field(min_length=1, max_length=5)]
        | None
    ) = None


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


class BeaconView(View):
    source: str
    at: Instant
    chain: Sha256 | None
    round: int | None
    records: list[str]


class SkipView(View):
    label: UUID
    rule: str
    source: str


class ClosingView(View):
    """What was fixed before anybody could know the randomness."""

    method: str
    pool: list[UUID]
    commitment: Sha256
    iteration: int
    beacon: BeaconView
    places: int
    closed_at: Instant
    reason: str | None

    @classmethod
    def of(cls, closing: Closing) -> Self:
        """Show a closing, with the method of its draw."""
        return cls(**_closing(closing), reason=closing.reason)


class DrawView(View):
    """A draw, with everything that is needed to draw again."""

    method: str
    pool: list[UUID]
    commitment: Sha256
    iteration: int
    beacon: BeaconView
    places: int
    closed_at: Instant
    randomness: str
    signature: str | None
    numbers: list[list[int]] | None
    code: Sha256
    order: list[UUID]
    selected: list[UUID]
    skipped: list[SkipView]
    drawn_at: Instant

    @classmethod
    def of(cls, draw: Draw) -> Self:
        """Show a draw as it was published."""
        return cls(
            **_closing(draw.closing),
            randomness=draw.randomness,
            signature=draw.signature,
            numbers=None if draw.numbers is None else [list(source) for source in draw.numbers],
            code=draw.code,
            order=list(draw.order),
            selected=list(draw.selected),
            skipped=[SkipView.model_validate(skip) for skip in draw.skipped],
            drawn_at=draw.drawn_at,
        )


class SubstitutionView(View):
    left: UUID
    because: str
    rule: str | None
    source: str | None
    substitute: UUID | None
    iteration: int | None
    skipped: list[SkipView]
    reason: str | None


class RecordView(View):
    """All that `coxswain draw verify` needs to draw a panel again, without a server."""

    format: Literal["draw-record/v1"] = "draw-record/v1"
    subject: str
    closings: list[ClosingView]
    draws: list[DrawView]
    substitutions: list[SubstitutionView]

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """Write the record of a panel."""
        closings = [draw.closing for draw in panel.draws]
        if panel.closing is not None and panel.closing not in closings:
            closings.append(panel.closing)
        return cls(
            subject=panel.ocid,
            closings=[ClosingView.of(closing) for closing in closings],
            draws=[DrawView.of(draw) for draw in panel.draws],
            substitutions=[SubstitutionView.model_validate(change) for change in panel.substitutions],
        )


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
    """A panel by labels; `names` are those who have accepted, in no order that tells whose label is whose."""

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

    @classmethod
    def of(cls, panel: Panel, names: Sequence[str] | None) -> Self:
        """Show a panel with the names of its members, where they are shown."""
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
            scores=[MemberScoreView.model_validate(score) for score in panel.scores],
            agreed=[AgreedView.model_validate(one) for one in panel.agreed],
            signatures=[SignatureView.model_validate(one) for one in shown_signatures(panel)],
            final=[FinalScoreView.model_validate(one) for one in panel.final],
        )


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "method": selection.METHOD,
        "pool": list(closing.pool),
        "commitment": closing.commitment,
        "iteration": closing.iteration,
        "beacon": BeaconView.model_validate(closing.beacon),
        "places": closing.places,
        "closed_at": closing.closed_at,
    }
