"""A negotiation or consultation at its talks, and what its bidders quote."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.rules.pack import RulePack
from tender.domain.negotiation import NewTalks, record_talks, request_quotes, taking_part
from tender.domain.parts import FinalQuote
from tender.domain.price_opening import ReleasedPrice, open_prices
from tender.domain.procurement import Procurement

NAMES = ("alder", "birch", "cedar")
WEEK = timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)


def in_talks(walk: Any, pack: RulePack, procurement: Procurement, names: tuple[str, ...] = NAMES, **lots: str) -> Any:
    """Bring a procedure to the talks: everybody qualified, and bids 100.00 for every lot."""
    procedure = walk(pack, currency=pack.currency or "EUR", **(lots or {"all": "300.00"}))
    content = replace(procedure.tender.content, procurement=procurement)
    procedure.tender = replace(procedure.tender, content=content)
    return procedure.opened(*((lot, name, "100.00") for lot in lots or ("all",) for name in names)).qualified()


def talked(procedure: Any, *bids: UUID) -> None:
    """Talk with the bidders of these bids, or with everybody."""
    day = procedure.pack.calendar.day_of(procedure.now)
    for bid in bids or [bid.bid for bid in taking_part(procedure.tender)]:
        new = NewTalks(bid, day, ("Olga", "Pola"), "a" * 64)
        procedure.take(record_talks(procedure.tender, new, by="olga", at=procedure.now, pack=procedure.pack))


def requested(procedure: Any) -> datetime:
    """Talk with everybody, ask for final quotes within a week, and return the deadline."""
    talked(procedure)
    closes_at: datetime = procedure.now + WEEK
    procedure.take(request_quotes(procedure.tender, closes_at, at=procedure.now, pack=procedure.pack))
    return closes_at


def released(procedure: Any, prices: Mapping[UUID, str | bytes]) -> tuple[ReleasedPrice, ...]:
    """Seal prices, or what is none, as final quotes that have just been opened."""
    currency = procedure.tender.content.value.currency
    return tuple(
        ReleasedPrice(
            bid,
            price if isinstance(price, bytes) else b'{"price": {"amount": "%s", "currency": "%s"}}' % (
                price.encode(), currency.encode(),
            ),
            final_quote=FinalQuote(procedure.now, f"{bid.int:064x}", "5" * 64),
        )
        for bid, price in prices.items()
    )  # fmt: skip


def quoted(procedure: Any, prices: Mapping[str, str | bytes], lot: str = "all") -> Any:
    """Open at the deadline what these bidders quoted; the others gave nothing."""
    procedure.now = procedure.tender.negotiation.closes_at
    sealed = released(procedure, {procedure.bid(name, lot): price for name, price in prices.items()})
    procedure.take(open_prices(procedure.tender, sealed, at=procedure.now, pack=procedure.pack))
    return procedure
