"""The one window in which a bidder may put right what its bid lacks; what it leaves undone counts against it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import NotAllowed, NotFound
from shared.rules.pack import RulePack
from tender.domain.endings import Change, exclude, may_answer, may_examine, open_lots
from tender.domain.events import DeficiencyCorrected, DeficiencyDecided, DeficiencyNotified
from tender.domain.lifecycles import TENDER
from tender.domain.parts import Deficiency, Status
from tender.domain.tender import Tender

RULE = "deficiency-window"


def notify(tender: Tender, identifier: UUID, what: str, *, at: datetime, pack: RulePack) -> Change:
    """Tell a bidder what its bid lacks, once in a procedure.

    Raises:
        NotFound: bid-unknown.
        NotAllowed: deficiency-notified; what may_examine() refuses.
    """
    bid = may_examine(tender, identifier)
    if any(deficiency.bid == identifier for deficiency in tender.deficiencies):
        raise NotAllowed(
            "deficiency-notified",
            "A bidder puts its bid right once.",
            reference=pack.reference(RULE),
            satisfied_by="The decision on what the bidder was told before.",
        )
    due = pack.ends_at(RULE, at, tender.acceleration)
    deficiency = Deficiency(bid=identifier, lot=bid.lot, what=what, notified_at=at, due_at=due)
    return _notified(replace(tender, deficiencies=(*tender.deficiencies, deficiency)), deficiency)


def correct(tender: Tender, identifier: UUID, digest: str, *, at: datetime, pack: RulePack) -> Change:
    """Take what a bidder handed in to put its bid right, once and in time.

    Raises:
        NotFound: deficiency-unknown.
        NotAllowed: deficiency-corrected, correction-late; what may_answer() refuses.
    """
    deficiency = _found(tender, identifier)
    may_answer(tender, identifier)
    if deficiency.correction is not None or deficiency.corrected is not None:
        raise NotAllowed(
            "deficiency-corrected",
            "A correction was handed in.",
            reference=pack.reference(RULE),
            satisfied_by="Nothing more: a bid is put right once.",
        )
    if at >= deficiency.due_at:
        raise NotAllowed(
            "correction-late",
            "The time to put the bid right is over.",
            reference=pack.reference(RULE),
            satisfied_by="A correction in time.",
        )
    handed_in = replace(deficiency, correction=digest, corrected_at=at)
    after, event = _with(tender, handed_in).telling(
        DeficiencyCorrected, bid=identifier, lot=deficiency.lot, digest=digest, corrected_at=at
    )
    return after, (event,)


def decide(tender: Tender, identifier: UUID, *, corrected: bool, reason: str, by: str, pack: RulePack) -> Change:
    """Decide, with a reason, whether what was handed in puts the bid right; otherwise the bid does not count.

    Raises:
        NotFound: deficiency-unknown.
        NotAllowed: correction-awaited, deficiency-decided; what may_examine() refuses.
    """
    deficiency = _deficiency(tender, identifier)
    if deficiency.corrected is not None:
        raise NotAllowed("deficiency-decided", "The correction has been decided on.")
    if deficiency.correction is None:
        raise NotAllowed(
            "correction-awaited",
            "The bidder may still put its bid right.",
            reference=pack.reference(RULE),
            satisfied_by="The correction, or the end of the time for it.",
        )
    after, event = _with(tender, replace(deficiency, corrected=corrected, reason=reason, decided_by=by)).telling(
        DeficiencyDecided, bid=identifier, lot=deficiency.lot, accepted=corrected, reason=reason
    )
    if corrected:
        return after, (event,)
    excluded, events = exclude(after, after.bid(identifier), reason, pack.reference(RULE))
    return excluded, (event, *events)


def again(tender: Tender, lots: Collection[str], *, at: datetime, pack: RulePack) -> Change:
    """Let the deficiencies of lots be decided on again; who handed nothing in is told again, and has its whole time."""
    after, events = tender, ()  # type: Change
    for decided in tender.deficiencies:
        if decided.lot in lots and decided.corrected is not None and tender.bid(decided.bid).valid:
            deficiency = replace(decided, corrected=None, reason=None, decided_by=None)
            if deficiency.correction is not None:
                after = _with(after, deficiency)
            else:
                due = pack.ends_at(RULE, at, tender.acceleration)
                after, notified = _notified(after, replace(deficiency, notified_at=at, due_at=due))
                events = (*events, *notified)
    return after, events


def lapse(tender: Tender, *, now: datetime, pack: RulePack) -> Change:
    """Let the bids not count whose time to be put right has passed unused."""
    after, events = tender, ()  # type: Change
    for deficiency in awaited(tender):
        if deficiency.due_at <= now:
            after = replace(
                _with(after, replace(deficiency, corrected=False)),
                status=TENDER.move("lapse", after.status, Status.AWARD),
            )
            reason = "What was missing was not put right in time."
            after, excluded = exclude(after, after.bid(deficiency.bid), reason, pack.reference(RULE))
            events = (*events, *excluded)
    return after, events


def awaited(tender: Tender) -> tuple[Deficiency, ...]:
    """Return the deficiencies that a bidder may still put right, of bids that count, in lots that go on."""
    if tender.status is not Status.AWARD:
        return ()
    return tuple(
        deficiency
        for lot in open_lots(tender)
        for deficiency in undecided(tender, lot)
        if deficiency.correction is None
    )


def undecided(tender: Tender, lot: str) -> tuple[Deficiency, ...]:
    """Return the deficiencies of a lot that are neither put right nor given up."""
    return tuple(
        deficiency
        for deficiency in tender.deficiencies
        if deficiency.lot == lot and deficiency.corrected is None and tender.bid(deficiency.bid).valid
    )


def _deficiency(tender: Tender, identifier: UUID) -> Deficiency:
    tender.expect(Status.AWARD)
    deficiency = _found(tender, identifier)
    may_examine(tender, identifier)
    return deficiency


def _found(tender: Tender, identifier: UUID) -> Deficiency:
    for deficiency in tender.deficiencies:
        if deficiency.bid == identifier:
            return deficiency
    raise NotFound("deficiency-unknown", "The bidder was told of nothing that its bid lacks.")


def _notified(tender: Tender, deficiency: Deficiency) -> Change:
    after, event = _with(tender, deficiency).telling(
        DeficiencyNotified,
        bid=deficiency.bid,
        lot=deficiency.lot,
        bidder=tender.bid(deficiency.bid).bidder,
        what=deficiency.what,
        due_at=deficiency.due_at,
    )
    return after, (event,)


def _with(tender: Tender, deficiency: Deficiency) -> Tender:
    others = tuple(deficiency if other.bid == deficiency.bid else other for other in tender.deficiencies)
    return replace(tender, deficiencies=others)
