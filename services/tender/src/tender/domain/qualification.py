"""Whether each bidder meets the conditions of participation, decided before anybody scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.pack import RulePack
from tender.domain.endings import Change, exclude, open_lots, to_be_decided, undecided_lots
from tender.domain.events import BidsQualified
from tender.domain.lifecycles import TENDER
from tender.domain.negotiation import begin
from tender.domain.opening import end_lots
from tender.domain.parts import Status
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Disqualification:
    """Which bid does not qualify, and why; rule is the rule of the pack that says so, if one does."""

    bid: UUID
    reason: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which bid qualifies although its answers leave a requirement open, and why."""

    bid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Qualification:
    """What the office decides of the bids; all that are not named qualify as they are.

    Shape: unconfirmed are the bids whose declared size is not what the office finds: nothing is taken off their price.
    """

    disqualified: Sequence[Disqualification] = ()
    accepted: Sequence[Acceptance] = ()
    unconfirmed: Sequence[UUID] = ()


def qualify(tender: Tender, decision: Qualification, *, at: datetime, pack: RulePack) -> Change:
    """Let the bids be scored, but for those that do not qualify; a lot with too few that do ends.

    Raises:
        NotAllowed: tender-not-qualification; requirement-not-met, unless such a bid is disqualified or accepted; what
            to_be_decided() refuses.
        NotFound: bid-unknown.
        Invalid: bid-repeated; rule-unknown.
    """
    TENDER.admit("qualify", tender.status)
    _check(tender, decision)
    after, events = _confirm_sizes(tender, decision.unconfirmed), ()  # type: Change
    for item in decision.disqualified:
        reference: RuleReference | None = pack.reference(item.rule) if item.rule else None
        after, excluded = exclude(after, after.bid(item.bid), item.reason, reference)
        events = (*events, *excluded)
    qualified, event = replace(after, qualified_at=at).telling(
        BidsQualified,
        qualified=tuple(bid.bid for bid in after.bids if bid.valid),
        accepted=tuple((item.bid, item.reason) for item in decision.accepted),
    )
    counts = Counter(bid.lot for bid in qualified.bids if bid.valid)
    ended, endings = end_lots(qualified, "qualify", "qualified", counts, pack)
    if open_lots(ended):
        ended = replace(
            begin(ended, pack),
            status=TENDER.move("qualify", ended.status, Status.EVALUATION),
            due_at=pack.ends_at("scoring", at, tender.acceleration),
        )
    return ended, (*events, event, *endings)


def _check(tender: Tender, decision: Qualification) -> None:
    named = [*(item.bid for item in decision.disqualified), *(item.bid for item in decision.accepted)]
    if len(set(named)) < len(named):
        raise Invalid("bid-repeated", "A bid is decided on once.")
    for identifier in (*named, *decision.unconfirmed):
        to_be_decided(tender, identifier)
    undecided = undecided_lots(tender)
    if any(bid.valid and bid.findings and bid.bid not in named and bid.lot in undecided for bid in tender.bids):
        raise NotAllowed(
            "requirement-not-met",
            "A bid does not meet what the tender asks for.",
            satisfied_by="Its disqualification, or its acceptance with a reason.",
        )


def _confirm_sizes(tender: Tender, unconfirmed: Sequence[UUID]) -> Tender:
    bids = tuple(replace(bid, size_confirmed=False) if bid.bid in unconfirmed else bid for bid in tender.bids)
    return replace(tender, bids=bids)
