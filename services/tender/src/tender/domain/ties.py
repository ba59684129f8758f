"""Ties: what the rule pack puts equal bids in order by, and a draw that nobody can steer where nothing else decides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import chain, groupby
from uuid import UUID

from shared.kernel import draw as selection
from shared.kernel.beacon import Beacon
from shared.kernel.errors import NotAllowed, NotFound
from shared.rules.pack import RulePack
from tender.domain.draw_parts import Closing, Randomness
from tender.domain.endings import Change
from tender.domain.events import TieDrawAnnounced, TieDrawn
from tender.domain.parts import RankedBid, Status, TieDraw
from tender.domain.public_draw import draw_first, expect_ahead, expect_spoken, numbers_entered
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Tie:
    """Equal bids that a draw decides on: of which some have a place and some have none, or whose order is acted on."""

    bids: tuple[UUID, ...]
    places: int


def resolve(
    ranking: Sequence[RankedBid],
    quality: Mapping[UUID, Fraction],
    draws: Sequence[TieDraw],
    pack: RulePack,
    *,
    places: int = 1,
    in_order: bool = False,
) -> tuple[RankedBid, ...]:
    """Put bids of equal total in the order that the pack says; so many of the first have a place.

    Shape: in_order says whether the order of those that have a place is acted on too.

    Raises:
        NotAllowed: tie-unresolved, while a draw is needed to tell who has the last place and who has none, or who of
            those that have one comes first.
    """
    found = _classes(ranking, quality, draws, pack)
    if any(_undecided(found, places, in_order=in_order)):
        raise NotAllowed(
            "tie-unresolved",
            "Bids are equal, and not all of them can be chosen, or come first.",
            reference=pack.reference("tie-break"),
            satisfied_by="A draw between them by a public beacon.",
        )
    return tuple(chain.from_iterable(found))


def find(
    ranking: Sequence[RankedBid],
    quality: Mapping[UUID, Fraction],
    pack: RulePack,
    *,
    draws: Sequence[TieDraw] = (),
    places: int = 1,
    in_order: bool = False,
) -> Tie | None:
    """Find the first tie that only a draw can decide and that none has decided; where all were drawn, the first."""
    found = list(_undecided(_classes(ranking, quality, (), pack), places, in_order=in_order))
    return next((tie for tie in found if not _drawn(draws, set(tie.bids))), next(iter(found), None))


def announce(tender: Tender, lot: str, tie: Tie | None, beacon: Beacon, *, at: datetime, pack: RulePack) -> Change:
    """Name the public beacon that will draw a tie, before anybody knows what it will say.

    Raises:
        NotAllowed: tender-not-award, tie-missing, tie-draw-announced, beacon-too-early.
    """
    tender.expect(Status.AWARD)
    reference = pack.reference("tie-break")
    if tie is None:
        raise NotAllowed(
            "tie-missing",
            "There is no tie of the lot that a draw would decide.",
            reference=reference,
            satisfied_by="The proposal of the award: nothing is to be drawn before it.",
        )
    made = [draw for draw in tender.tie_draws if draw.lot == lot and (draw.closing is not None or draw.order)]
    if any(set(draw.bids) >= set(tie.bids) for draw in made):
        raise NotAllowed(
            "tie-draw-announced",
            "The beacon of this draw has been named.",
            reference=reference,
            satisfied_by="The draw by that beacon; a tie is drawn once.",
        )
    expect_ahead(beacon, at=at, acceleration=tender.acceleration, pack=pack)
    closing = Closing(
        pool=tuple(sorted(tie.bids, key=str)),
        commitment=selection.commitment(_secret(tender, lot), selection.CODES).hex(),
        iteration=1 + sum(draw.closing is not None for draw in made),
        beacon=beacon,
        places=tie.places,
        closed_at=at,
    )
    draw = TieDraw(lot=lot, bids=closing.pool, closing=closing)
    after, event = replace(tender, tie_draws=(*tender.tie_draws, draw)).telling(
        TieDrawAnnounced, lot=lot, closing=closing
    )
    return after, (event,)


def may_draw(tender: Tender, lot: str, *, at: datetime, pack: RulePack) -> Closing:
    """Admit the draw of a tie.

    Raises:
        NotFound: tie-draw-unknown.
        NotAllowed: tender-not-award, beacon-not-yet.
    """
    tender.expect(Status.AWARD)
    waiting = _waiting(tender, lot)
    if waiting is None or waiting.closing is None:
        raise NotFound("tie-draw-unknown", "No draw of the lot waits for its beacon.")
    expect_spoken(waiting.closing.beacon, at=at, pack=pack)
    return waiting.closing


def enter_numbers(tender: Tender, lot: str, randomness: Randomness, person: str) -> tuple[Tender, bool]:
    """Note what a person read in the public records; return also whether two persons have read the same.

    Raises:
        NotAllowed: numbers-entered, if the same person enters the same again.
    """
    waiting = _waiting(tender, lot)
    entered, agreed = numbers_entered(waiting.entered if waiting else (), randomness, person)
    after = _with(tender, lot, lambda draw: replace(draw, entered=entered))
    return replace(after, version=tender.version + 1), agreed


def draw_tie(tender: Tender, lot: str, randomness: Randomness, *, at: datetime, pack: RulePack) -> Change:
    """Draw a tie by what the beacon has said.

    Raises:
        NotFound: tie-draw-unknown.
        NotAllowed: tender-not-award, beacon-not-yet.
    """
    closing = may_draw(tender, lot, at=at, pack=pack)
    code = selection.reveal(_secret(tender, lot), selection.CODES, closing.iteration)
    drawn = draw_first(closing, randomness, code, at=at)
    after = _with(tender, lot, lambda draw: replace(draw, entered=(), draw=drawn, order=drawn.order))
    told, event = after.telling(TieDrawn, lot=lot, draw=drawn)
    return told, (event,)


def _secret(tender: Tender, lot: str) -> bytes:
    return selection.open_secret(f"{tender.ocid}/{lot}")


def _waiting(tender: Tender, lot: str) -> TieDraw | None:
    return next((draw for draw in tender.tie_draws if draw.lot == lot and draw.awaited), None)


def _with(tender: Tender, lot: str, change: Callable[[TieDraw], TieDraw]) -> Tender:
    waiting = _waiting(tender, lot)
    return replace(tender, tie_draws=tuple(change(draw) if draw is waiting else draw for draw in tender.tie_draws))


def _classes(
    ranking: Sequence[RankedBid], quality: Mapping[UUID, Fraction], draws: Sequence[TieDraw], pack: RulePack
) -> Sequence[tuple[RankedBid, ...]]:
    # Bids of one class are those that nothing has told apart yet.
    found = [tuple(equal) for _, equal in groupby(ranking, key=lambda bid: bid.rank)]
    for means in pack.choice("tie-break"):
        found = [part for equal in found for part in _told_apart(equal, means, quality, draws)]
    return found


def _told_apart(
    equal: tuple[RankedBid, ...], means: str, quality: Mapping[UUID, Fraction], draws: Sequence[TieDraw]
) -> Iterator[tuple[RankedBid, ...]]:
    if means == "draw":
        order = _drawn(draws, {bid.bid for bid in equal})
        yield from [(bid,) for bid in sorted(equal, key=lambda bid: order.index(bid.bid))] if order else [equal]
        return
    measures: Mapping[str, Callable[[RankedBid], Fraction]] = {
        "lower-price": lambda bid: Fraction(bid.price.amount),
        "technical-rank": lambda bid: -quality.get(bid.bid, Fraction(0)),
    }
    measure = measures.get(means, lambda _: Fraction(0))
    yield from (tuple(part) for _, part in groupby(sorted(equal, key=measure), key=measure))


def _undecided(found: Sequence[tuple[RankedBid, ...]], places: int, *, in_order: bool) -> Iterator[Tie]:
    ahead = 0
    for equal in found:
        left = min(places - ahead, len(equal))
        if left > 0 and len(equal) > 1 and (in_order or left < len(equal)):
            yield Tie(tuple(bid.bid for bid in equal), left)
        ahead += len(equal)


def _drawn(draws: Sequence[TieDraw], tied: set[UUID]) -> Sequence[UUID]:
    # A draw among more bids has put these in order too; drawing them once more would be a second chance.
    for draw in draws:
        order = [bid for bid in draw.order if bid in tied]
        if len(order) == len(tied):
            return order
    return ()
