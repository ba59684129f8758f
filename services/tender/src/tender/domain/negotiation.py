"""Talks with each bidder by itself, and one call for final quotes, the prices that count where a method has them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.checks import binds
from shared.rules.pack import RulePack
from tender.domain.endings import Change, open_lots, to_be_decided
from tender.domain.events import FinalQuotesRequested, TalksRecorded, TermsChanged
from tender.domain.lifecycles import LOT, TENDER
from tender.domain.negotiation_parts import NEGOTIATION, ChangedTerms, Negotiation, NegotiationStatus, Talks
from tender.domain.parts import LotProgress, OpenedBid, Status
from tender.domain.tender import Tender

RULE = "final-quotes"
_TALKS = "final-quotes.talks"
_PERIOD = "final-quotes.period"


@dataclass(frozen=True, slots=True)
class NewTalks:
    """What the office says of its talks with one bidder; minutes is the SHA-256 of their document."""

    bid: UUID
    held_on: date
    persons: tuple[str, ...]
    minutes: str


def has_final_quotes(tender: Tender, pack: RulePack) -> bool:
    """Say whether the pack, or the office where the pack leaves it to it, has final quotes in this procedure."""
    if RULE not in pack.rules:
        return False
    procurement = tender.content.procurement
    return procurement.method in pack.choice(RULE) and binds(pack.rule(RULE), procurement.counted_by) is True


def begin(tender: Tender, pack: RulePack) -> Tender:
    """Let this round of the evaluation come to its prices by talks and final quotes, where the procedure has them."""
    if tender.negotiation is not None or not has_final_quotes(tender, pack):
        return tender
    return replace(tender, negotiations=(*tender.negotiations, Negotiation(tender.round)))


def taking_part(tender: Tender) -> tuple[OpenedBid, ...]:
    """Return the bids that go on and whose price is not known yet."""
    lots = open_lots(tender)
    return tuple(bid for bid in tender.bids if bid.valid and bid.price is None and bid.lot in lots)


def record_talks(tender: Tender, new: NewTalks, *, by: str, at: datetime, pack: RulePack) -> Change:
    """Note that the team talked with one bidder; what was said stays with them.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: tender-not-evaluation, final-quotes-not-foreseen, final-quotes-requested; what to_be_decided()
            refuses.
        Invalid: talks-not-held.
    """
    negotiation = _open_talks(tender, pack, "record talks")
    bid = to_be_decided(tender, new.bid)
    if new.held_on > pack.calendar.day_of(at) or (
        tender.qualified_at is not None and new.held_on < pack.calendar.day_of(tender.qualified_at)
    ):
        raise Invalid(
            "talks-not-held",
            "Talks are recorded once they were held, and held after the qualification.",
            pointer="/body/held_on",
            satisfied_by="A day from the qualification until today.",
        )
    talks = Talks(new.bid, new.held_on, new.persons, new.minutes, recorded_by=by, recorded_at=at)
    after, event = _with(tender, replace(negotiation, talks=(*negotiation.talks, talks))).telling(
        TalksRecorded, bid=bid.bid, lot=bid.lot, held_on=new.held_on
    )
    return after, (event,)


def change_terms(tender: Tender, what: str, *, by: str, at: datetime, pack: RulePack) -> Change:
    """Tell all who take part, at once, what the talks changed; nobody else learns it before the award.

    Raises:
        NotAllowed: tender-not-evaluation, final-quotes-not-foreseen, final-quotes-requested.
    """
    negotiation = _open_talks(tender, pack, "change terms")
    told = ChangedTerms(what, told_by=by, told_at=at, bids=tuple(bid.bid for bid in taking_part(tender)))
    changed = _with(tender.with_writer(by), replace(negotiation, terms=(*negotiation.terms, told)))
    after, event = changed.telling(TermsChanged, told_at=at, bids=told.bids)
    return after, (event,)


def request_quotes(tender: Tender, closes_at: datetime, *, at: datetime, pack: RulePack) -> Change:
    """Ask all who take part for their final quotes, once, until an instant at which one is too late.

    Raises:
        NotAllowed: tender-not-evaluation, final-quotes-not-foreseen, final-quotes-requested, talks-missing,
            final-quotes-too-soon.
    """
    negotiation = _open_talks(tender, pack, "request final quotes")
    asked = taking_part(tender)
    _talked_with_each(negotiation, asked, pack)
    _leave_time(closes_at, tender.acceleration, at, pack)
    requested = replace(
        negotiation,
        status=NEGOTIATION.move("request final quotes", negotiation.status, NegotiationStatus.REQUESTED),
        bids=tuple(bid.bid for bid in asked),
        requested_at=at,
        closes_at=closes_at,
    )
    waiting = replace(tender, due_at=pack.ends_at("opening", closes_at, tender.acceleration))
    after, event = _with(waiting, requested).telling(
        FinalQuotesRequested,
        requested_at=at,
        closes_at=closes_at,
        bids=requested.bids,
        terms_changed=bool(negotiation.terms),
    )
    return after, (event,)


def check_quote(tender: Tender, identifier: UUID, *, at: datetime, pack: RulePack) -> None:
    """Admit a final quote for a bid that was asked for one, strictly before the deadline.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: tender-not-evaluation, final-quotes-not-foreseen, final-quotes-not-requested, final-quote-late,
            bid-not-asked, bid-not-valid, lot-not-active.
    """
    negotiation = _in_time(tender, at, pack)
    if negotiation.status is NegotiationStatus.TALKS:
        raise NotAllowed(
            "final-quotes-not-requested",
            "Final quotes have not been asked for.",
            reference=pack.reference(RULE),
            satisfied_by="The call for final quotes.",
        )
    _goes_on(tender, identifier, pack)
    if identifier not in negotiation.bids:
        raise NotAllowed(
            "bid-not-asked",
            "The bid is not asked for a final quote.",
            reference=pack.reference(RULE),
            satisfied_by="A bid that the call for final quotes names.",
        )


def check_leaving(tender: Tender, identifier: UUID, *, at: datetime, pack: RulePack) -> None:
    """Admit that a bidder leaves before the final quotes are due.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: tender-not-evaluation, final-quotes-not-foreseen, final-quote-late, bid-not-valid, lot-not-active.
    """
    negotiation = _in_time(tender, at, pack)
    NEGOTIATION.admit("leave", negotiation.status)
    _goes_on(tender, identifier, pack)


def may_open_quotes(tender: Tender, *, at: datetime, pack: RulePack) -> None:
    """Admit the opening of the final quotes; a procedure without them has nothing to wait for.

    Raises:
        NotAllowed: final-quotes-not-requested, final-quotes-sealed before the deadline.
    """
    negotiation = tender.negotiation
    if negotiation is None:
        return
    if negotiation.closes_at is None:
        raise NotAllowed(
            "final-quotes-not-requested",
            "The prices that are compared are those of the final quotes, and nobody has been asked for one.",
            reference=pack.reference(RULE),
            satisfied_by="The call for final quotes.",
        )
    if at < negotiation.closes_at:
        raise NotAllowed(
            "final-quotes-sealed",
            "The final quotes stay sealed until the deadline.",
            reference=pack.reference(RULE),
            satisfied_by="The deadline.",
        )


def note_opening(tender: Tender, at: datetime) -> Tender:
    """Note that the final quotes of this round were opened."""
    negotiation = tender.negotiation
    if negotiation is None:
        return tender
    status = NEGOTIATION.move("open", negotiation.status, NegotiationStatus.OPENED)
    return _with(tender, replace(negotiation, status=status, opened_at=at))


def forget_prices(tender: Tender, lots: tuple[str, ...], pack: RulePack) -> Tender:
    """Let lots whose bids are evaluated again come to new final quotes: what was quoted before is not compared."""
    if not has_final_quotes(tender, pack):
        return tender
    # A price that was opened and cannot count still cannot.
    again = [bid.bid for bid in tender.bids if bid.lot in lots and bid.excluded_in is not Status.EVALUATION]
    bids = tuple(replace(bid, price=None, final_quote=None) if bid.bid in again else bid for bid in tender.bids)
    inquiries = tuple(inquiry for inquiry in tender.inquiries if inquiry.lot not in lots)
    return replace(tender, bids=bids, inquiries=inquiries)


def disclosed(tender: Tender, negotiation: Negotiation) -> bool:
    """Say whether the talks are public: once every lot they were about has ended, or has an award proposed since."""
    if tender.status in {Status.UNSUCCESSFUL, Status.CANCELLED}:
        return True
    if negotiation.round == tender.round and negotiation.opened_at is None:
        return False
    going_on = open_lots(tender)
    told = [*((talks.bid, talks.recorded_at) for talks in negotiation.talks)]
    told += [(bid, terms.told_at) for terms in negotiation.terms for bid in terms.bids]
    lots = {tender.bid(bid).lot for bid, _ in told}
    since = negotiation.opened_at or max((at for _, at in told), default=None)
    return all(
        lot.id not in going_on or lot.framework is not None or _awarded_since(lot, since)
        for lot in tender.lots
        if lot.id in lots
    )


def _awarded_since(lot: LotProgress, since: datetime | None) -> bool:
    return any(since is None or award.proposed_at >= since for award in lot.awards)


def _open_talks(tender: Tender, pack: RulePack, action: str) -> Negotiation:
    negotiation = _of_round(tender, pack)
    if negotiation.status is not NegotiationStatus.TALKS:
        raise NotAllowed(
            "final-quotes-requested",
            "Final quotes are asked for once: a quote that may be bettered afterwards is not final.",
            reference=pack.reference(RULE),
            satisfied_by="A new round of the evaluation, where a challenge sends the procedure back.",
        )
    NEGOTIATION.admit(action, negotiation.status)
    return negotiation


def _of_round(tender: Tender, pack: RulePack) -> Negotiation:
    TENDER.admit("negotiate", tender.status)
    if tender.negotiation is None:
        raise NotAllowed(
            "final-quotes-not-foreseen",
            "This procedure has no talks and no final quotes: every bid stands as it was handed in.",
            reference=pack.reference(RULE) if RULE in pack.rules else None,
            satisfied_by="A method that the rule has final quotes for.",
        )
    return tender.negotiation


def _in_time(tender: Tender, at: datetime, pack: RulePack) -> Negotiation:
    negotiation = tender.negotiation
    if negotiation is not None and negotiation.closes_at is not None and at >= negotiation.closes_at:
        raise NotAllowed(
            "final-quote-late",
            "The deadline has passed; a final quote received at that instant is late.",
            reference=pack.reference(RULE),
            satisfied_by="A final quote received before the deadline.",
        )
    return _of_round(tender, pack)


def _goes_on(tender: Tender, identifier: UUID, pack: RulePack) -> None:
    bid = tender.bid(identifier)
    LOT.admit("complete", tender.progress(bid.lot).status)
    if not bid.valid:
        raise NotAllowed(
            "bid-not-valid",
            "The bid does not count, and gives no final quote.",
            reference=bid.rule or pack.reference(RULE),
            satisfied_by="A bid that counts.",
        )


def _talked_with_each(negotiation: Negotiation, asked: tuple[OpenedBid, ...], pack: RulePack) -> None:
    if _TALKS not in pack.rules or not pack.flag(_TALKS):
        return
    talked = {talks.bid for talks in negotiation.talks}
    missing = [str(bid.bid) for bid in asked if bid.bid not in talked]
    if missing:
        raise NotAllowed(
            "talks-missing",
            "Talks are held with every bidder that is asked for a final quote.",
            reference=pack.reference(_TALKS),
            satisfied_by=f"Talks on record with: {', '.join(missing)}.",
        )


def _leave_time(closes_at: datetime, acceleration: int, at: datetime, pack: RulePack) -> None:
    rule = _PERIOD if _PERIOD in pack.rules else RULE
    earliest = pack.ends_at(_PERIOD, at, acceleration) if rule == _PERIOD else at
    if closes_at < earliest or closes_at <= at:
        raise NotAllowed(
            "final-quotes-too-soon",
            "The deadline leaves too little time for the final quotes.",
            reference=pack.reference(rule),
            satisfied_by=f"A deadline not before {earliest.isoformat()}." if rule == _PERIOD else "A later deadline.",
        )


def _with(tender: Tender, negotiation: Negotiation) -> Tender:
    others = tuple(negotiation if other.round == negotiation.round else other for other in tender.negotiations)
    return replace(tender, negotiations=others)
