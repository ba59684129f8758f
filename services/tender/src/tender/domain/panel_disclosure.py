"""What of panels and of the pool of experts is shown to whom."""

from collections.abc import Sequence

from shared.kernel.access import Actor
from shared.rules.pack import RulePack
from tender.domain.challenge import Challenge
from tender.domain.challenge_parties import Case, decides
from tender.domain.panel import Panel
from tender.domain.panel_parts import PanelStatus, Signature
from tender.domain.panel_scores import voted
from tender.domain.policy import AUDIT, in_an_office, in_office_of
from tender.domain.tender import Tender


def shown_names(panel: Panel, tender: Tender, pack: RulePack, actor: Actor | None) -> tuple[str, ...] | None:
    """Return who has accepted, in no order that tells whose label is whose; none while the pack keeps that secret.

    The purchaser's office knows them anyway.
    """
    secret = "committee.names-secret" in pack.rules and pack.flag("committee.names-secret")
    result = any(lot.awards or lot.framework for lot in tender.lots)
    if secret and not result and not in_office_of(actor, tender.buyer.id):
        return None
    return tuple(sorted(seat.name for seat in panel.members))


def shown_signatures(panel: Panel, *, reasons: bool) -> tuple[Signature, ...]:
    """Return how members voted: how others have voted is nobody's guide, so votes are public with the lock."""
    signatures = panel.signatures if panel.status is PanelStatus.LOCKED else ()
    return signatures if reasons else voted(signatures)


def reads_evaluation(case: Case, challenges: Sequence[Challenge], actor: Actor) -> bool:
    """Say who reads the whole evaluation where it is not public.

    These are the purchaser's office, the panel, who audits, and who decides a complaint about it; never a bidder.
    """
    tender, panel = case.tender, case.panel
    if actor.organisation in {bid.bidder.id for bid in tender.bids}:
        return False
    return (
        in_office_of(actor, tender.buyer.id)
        or bool(actor.roles & AUDIT)
        or (panel is not None and any(seat.person == actor.person for seat in panel.members))
        or any(decides(challenge, actor, case) for challenge in challenges)
    )


def sees_experts(actor: Actor | None) -> bool:
    """Tell whether the names behind the pool's labels are shown: to whoever works in a purchasing office."""
    return in_an_office(actor)
