"""Abnormally low prices: a trigger obliges to ask the bidder; whether the bid counts, people decide on its answer."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed, NotFound
from shared.rules.abnormally_low import JUDGEMENT, PricedBid, find_triggers
from shared.rules.pack import RulePack
from tender.domain.endings import Change, exclude, may_answer, may_examine, open_lots
from tender.domain.events import PriceExplained, PriceExplanationDecided, PriceExplanationRequested
from tender.domain.parts import OpenedBid, PriceInquiry, Status
from tender.domain.tender import Tender

REQUESTED = "abnormally-low.explanation-requested"
_PERIOD, _MINUTES = "abnormally-low.explanation-period", "abnormally-low.explanation-minutes"


def inquire(tender: Tender, *, at: datetime, pack: RulePack) -> Change:
    """Ask about every price that a trigger of the pack finds abnormally low, lot by lot."""
    after, events = tender, ()  # type: Change
    for lot in open_lots(tender):
        for bid, triggers in _triggered(tender, lot, pack):
            after, asked = _ask(after, bid, triggers, at=at, pack=pack)
            events = (*events, *asked)
    return after, events


def inquire_on_judgement(tender: Tender, identifier: UUID, *, at: datetime, pack: RulePack) -> Change:
    """Ask about a price that gives the panel or the office concern, though no figure does.

    Raises:
        NotAllowed: price-inquiry-made, judgement-not-a-trigger; what may_examine() refuses.
        NotFound: bid-unknown.
    """
    bid = may_examine(tender, identifier)
    if any(inquiry.bid == identifier for inquiry in tender.inquiries):
        raise NotAllowed("price-inquiry-made", "The bidder has been asked about its price.")
    if JUDGEMENT not in pack.rules or not pack.flag(JUDGEMENT):
        raise NotAllowed(
            "judgement-not-a-trigger",
            "The rule pack has no inquiry on judgement alone.",
            reference=pack.reference(JUDGEMENT if JUDGEMENT in pack.rules else REQUESTED),
            satisfied_by="A price that a figure of the pack finds abnormally low: it is asked about when it is opened.",
        )
    return _ask(tender, bid, (JUDGEMENT,), at=at, pack=pack)


def explain(tender: Tender, identifier: UUID, explanation: str, *, at: datetime, pack: RulePack) -> Change:
    """Take a bidder's explanation of its price, once and in time.

    Raises:
        NotFound: inquiry-unknown.
        NotAllowed: price-explained, explanation-late; what may_answer() refuses.
    """
    inquiry = found(tender, identifier)
    may_answer(tender, identifier)
    if inquiry.explained_at is not None or inquiry.accepted is not None:
        raise NotAllowed(
            "price-explained",
            "The price has been explained.",
            reference=pack.reference(REQUESTED),
            satisfied_by="Nothing more: a price is explained once.",
        )
    if at >= inquiry.due_at:
        raise NotAllowed(
            "explanation-late",
            "The time to explain the price is over.",
            reference=pack.reference(_term_rule(pack)),
            satisfied_by="An explanation in time.",
        )
    explained = replace(inquiry, explanation=explanation, explained_at=at)
    after, event = _with(tender, explained).telling(PriceExplained, bid=identifier, lot=inquiry.lot, explained_at=at)
    return after, (event,)


def decide(
    tender: Tender, identifier: UUID, *, accepted: bool, reason: str, by: str, at: datetime, pack: RulePack
) -> Change:
    """Decide, with a reason, whether a price that was asked about stands; not before its bidder had its say.

    Raises:
        NotFound: inquiry-unknown.
        NotAllowed: price-inquiry-decided, explanation-awaited; what may_examine() refuses.
        Invalid: explanation-missing, if a price is accepted that nobody explained.
    """
    inquiry = _inquiry(tender, identifier)
    if inquiry.accepted is not None:
        raise NotAllowed("price-inquiry-decided", "The inquiry has been decided.")
    if inquiry.explained_at is None and at < inquiry.due_at:
        raise NotAllowed(
            "explanation-awaited",
            "The bidder may still explain its price.",
            reference=pack.reference(_term_rule(pack)),
            satisfied_by="The explanation, or the end of the time for it.",
        )
    if accepted and inquiry.explained_at is None:
        raise Invalid(
            "explanation-missing",
            "A price that nobody has explained is not accepted.",
            reference=pack.reference(REQUESTED),
            satisfied_by="The bidder's explanation in time, or the exclusion of the bid.",
        )
    decided = replace(inquiry, accepted=accepted, decided_by=by, reason=reason)
    after, event = _with(tender, decided).telling(
        PriceExplanationDecided, bid=identifier, lot=inquiry.lot, accepted=accepted, reason=reason
    )
    if accepted:
        return after, (event,)
    excluded, events = exclude(after, after.bid(identifier), reason, pack.reference(REQUESTED))
    return excluded, (event, *events)


def again(tender: Tender, lots: Collection[str], *, at: datetime, pack: RulePack) -> Change:
    """Let the inquiries of lots be decided again; who explained nothing is asked again, and has its whole time."""
    after, events = tender, ()  # type: Change
    for decided in tender.inquiries:
        if decided.lot in lots and decided.accepted is not None and tender.bid(decided.bid).valid:
            inquiry = replace(decided, accepted=None, decided_by=None, reason=None)
            if inquiry.explained_at is not None:
                after = _with(after, inquiry)
            else:
                due = _term(pack, at, tender.acceleration)
                after, asked = _asked(after, replace(inquiry, asked_at=at, due_at=due))
                events = (*events, *asked)
    return after, events


def undecided(tender: Tender, lot: str) -> tuple[PriceInquiry, ...]:
    """Return the inquiries of a lot that nobody has decided."""
    return tuple(
        inquiry
        for inquiry in tender.inquiries
        if inquiry.lot == lot and inquiry.accepted is None and tender.bid(inquiry.bid).valid
    )


def _triggered(tender: Tender, lot: str, pack: RulePack) -> list[tuple[OpenedBid, tuple[str, ...]]]:
    bids = tender.bids_for(lot)
    priced = [PricedBid(str(bid.bid), bid.price.amount) for bid in bids if bid.price is not None]
    if not priced:
        return []
    fired: dict[str, list[str]] = {}
    for trigger in find_triggers(pack, priced, tender.lot(lot).value.amount):
        for comparison in trigger.comparisons:
            if comparison.fired:
                fired.setdefault(comparison.bid.id, []).append(trigger.rule.id)
    asked = {inquiry.bid for inquiry in tender.inquiries}
    return [(bid, tuple(fired[str(bid.bid)])) for bid in bids if str(bid.bid) in fired and bid.bid not in asked]


def _ask(tender: Tender, bid: OpenedBid, triggers: tuple[str, ...], *, at: datetime, pack: RulePack) -> Change:
    due = _term(pack, at, tender.acceleration)
    inquiry = PriceInquiry(bid=bid.bid, lot=bid.lot, triggers=triggers, asked_at=at, due_at=due)
    return _asked(replace(tender, inquiries=(*tender.inquiries, inquiry)), inquiry)


def _asked(tender: Tender, inquiry: PriceInquiry) -> Change:
    after, event = _with(tender, inquiry).telling(
        PriceExplanationRequested,
        bid=inquiry.bid,
        lot=inquiry.lot,
        bidder=tender.bid(inquiry.bid).bidder,
        triggers=inquiry.triggers,
        due_at=inquiry.due_at,
    )
    return after, (event,)


def _term_rule(pack: RulePack) -> str:
    return next(rule for rule in (_PERIOD, _MINUTES, REQUESTED) if rule in pack.rules)


def _term(pack: RulePack, at: datetime, acceleration: int) -> datetime:
    match _term_rule(pack):
        case "abnormally-low.explanation-period":
            return pack.ends_at(_PERIOD, at, acceleration)
        case "abnormally-low.explanation-minutes":
            # Where the bidder is asked on the spot, at least so many minutes are left to it.
            minutes = timedelta(minutes=int(pack.number(_MINUTES)))
            return hasten(at, at + minutes, acceleration)
        case _:
            # A pack that obliges to ask and names no time leaves it to the term of the award's proposal.
            return pack.ends_at("award-proposal", at, acceleration)


def found(tender: Tender, identifier: UUID) -> PriceInquiry:
    """Return what a bidder was asked about its price.

    Raises:
        NotFound: inquiry-unknown.
    """
    for inquiry in tender.inquiries:
        if inquiry.bid == identifier:
            return inquiry
    raise NotFound("inquiry-unknown", "Nobody has asked about the price of this bid.")


def _inquiry(tender: Tender, identifier: UUID) -> PriceInquiry:
    tender.expect(Status.AWARD)
    inquiry = found(tender, identifier)
    may_examine(tender, identifier)
    return inquiry


def _with(tender: Tender, inquiry: PriceInquiry) -> Tender:
    others = tuple(inquiry if other.bid == inquiry.bid else other for other in tender.inquiries)
    return replace(tender, inquiries=others)
