"""Whether each bidder meets the conditions of participation, decided before anybody scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack
from tender.domain.endings import Change, exclude, open_lots, to_be_decided, undecided_lots
from tender.domain.events import AcceptedBid, BidsQualified
from tender.domain.lifecycles import TENDER
from tender.domain.negotiation import begin
from tender.domain.opening import end_lots
from tender.domain.parts import OpenedBid, Status
from tender.domain.qualification_parts import (
    Disqualification,
    ProposedQualification,
    Qualification,
    UnconfirmedSize,
)
from tender.domain.tender import Tender

SECOND_PERSON = "second-person.qualification"


def qualify(tender: Tender, decision: Qualification, *, by: str, at: datetime, pack: RulePack) -> Change:
    """Decide who qualifies; a decision against the answers waits for a second person.

    Raises:
        NotAllowed: tender-not-qualification; requirement-not-met, unless such a bid is disqualified or accepted; what
            to_be_decided() refuses.
        NotFound: bid-unknown.
        Invalid: bid-repeated; ground-missing; requirement-unknown; rule-unknown.
    """
    TENDER.admit("qualify", tender.status)
    _check(tender, decision, pack)
    if pack.flag(SECOND_PERSON) and _against_answers(tender, decision):
        # Nothing is decided yet, so there is no event; what was proposed before is proposed no more.
        proposed = ProposedQualification(decision, by, at)
        return replace(tender, version=tender.version + 1, qualification=proposed), ()
    return _qualified(tender, decision, (by,), at=at, pack=pack)


def confirm_qualification(tender: Tender, *, by: str, at: datetime, pack: RulePack) -> Change:
    """Decide who qualifies as it was proposed, as a second person.

    Raises:
        NotAllowed: tender-not-qualification; qualification-not-proposed; what qualify() refuses.
        Forbidden: second-person-needed.
    """
    TENDER.admit("qualify", tender.status)
    proposed = proposed_qualification(tender, pack)
    different_persons(
        proposed.proposed_by, by, "A decision against the answers of a bidder", pack.reference(SECOND_PERSON)
    )
    _check(tender, proposed.decision, pack)
    return _qualified(tender, proposed.decision, (proposed.proposed_by, by), at=at, pack=pack)


def proposed_qualification(tender: Tender, pack: RulePack) -> ProposedQualification:
    """Return the decision that waits for a second person.

    Raises:
        NotAllowed: qualification-not-proposed.
    """
    if tender.qualification is None:
        raise NotAllowed(
            "qualification-not-proposed",
            "No decision on who qualifies waits for a second person.",
            reference=pack.reference(SECOND_PERSON),
            satisfied_by="A decision that goes against the answers of a bidder.",
        )
    return tender.qualification


def _qualified(
    tender: Tender, decision: Qualification, persons: tuple[str, ...], *, at: datetime, pack: RulePack
) -> Change:
    """Let the bids be scored, but for those that do not qualify; a lot with too few that do ends."""
    after, events = _confirm_sizes(_decided_by(tender, persons), decision.unconfirmed), ()  # type: Change
    for item in decision.disqualified:
        reference = pack.reference(item.rule) if item.rule else None
        after, excluded = exclude(after, after.bid(item.bid), item.reason, reference, requirement=item.requirement)
        events = (*events, *excluded)
    qualified, event = replace(after, qualified_at=at).telling(
        BidsQualified,
        qualified=tuple(bid.bid for bid in after.bids if bid.valid),
        accepted=tuple(AcceptedBid(item.bid, item.reason, tender.bid(item.bid).findings) for item in decision.accepted),
        unconfirmed=tuple(decision.unconfirmed),
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


def _decided_by(tender: Tender, persons: tuple[str, ...]) -> Tender:
    return replace(tender, qualification=None, qualified_by=tuple(dict.fromkeys((*tender.qualified_by, *persons))))


def _against_answers(tender: Tender, decision: Qualification) -> bool:
    waived = any(tender.bid(item.bid).findings for item in decision.accepted)
    return waived or any(not _rests_on_answers(tender.bid(item.bid), item) for item in decision.disqualified)


def _rests_on_answers(bid: OpenedBid, item: Disqualification) -> bool:
    lacking = {name for finding in bid.findings for name in finding.rpartition(": ")[0].split("/")}
    return item.requirement in lacking


def _check(tender: Tender, decision: Qualification, pack: RulePack) -> None:
    named = [*(item.bid for item in decision.disqualified), *(item.bid for item in decision.accepted)]
    doubted = [item.bid for item in decision.unconfirmed]
    if len(set(named)) < len(named) or len(set(doubted)) < len(doubted):
        raise Invalid("bid-repeated", "A bid is decided on once.")
    for identifier in (*named, *doubted):
        to_be_decided(tender, identifier)
    for item in decision.disqualified:
        _check_ground(tender, item, pack)
    undecided = undecided_lots(tender)
    if any(bid.valid and bid.findings and bid.bid not in named and bid.lot in undecided for bid in tender.bids):
        raise NotAllowed(
            "requirement-not-met",
            "A bid does not meet what the tender asks for.",
            satisfied_by="Its disqualification, or its acceptance with a reason.",
        )


def _check_ground(tender: Tender, item: Disqualification, pack: RulePack) -> None:
    if item.rule is None and item.requirement is None:
        raise Invalid(
            "ground-missing",
            "A bid is disqualified by a rule of the pack, or by a requirement of the tender that it does not meet.",
            satisfied_by="The id of the rule, or of the requirement.",
            pointer="/body/disqualified",
        )
    if item.rule is not None:
        pack.reference(item.rule)
    criteria = tender.content.requirements
    known = {criterion.id for criterion in criteria} | {
        requirement.id for criterion in criteria for requirement in criterion.requirements()
    }
    if item.requirement is not None and item.requirement not in known:
        raise Invalid(
            "requirement-unknown",
            "The tender asks for no such thing.",
            satisfied_by="The id of one of its requirements, or of a criterion.",
            pointer="/body/disqualified",
        )


def _confirm_sizes(tender: Tender, unconfirmed: Sequence[UnconfirmedSize]) -> Tender:
    reasons = {item.bid: item.reason for item in unconfirmed}
    bids = tuple(
        replace(bid, size_confirmed=False, size_reason=reasons[bid.bid]) if bid.bid in reasons else bid
        for bid in tender.bids
    )
    return replace(tender, bids=bids)
