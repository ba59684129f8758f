"""Ties: what the rule pack puts equal bids in order by, and a draw that nobody can steer where nothing else decides."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from shared.kernel.clock import hasten
from shared.kernel.draw import order
from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.rules.pack import RulePack
from shared.rules.scoring import RankedBid, Ranking
from tender.domain.endings import Change
from tender.domain.events import TieDrawAnnounced, TieDrawn
from tender.domain.parts import Status, TieDraw
from tender.domain.tender import Tender

LEAST_NOTICE = timedelta(minutes=10)


def resolve(ranking: Ranking, draws: Sequence[TieDraw], pack: RulePack) -> Sequence[RankedBid]:
    """Put the bids in their final order.

    Raises:
        NotAllowed: tie-unresolved, while a draw is needed to tell who is first.
    """
    tied = next((set(tie) for tie in ranking.unresolved_ties if ranking.bids[0].id in tie), set[str]())
    if not tied:
        return ranking.bids
    group = [bid for bid in ranking.bids if bid.id in tied]
    for means in pack.choice("tie-break"):
        if means == "technical-rank":
            best = max(_quality(bid) for bid in group)
            group = [bid for bid in group if _quality(bid) == best]
        elif means == "draw":
            drawn = _drawn(draws, {bid.id for bid in group})
            group = [bid for bid in group if drawn and bid.id == drawn]
        if len(group) == 1:
            return [group[0], *(bid for bid in ranking.bids if bid is not group[0])]
    raise NotAllowed(
        "tie-unresolved",
        "The best bids are equal.",
        reference=pack.reference("tie-break"),
        satisfied_by="A draw between them by a public beacon.",
    )


def announce(
    tender: Tender, lot: str, tied: Sequence[UUID], *, source: str, not_before: datetime, at: datetime
) -> Change:
    """Name the public beacon that will draw a tie, before anybody knows what it will say.

    Raises:
        NotAllowed: tender-not-award, tie-missing, tie-draw-announced, beacon-too-soon.
    """
    tender.expect(Status.AWARD)
    if not tied:
        raise NotAllowed("tie-missing", "There is no tie for the first place of the lot.")
    if any(draw.lot == lot and set(draw.bids) >= set(tied) for draw in tender.tie_draws):
        raise NotAllowed("tie-draw-announced", "The beacon of this draw has been named.")
    if not_before < hasten(at, at + LEAST_NOTICE, tender.acceleration):
        raise NotAllowed(
            "beacon-too-soon",
            "A beacon is named before anybody can know it.",
            satisfied_by="A beacon at least ten minutes ahead.",
        )
    draw = TieDraw(lot=lot, bids=tuple(sorted(tied, key=str)), source=source, not_before=not_before)
    after, event = replace(tender, tie_draws=(*tender.tie_draws, draw)).telling(
        TieDrawAnnounced, lot=lot, bids=draw.bids, source=source, not_before=not_before
    )
    return after, (event,)


def draw_tie(tender: Tender, lot: str, randomness: str, *, at: datetime) -> Change:
    """Draw a tie by what the beacon has said.

    Raises:
        NotFound: tie-draw-unknown.
        NotAllowed: tender-not-award, beacon-awaited.
        Invalid: randomness-malformed.
    """
    tender.expect(Status.AWARD)
    announced = next((draw for draw in tender.tie_draws if draw.lot == lot and draw.randomness is None), None)
    if announced is None:
        raise NotFound("tie-draw-unknown", "No draw of the lot waits for its beacon.")
    if at < announced.not_before:
        raise NotAllowed(
            "beacon-awaited", "The beacon has not been published.", satisfied_by="The instant that was named for it."
        )
    try:
        value = bytes.fromhex(randomness)
    except ValueError as error:
        raise Invalid("randomness-malformed", "Randomness is written in hexadecimal digits.") from error
    drawn = order(code(tender.ocid, lot), value, [str(bid) for bid in announced.bids])
    done = replace(announced, randomness=randomness, order=tuple(UUID(bid) for bid in drawn))
    draws = tuple(done if draw is announced else draw for draw in tender.tie_draws)
    after, event = replace(tender, tie_draws=draws).telling(
        TieDrawn, lot=lot, source=done.source, randomness=randomness, order=done.order
    )
    return after, (event,)


def code(ocid: str, lot: str) -> bytes:
    """Return the code that, with the beacon, orders the bids of a lot; anybody can work it out."""
    return hashlib.sha256(f"{ocid}/{lot}".encode()).digest()


def _quality(bid: RankedBid) -> Decimal:
    return sum(bid.quality_points.values(), Decimal(0))


def _drawn(draws: Sequence[TieDraw], tied: set[str]) -> str | None:
    # A draw among more bids has put these in order too; drawing them once more would be a second chance.
    for draw in draws:
        order = [str(bid) for bid in draw.order if str(bid) in tied]
        if len(order) == len(tied):
            return order[0]
    return None
