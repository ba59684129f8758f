"""What is taken off a bid's price before it is compared, in favour of small and micro enterprises."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import Invalid
from shared.rules.condition import evaluate
from shared.rules.facts import Facts
from shared.rules.pack import RulePack
from tender.domain.bid_content import TechnicalContent

# In this order, and never two: the rules' own conditions exclude each other, and the first that binds is taken.
DEDUCTIONS = ("policy-deduction.small-micro", "policy-deduction.consortium")
_FAVOURED = frozenset({"micro", "small"})
_AT = "/body/procurement/deductions"


def deduction_facts(content: TechnicalContent | None, bidder: str, *, reserved: bool) -> Facts:
    """Say what the rules on deductions ask: the declared size, and the partners' and subcontractors' share.

    The office confirms what the bidder declares when it checks the bidder's qualification.
    """
    parties = (
        []
        if content is None
        else [
            *((member.share, member.size) for member in content.consortium if member.organisation != bidder),
            *((party.share, party.size) for party in content.subcontractors),
        ]
    )
    share = sum((share for share, size in parties if size in _FAVOURED), Decimal(0))
    return {
        "bid.small_or_micro": content is not None and content.size in _FAVOURED,
        "bid.small_micro_share": Fraction(share),
        "procedure.reserved_for_smes": reserved,
    }


def check_announced(announced: Mapping[str, Decimal], pack: RulePack) -> None:
    """Hold the rates that a tender announces to the pack.

    Units: announced in percent, by rule.

    Raises:
        Invalid: deduction-not-provided, for one that the pack does not know; deduction-out-of-range.
    """
    for rule_id, rate in announced.items():
        if rule_id not in pack.rules:
            raise Invalid(
                "deduction-not-provided",
                "The rule pack takes nothing off a price.",
                pointer=_AT,
                satisfied_by="No announced deductions.",
            )
        least, most = _bounds(rule_id, pack)
        if not least <= rate <= most:
            raise Invalid(
                "deduction-out-of-range",
                "The deduction is outside what the rule allows.",
                pointer=_AT,
                reference=pack.reference(rule_id),
                satisfied_by=f"From {least} to {most} percent.",
            )


def policy_deduction(facts: Facts, pack: RulePack, announced: Mapping[str, Decimal]) -> Decimal:
    """Return what is deducted from a bid's price: once, at the announced rate, or the least that the pack demands.

    Units: a share of the price, as ScoredBid takes it; announced in percent, by rule, as check_announced() admits
        them. The price of the contract stays what was bid.
    """
    for rule_id in DEDUCTIONS:
        rule = pack.rules.get(rule_id)
        if rule is None or (rule.when is not None and evaluate(rule.when, facts).holds is not True):
            continue
        least, _ = _bounds(rule_id, pack)
        return announced.get(rule_id, least) / 100
    return Decimal(0)


def _bounds(rule_id: str, pack: RulePack) -> tuple[Decimal, Decimal]:
    bounds = pack.table(rule_id)
    return Decimal(str(bounds["min"])), Decimal(str(bounds["max"]))
