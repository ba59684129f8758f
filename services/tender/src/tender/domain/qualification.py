"""Whether each bidder meets the conditions of participation, decided before anybody scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.kernel.errors import Invalid, RuleReference
from shared.rules.pack import RulePack
from tender.domain.endings import Change, exclude, open_lots
from tender.domain.events import BidsQualified
from tender.domain.lifecycles import TENDER
from tender.domain.opening import end_lots
from tender.domain.parts import Status
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Disqualification:
    """Which bid does not qualify, and why; rule is the rule of the pack that says so, if one does."""

    bid: UUID
    reason: str
    rule: str | None = None


def qualify(tender: Tender, disqualified: Sequence[Disqualification], *, at: datetime, pack: RulePack) -> Change:
    """Let the bids be scored, but for those that do not qualify; a lot with too few that do ends.

    Raises:
        NotAllowed: tender-not-qualification.
        NotFound: bid-unknown.
        Invalid: bid-repeated; rule-unknown.
    """
    TENDER.admit("qualify", tender.status)
    if len({item.bid for item in disqualified}) < len(disqualified):
        raise Invalid("bid-repeated", "A bid is decided on once.")
    after, events = tender, ()  # type: Change
    for item in disqualified:
        reference: RuleReference | None = pack.reference(item.rule) if item.rule else None
        after, excluded = exclude(after, after.bid(item.bid), item.reason, reference)
        events = (*events, *excluded)
    qualified, event = after.telling(BidsQualified, qualified=tuple(bid.bid for bid in after.bids if bid.valid))
    counts = Counter(bid.lot for bid in qualified.bids if bid.valid)
    ended, endings = end_lots(qualified, "qualify", "qualified", counts, pack)
    if open_lots(ended):
        ended = replace(
            ended,
            status=TENDER.move("qualify", ended.status, Status.EVALUATION),
            due_at=pack.ends_at("scoring", at, tender.acceleration),
        )
    return ended, (*events, event, *endings)
