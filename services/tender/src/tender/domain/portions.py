"""Lists that are too long for one event, told in several: an event holds only so much, and a procedure goes on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tender.domain.events import AwardProposed, RankingContinued
from tender.domain.framework_events import FrameworkProposed
from tender.domain.panel_parts import FinalScore, MemberScore, Signature
from tender.domain.parts import RankedBid
from tender.domain.tender import Tender
from tender.domain.withheld import Told

LARGEST = 900_000
"""Bytes of an event that a list may take; the log takes a tenth more, for what stands beside the list."""
# A character of free text takes six bytes at the most as JSON, a code one; the rest is names, labels and decimals.
_FREE_TEXT = 6
_SCORE, _FINAL_SCORE, _SIGNATURE, _PLACE, _POINTS, _STEP = 160, 200, 100, 300, 40, 8

Item = TypeVar("Item")
Listed = MemberScore | FinalScore | Signature | RankedBid | Mapping[str, Any]
Proposed = TypeVar("Proposed", AwardProposed, FrameworkProposed)


def portions(items: Sequence[Item], size: Callable[[Item], int]) -> tuple[tuple[Item, ...], ...]:
    """Divide a list in its order, so that each portion has room in one event; an empty list is one portion.

    Units: size gives bytes, of which a portion has LARGEST at the most.
    """
    found: list[list[Item]] = [[]]
    room = LARGEST
    for item in items:
        taken = size(item)
        if taken > room and found[-1]:
            found.append([])
            room = LARGEST
        found[-1].append(item)
        room -= taken
    return tuple(map(tuple, found))


def size_told(item: Listed) -> int:
    """Return how many bytes something takes in an event at the most."""
    match item:
        case MemberScore():
            return _SCORE + len(item.criterion)
        case FinalScore():
            return _FINAL_SCORE + len(item.criterion) + len(item.ground or "") + _FREE_TEXT * len(item.reason or "")
        case Signature():
            return _SIGNATURE + _FREE_TEXT * len(item.reasons or "")
        case RankedBid():
            return (
                _PLACE + _FREE_TEXT * len(item.bidder.name) + sum(_POINTS + len(name) for name in item.quality_points)
            )
    return sum(_STEP + len(name) + len(str(value).encode()) for name, value in item.items())


def tell_ranking(
    tender: Tender,
    kind: type[Proposed],
    ranking: Told,
    *,
    lot: str,
    **fields: Any,
) -> tuple[Tender, tuple[Proposed | RankingContinued, ...]]:
    """Tell a proposal with its ranking and derivation; what has no room in its event follows in the next ones."""
    public: list[RankedBid | Mapping[str, Any]] = [*ranking.ranking, *ranking.derivation]
    told = portions(public, size_told)
    after, first = tender.telling(
        kind,
        lot=lot,
        ranking_digest=ranking.digest,
        withheld=ranking.withheld,
        parts=len(told),
        **_ranking(told[0]),
        **fields,
    )
    events: list[Proposed | RankingContinued] = [first]
    for part, items in enumerate(told[1:], 2):
        after, event = after.telling(
            RankingContinued, lot=lot, award=fields.get("award"), part=part, parts=len(told), **_ranking(items)
        )
        events.append(event)
    return after, tuple(events)


def _ranking(items: Sequence[RankedBid | Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "ranking": tuple(item for item in items if isinstance(item, RankedBid)),
        "derivation": tuple(dict(item) for item in items if not isinstance(item, RankedBid)),
    }
