"""What an opened offer means: what policy takes off its price, and which requirements it leaves open."""

from decimal import Decimal

from shared.rules.pack import RulePack
from tender.domain.bid_checks import Offer
from tender.domain.bid_deduction import deduction_facts, policy_deduction
from tender.domain.requirement_answers import Finding, check_answers
from tender.domain.tender import Tender


def deduction_of(offer: Offer, tender: Tender, pack: RulePack) -> Decimal:
    """Return what is taken off the price for what the bidder declares of itself and its partners.

    Units: a share of the price.
    """
    procurement = tender.content.procurement
    facts = deduction_facts(offer.content, offer.release.bidder.id, reserved=procurement.reserved)
    return policy_deduction(facts, pack, procurement.deductions.announced)


def findings_of(offer: Offer, tender: Tender) -> tuple[str, ...]:
    """Name what the answers lack, requirement by requirement."""
    groups = offer.content.groups if offer.content else {}
    answers = offer.content.answers if offer.content else ()
    return tuple(map(_text, check_answers(tender.content.requirements, groups, answers)))


def _text(finding: Finding) -> str:
    place = "/".join(name for name in (finding.criterion, finding.requirement) if name is not None)
    return f"{place}: {finding.code}"
