"""What of draws by a public beacon goes over the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fields import Instant, Moment, Sha256, ShortText
from shared.kernel import draw as selection
from shared.kernel.beacon import Beacon, drand, public_records
from tender.api.schemas import Request, View
from tender.domain.draw_parts import Closing, Draw
from tender.domain.panel_parts import Substitution
from tender.usecases.draws import Given

Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){1,500}$")]
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


class RandomnessBody(Request):
    """What the beacon gave: a round's signature as hexadecimal digits, or the numbers of each record in order."""

    signature: Hex | None = None
    randomness: Sha256 | None = None
    numbers: (
        Annotated[list[Annotated[list[Number], Field(min_length=1, max_length=10)]], Field(min_length=1, max_length=5)]
        | None
    ) = None

    @property
    def given(self) -> Given:
        """Return it as the beacon gave it."""
        return Given(
            signature=None if self.signature is None else bytes.fromhex(self.signature),
            randomness=None if self.randomness is None else bytes.fromhex(self.randomness),
            numbers=None if self.numbers is None else tuple(tuple(source) for source in self.numbers),
        )


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


class FixedView(View):
    """What is fixed of a draw before anybody can know its randomness."""

    method: str
    pool: list[UUID]
    commitment: Sha256
    iteration: int
    beacon: BeaconView
    places: int
    closed_at: Instant


class ClosingView(FixedView):
    """What was fixed before anybody could know the randomness."""

    reason: str | None

    @classmethod
    def of(cls, closing: Closing) -> Self:
        """Show a closing, with the method of its draw."""
        return cls(**_closing(closing), reason=closing.reason)


class DrawView(FixedView):
    """A draw, with everything that is needed to draw again."""

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
    """All that `coxswain draw verify` needs to draw again, without a server."""

    format: Literal["draw-record/v1"] = "draw-record/v1"
    subject: str
    closings: list[ClosingView]
    draws: list[DrawView]
    substitutions: list[SubstitutionView]

    @classmethod
    def of(
        cls,
        subject: str,
        draws: Sequence[Draw],
        awaited: Closing | None = None,
        substitutions: Sequence[Substitution] = (),
    ) -> Self:
        """Write the record of the draws about one subject, and of one whose beacon has not spoken."""
        closings = [draw.closing for draw in draws]
        if awaited is not None and awaited not in closings:
            closings.append(awaited)
        return cls(
            subject=subject,
            closings=[ClosingView.of(closing) for closing in closings],
            draws=[DrawView.of(draw) for draw in draws],
            substitutions=[SubstitutionView.model_validate(change) for change in substitutions],
        )


def beacon_named(body: DrandBody | RecordsBody) -> Beacon:
    """Return the beacon that a request names."""
    return drand(body.round) if isinstance(body, DrandBody) else public_records(body.records, body.at)


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
