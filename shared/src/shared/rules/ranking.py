"""What goes into a ranking and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from shared.rules.derivation import Derivation


@dataclass(frozen=True, slots=True)
class ScoredBid:
    """Hold what a bid is ranked by.

    Units: price in the main unit of the one currency of all bids; quality from 0 to 100, by criterion id; deduction is
    the share by which policy lowers the price, from 0 to less than 1: for the evaluation alone, never in the contract.
    """

    id: str
    price: Decimal
    quality: Mapping[str, Decimal]
    deduction: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RankedBid:
    """Hold a bid's place.

    Units: all figures with four decimals, half up; total in points where the formula gives points, otherwise in money.
    Shape: bids with equal totals share a rank and have tie set, also where the lower price decides between them. Where
    the formula makes one amount of price and quality, evaluation_price and total are that amount. price_points is none
    where the price is not scored.
    """

    id: str
    rank: int
    tie: bool
    evaluation_price: Decimal
    price_points: Decimal | None
    quality_points: Mapping[str, Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold the order of the bids and how it came about.

    Shape: bids go from best to worst, and where totals are equal the lower price goes first unless that was not asked
    for; a bid below the technical minimum is not among them. first is the best bid's id, or none while an unresolved
    tie stands at the top; unresolved_ties lists bids equal in total and, where the lower price goes first, in price.
    """

    bids: tuple[RankedBid, ...]
    first: str | None
    unresolved_ties: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold what a bid offers, exactly.

    Units: evaluation_price is the price less the deduction; quality_points are weight times score by criterion;
    quality is from 0 to 100, over all criteria by their weights.
    """

    bid: ScoredBid
    evaluation_price: Fraction
    quality_points: Mapping[str, Decimal]
    quality: Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """Hold what an offer is worth, exactly.

    Shape: share and price_points are none where the price is not scored. Where one amount is made of price and quality,
    evaluation_price and total are that amount, and quality_points are empty; shown_points are these, rounded.
    """

    offer: Offer
    evaluation_price: Fraction
    share: Fraction | None
    price_points: Fraction | None
    quality_points: Mapping[str, Decimal]
    shown_points: Mapping[str, Decimal]
    total: Fraction
