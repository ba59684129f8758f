"""The opening: at the deadline, not before, and only if enough bids are there."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.money import Money, money
from shared.rules.gates import count_gate
from shared.rules.pack import RulePack
from shared.rules.result import Verdict, require
from tender.domain.deadline import answers_awaited, bidding_ended
from tender.domain.events import Opened, Unsuccessful
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.tender import Tender

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class ReleasedBid:
    """A bid whose envelope has just been opened; content is None where the seal did not give it."""

    bid: UUID
    bidder: Party
    received_at: datetime
    digest: str
    content: bytes | None


def check_bid_time(tender: Tender, at: datetime, pack: RulePack) -> None:
    """Admit a bid that is received strictly before the deadline.

    Raises:
        NotAllowed: tender-not-active before the publication; bid-late from the instant of the deadline on, which waits
            for the answers to all questions.
    """
    late = bidding_ended(tender.closes_at, tender.unanswered, at, pack)
    if late or tender.status in {Status.EVALUATION, Status.STANDSTILL, Status.AWARDED, Status.UNSUCCESSFUL}:
        raise NotAllowed(
            "bid-late",
            "The deadline has passed; a bid received at that instant is late.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="A bid received before the deadline.",
        )
    tender.expect(Status.ACTIVE)


def may_open(tender: Tender, at: datetime, pack: RulePack) -> None:
    """Admit the opening.

    Raises:
        NotAllowed: tender-not-active; bids-sealed before the deadline; questions-unanswered.
    """
    tender.expect(Status.ACTIVE)
    if tender.closes_at is None or at < tender.closes_at:
        raise NotAllowed(
            "bids-sealed",
            "The bids stay sealed until the deadline.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="The deadline.",
        )
    require(answers_awaited(tender.unanswered, pack), "questions-unanswered")


def gate(tender: Tender, count: int, pack: RulePack) -> tuple[Tender, tuple[Unsuccessful, ...]]:
    """End the procedure, with every envelope closed, if fewer bids came than the pack asks for."""
    result = count_gate(pack, "opening", count)
    if result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return tender, ()
    return _unsuccessful(tender, count, result.detail, result.rule.rule, result.rule.source)


def open_bids(
    tender: Tender, released: tuple[ReleasedBid, ...], *, at: datetime, pack: RulePack
) -> tuple[Tender, tuple[Opened | Unsuccessful, ...]]:
    """Make bidders and prices public; a bid that cannot be read or is above the estimate is named, and does not count.

    With no valid bid left the procedure ends.
    """
    bids = tuple(_opened(bid, tender.content.value, pack) for bid in released)
    version = tender.version + 1
    opened = replace(
        tender,
        version=version,
        status=Status.EVALUATION,
        opened_at=at,
        bids=bids,
        due_at=pack.ends_at("scoring", at, tender.acceleration),
    )
    event = Opened(**tender.of(version), opened_at=at, bids=bids)
    if any(bid.valid for bid in bids):
        return opened, (event,)
    reference = pack.reference("bid-within-estimate")
    ended, events = _unsuccessful(opened, len(bids), "No bid is valid.", reference.rule, reference.source)
    return ended, (event, *events)


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


def _opened(bid: ReleasedBid, estimate: Money, pack: RulePack) -> OpenedBid:
    price, reason = _price(bid.content, estimate, pack)
    return OpenedBid(bid.bid, bid.bidder, bid.received_at, bid.digest, price, reason is None, reason)


def _price(content: bytes | None, estimate: Money, pack: RulePack) -> tuple[Money | None, str | None]:
    if content is None:
        return None, "The seal did not open."
    try:
        price = read_price(content)
    except (ValueError, KeyError, RecursionError, DomainError):
        return None, "The content cannot be read as a bid."
    if price.currency != estimate.currency:
        return price, "The price is in another currency than the tender."
    if price.minor <= 0:
        return price, "The price is not above zero."
    if pack.flag("bid-within-estimate") and price > estimate:
        return price, "The price is above the tender's value."
    return price, None


def _unsuccessful(
    tender: Tender, count: int, reason: str, rule: str, source: str
) -> tuple[Tender, tuple[Unsuccessful, ...]]:
    version = tender.version + 1
    ended = replace(tender, version=version, status=Status.UNSUCCESSFUL, due_at=None)
    event = Unsuccessful(**tender.of(version), bids=count, reason=reason, rule=rule, source=source)
    return ended, (event,)
