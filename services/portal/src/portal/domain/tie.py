"""Ties that a public beacon decided, with everything that anybody needs to work the draw out again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry
from shared.kernel.draw import CODES, chain, open_secret, position


@dataclass(frozen=True, slots=True)
class Place:
    """Hold one bid's place in a draw as it was worked out again.

    Units: position is 32 bytes in hexadecimal digits; the smallest comes first.
    """

    bid: str
    position: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Hold a draw between equal bids.

    Units: code is the SHA-256 of "ocid/lot", hashed `hashed` times more, in hexadecimal digits.
    Shape: hashed is None for draws that took the first hash itself; places is empty until the beacon was told; agrees
    says whether they are in the order that was published.
    """

    lot: str
    bids: tuple[str, ...]
    code: str
    hashed: int | None
    announced: Entry | None
    drawn: Entry | None
    places: tuple[Place, ...]
    agrees: bool | None


def ties(entries: Sequence[Entry]) -> tuple[Tie, ...]:
    """Find the draws of a procedure, in the order in which they were announced."""
    found: dict[tuple[str, frozenset[str]], dict[str, Entry]] = {}
    for entry in entries:
        if entry.type in _DRAWS:
            place = (entry.data["lot"], frozenset(entry.data[_DRAWS[entry.type]]))
            found.setdefault(place, {})[entry.type] = entry
    return tuple(_tie(told) for told in found.values())


def _tie(told: Mapping[str, Entry]) -> Tie:
    announced, drawn = told.get(types.TIE_DRAW_ANNOUNCED), told.get(types.TIE_DRAWN)
    entry = drawn or next(iter(told.values()))
    bids = tuple(sorted(entry.data[_DRAWS[entry.type]]))
    code = _code(entry)
    places = _places(code, drawn.data, bids) if drawn else ()
    return Tie(
        lot=entry.data["lot"],
        bids=bids,
        code=code.hex(),
        hashed=_hashed(entry),
        announced=announced,
        drawn=drawn,
        places=places,
        agrees=[place.bid for place in places] == list(drawn.data["order"]) if drawn else None,
    )


def _code(entry: Entry) -> bytes:
    return chain(open_secret(f"{entry.ocid}/{entry.data['lot']}"), _hashed(entry) or 0)


def _hashed(entry: Entry) -> int | None:
    fixed = entry.data.get("draw") or entry.data.get("fixed")
    return CODES - int(fixed["iteration"]) if fixed else None


def _places(code: bytes, drawn: Mapping[str, Any], bids: Iterable[str]) -> tuple[Place, ...]:
    try:
        randomness = bytes.fromhex((drawn.get("draw") or drawn)["randomness"])
    except ValueError:
        # What is no number gives no order; the page then says that the draw cannot be worked out again.
        return ()
    places = (Place(bid, position(code, randomness, bid).hex()) for bid in bids)
    return tuple(sorted(places, key=lambda place: place.position))


_DRAWS: Mapping[str, str] = {types.TIE_DRAW_ANNOUNCED: "bids", types.TIE_DRAWN: "order"}
