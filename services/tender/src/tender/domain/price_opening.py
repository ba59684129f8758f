"""The opening of the prices, once the quality is settled; what is conspicuously low is asked about, not decided."""

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.kernel.errors import DomainError, RuleReference
from shared.kernel.money import Money, money
from shared.rules.pack import RulePack
from tender.domain.endings import Change, open_lots
from tender.domain.events import PricesOpened
from tender.domain.lifecycles import TENDER
from tender.domain.negotiation import RULE, may_open_quotes, note_opening, taking_part
from tender.domain.opening import end_lots
from tender.domain.parts import FinalQuote, OpenedBid, Status
from tender.domain.price_inquiry import inquire
from tender.domain.tender import Tender

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class ReleasedPrice:
    """A bid whose price has just been opened; content is None where the seal did not give it.

    Shape: salt is None where the bid was kept without one, and where the price is that of a final quote.
    """

    bid: UUID
    content: bytes | None
    salt: str | None = None
    final_quote: FinalQuote | None = None


def sealed_prices(tender: Tender, pack: RulePack) -> tuple[UUID, ...]:
    """Return the bids whose prices are to be opened; a bid that does not count keeps its price to itself.

    Raises:
        NotAllowed: tender-not-evaluation.
    """
    TENDER.admit("open prices", tender.status, pack)
    return tuple(bid.bid for bid in taking_part(tender))


def open_prices(tender: Tender, released: tuple[ReleasedPrice, ...], *, at: datetime, pack: RulePack) -> Change:
    """Make the prices public; one that cannot be read or is above its lot's value is named, and does not count.

    Every price that a trigger of the pack finds abnormally low is asked about. A lot with too few bids left ends.
    Where there are final quotes, who gave none has left.

    Raises:
        NotAllowed: tender-not-evaluation; what may_open_quotes() refuses.
    """
    sealed = sealed_prices(tender, pack)
    may_open_quotes(tender, at=at, pack=pack)
    found = {price.bid: price for price in released}
    bids = tuple(_opened(tender, bid, found.get(bid.bid), pack) if bid.bid in sealed else bid for bid in tender.bids)
    opened, event = replace(note_opening(tender, at), bids=bids, prices_opened_at=at).telling(
        PricesOpened, opened_at=at, bids=tuple(bid for bid in bids if bid.bid in sealed)
    )
    counts = Counter(bid.lot for bid in bids if bid.valid)
    ended, endings = end_lots(opened, "open prices", "responsive", counts, pack)
    if not open_lots(ended):
        return ended, (event, *endings)
    asked, inquiries = inquire(ended, at=at, pack=pack)
    awarding = replace(
        asked,
        status=TENDER.move("open prices", asked.status, Status.AWARD, pack),
        due_at=pack.ends_at("award-proposal", at, tender.acceleration),
    )
    return awarding, (event, *endings, *inquiries)


def read_price(content: bytes) -> Money:
    """Read the price from a bid's content: JSON with `price` as {"amount": "…", "currency": "…"}.

    Raises:
        ValueError: if it is not such a document.
        DomainError: if the amount is no amount of its currency.
    """
    document = json.loads(content.decode("utf-8"))
    match document:
        case {"price": {"amount": str(amount), "currency": str(currency)}} if _AMOUNT.fullmatch(amount):
            return money(Decimal(amount), currency)
    raise ValueError("no price")


def price_or_none(content: bytes | None) -> Money | None:
    """Read a price, or find that there is none to be read."""
    if content is None:
        return None
    try:
        return read_price(content)
    except (ValueError, KeyError, RecursionError, DomainError):
        return None


def _opened(tender: Tender, bid: OpenedBid, released: ReleasedPrice | None, pack: RulePack) -> OpenedBid:
    if released is None:
        reason = "It gave no final quote, and has left the procedure."
        return replace(bid, valid=False, reason=reason, rule=pack.reference(RULE), excluded_in=Status.EVALUATION)
    price, because, reference = _price(released.content, tender.lot(bid.lot).value, pack)
    priced = replace(bid, price=price, salt=released.salt, final_quote=released.final_quote)
    if because is None:
        return priced
    return replace(priced, valid=False, reason=because, rule=reference, excluded_in=Status.EVALUATION)


def _price(
    content: bytes | None, estimate: Money, pack: RulePack
) -> tuple[Money | None, str | None, RuleReference | None]:
    if content is None:
        return None, "The seal did not open.", None
    price = price_or_none(content)
    if price is None:
        return None, "The content cannot be read as a bid.", None
    if price.currency != estimate.currency:
        return price, "The price is in another currency than the tender.", None
    if price.minor <= 0:
        return price, "The price is not above zero.", None
    if pack.flag("bid-within-estimate") and price > estimate:
        return price, "The price is above the lot's value.", pack.reference("bid-within-estimate")
    return price, None, None
