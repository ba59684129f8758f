"""What of an evaluation is not public by the rule pack: a digest is told in its place, and it is kept for a few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.kernel.canonical import salted_digest
from shared.rules.derivation import plain
from shared.rules.pack import RulePack
from tender.domain.panel_parts import FinalScore, MemberScore, Signature
from tender.domain.parts import Disclosure, RankedBid

RULE = "award.ranking-public"

Steps = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that was decided, whole, and what its digest was made with.

    Shape: content is JSON of objects, lists, text and whole numbers; the digest is the SHA-256 of the salt's bytes
        followed by the content in the form of RFC 8785.
    """

    digest: str
    salt: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What of a ranking is told to everybody; withheld is None where that is the whole of it."""

    ranking: tuple[RankedBid, ...]
    derivation: Steps
    withheld: Withheld | None = None

    @property
    def digest(self) -> str | None:
        """Return the digest of what is not told."""
        return self.withheld.digest if self.withheld else None

    @property
    def disclosure(self) -> Disclosure | None:
        """Return what is kept of that with the award."""
        return Disclosure(self.ranking, self.withheld.digest) if self.withheld else None


def is_public(pack: RulePack) -> bool:
    """Tell whether everybody reads rankings and scores, as they do under a pack that says nothing of it."""
    return RULE not in pack.rules or pack.flag(RULE)


def tell(
    ranking: tuple[RankedBid, ...], derivation: Steps, *, winners: Sequence[UUID], salt: str, pack: RulePack
) -> Told:
    """Choose what of a ranking is told to everybody.

    Where the pack keeps rankings from the public, these are the winners' own places and what made them, if the pack
    lets even those who lost know them; and never a step that names another bid.
    """
    if is_public(pack):
        return Told(ranking, derivation)
    told = frozenset(winners) if pack.flag("award.advantages-told") else frozenset()
    return Told(
        tuple(place for place in ranking if place.bid in told),
        tuple(step for step in derivation if _names_only(step, {str(bid) for bid in told})),
        withhold({"ranking": [_place(place) for place in ranking], "derivation": [dict(s) for s in derivation]}, salt),
    )


def withhold(content: Mapping[str, Any], salt: str) -> Withheld:
    """Seal what is not told to everybody, so that it can be proved later what was decided on.

    Units: the salt is 32 random bytes in hexadecimal digits.
    """
    return Withheld(salted_digest(salt, content), salt, content)


def scores_content(scores: Sequence[MemberScore]) -> dict[str, Any]:
    """Write revealed scores as they would be told."""
    return {
        "scores": [
            {
                "member": str(score.member),
                "bid": str(score.bid),
                "criterion": score.criterion,
                "value": plain(score.value),
            }
            for score in scores
        ]
    }


def final_content(scores: Sequence[FinalScore], signatures: Sequence[Signature]) -> dict[str, Any]:
    """Write final scores and the votes on them as they would be told."""
    return {
        "scores": [
            {
                "bid": str(score.bid),
                "criterion": score.criterion,
                "mean": plain(score.mean),
                "value": plain(score.value),
                "ground": score.ground,
                "reason": score.reason,
            }
            for score in scores
        ],
        "signatures": [{"member": str(one.member), "vote": one.vote, "reasons": one.reasons} for one in signatures],
    }


def _names_only(step: Mapping[str, Any], bids: set[str]) -> bool:
    return "bids" not in step and ("bid" not in step or step["bid"] in bids)


def _place(place: RankedBid) -> dict[str, Any]:
    return {
        "bid": str(place.bid),
        "bidder": {"id": place.bidder.id, "name": place.bidder.name},
        "rank": place.rank,
        "price": {"amount": plain(place.price.amount), "currency": place.price.currency},
        "price_points": _points(place.price_points),
        "quality_points": {name: _points(points) for name, points in place.quality_points.items()},
        "total": _points(place.total),
    }


def _points(points: Decimal) -> str:
    return plain(points)
