"""Bids as the events tell them: named by the opening, priced by the opening of the prices, excluded for a reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry


@dataclass(frozen=True, slots=True)
class Bid:
    """Hold what is known of a bid; whoever does not count has a reason, and the rule that says so if one does.

    Shape: bidder and price as events tell them, the price None while it is sealed and where it could not be read;
    opened, priced and excluded are the events that told it.
    """

    id: str
    lot: str | None
    bidder: Mapping[str, Any]
    received_at: str | None = None
    digest: str | None = None
    salt: str | None = None
    price: Mapping[str, Any] | None = None
    valid: bool = True
    reason: str | None = None
    rule: str | None = None
    source: str | None = None
    qualified: bool = False
    opened: Entry | None = None
    priced: Entry | None = None
    excluded: Entry | None = None


_Found = Mapping[str, Bid]


def bids(entries: Sequence[Entry]) -> tuple[Bid, ...]:
    """Work out the bids of a procedure; what was told last of a bid counts."""
    found: dict[str, Bid] = {}
    for entry in entries:
        if entry.type in _TOLD:
            found |= {bid.id: bid for bid in _TOLD[entry.type](found, entry)}
    return tuple(found.values())


def by_price(found: Iterable[Bid]) -> Sequence[Bid]:
    """Order the bids whose prices were opened, the lowest first and what could not be read last."""
    return sorted((bid for bid in found if bid.priced), key=_place)


def _place(bid: Bid) -> tuple[bool, str, Decimal, str]:
    # A price in another currency does not count, and only has to stand somewhere.
    if bid.price is None:
        return True, "", Decimal(0), bid.id
    return False, bid.price["currency"], Decimal(bid.price["amount"]), bid.id


def _opened(_: _Found, entry: Entry) -> Iterator[Bid]:
    # Until prices had an opening of their own, they were told with the bidders.
    priced = entry if any(told["price"] for told in entry.data["bids"]) else None
    for told in entry.data["bids"]:
        yield replace(_as_told(told), opened=entry, priced=priced)


def _qualified(found: _Found, entry: Entry) -> Iterator[Bid]:
    for bid in found.values():
        if bid.id in entry.data["qualified"]:
            yield replace(bid, valid=True, reason=None, rule=None, source=None, excluded=None, qualified=True)


def _excluded(found: _Found, entry: Entry) -> Iterator[Bid]:
    data = entry.data
    bid = found.get(data["bid"]) or Bid(id=data["bid"], lot=data["lot"], bidder=data["bidder"])
    yield replace(
        bid, valid=False, reason=data["reason"], rule=data.get("rule"), source=data.get("source"), excluded=entry
    )


def _prices_opened(found: _Found, entry: Entry) -> Iterator[Bid]:
    for told in entry.data["bids"]:
        before = found.get(told["bid"])
        yield replace(
            _as_told(told),
            qualified=before.qualified if before else False,
            opened=before.opened if before else None,
            priced=entry,
        )


def _as_told(told: Mapping[str, Any]) -> Bid:
    # Where there are final quotes, the price and its salt are that of the quote.
    sealed = told.get("final_quote") or told
    return Bid(
        id=told["bid"],
        lot=told.get("lot"),
        bidder=told["bidder"],
        received_at=told["received_at"],
        digest=sealed["digest"],
        salt=sealed.get("salt"),
        price=told["price"],
        valid=told["valid"],
        reason=told["reason"],
        rule=told.get("rule"),
        source=told.get("source"),
    )


_TOLD: Mapping[str, Callable[[_Found, Entry], Iterator[Bid]]] = {
    types.OPENED: _opened,
    types.QUALIFIED: _qualified,
    types.EXCLUDED: _excluded,
    types.PRICES_OPENED: _prices_opened,
}
