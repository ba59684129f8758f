"""How long an award stands still before it may be confirmed, and by which rule of the pack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.checks import binds
from shared.rules.facts import Facts
from shared.rules.pack import PackRule, RulePack
from tender.domain.tender import Content, Tender

RULES = ("standstill", "standstill-other-means")
_NOTICE = "result-notice"
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Standstill:
    """Until when nothing is confirmed; rule is None where none binds here, so that it ends at once."""

    ends_at: datetime
    rule: str | None


def standstill(tender: Tender, lot: str, *, at: datetime, pack: RulePack) -> Standstill:
    """Return the standstill of a lot's award that is proposed now: by the first rule that binds, or none.

    Raises:
        NotAllowed: facts-missing, if it cannot be told whether a rule binds.
    """
    facts = _facts(tender.content, sum(bid.lot == lot for bid in tender.bids))
    verdicts = {rule.id: binds(rule, facts) for rule in _rules(pack)}
    rule = next((rule_id for rule_id, verdict in verdicts.items() if verdict is True), None)
    if rule is not None:
        return Standstill(pack.ends_at(rule, at, tender.acceleration), rule)
    for rule_id, verdict in verdicts.items():
        if isinstance(verdict, tuple):
            raise NotAllowed(
                "facts-missing",
                f"Whether there is a standstill cannot be decided without: {', '.join(verdict)}.",
                reference=pack.reference(rule_id),
                satisfied_by=f"{', '.join(verdict)} in the draft's `procurement.facts`.",
            )
    return Standstill(at, None)


def reference_of(rule_id: str | None, pack: RulePack) -> RuleReference:
    """Name the rule of a standstill; what was proposed before it was kept had the pack's first."""
    return pack.reference(rule_id or _rules(pack)[0].id)


def unstated(content: Content, pack: RulePack) -> Iterator[tuple[PackRule, tuple[str, ...]]]:
    """Name the rules of the standstill that could not be decided if several bid, with the facts that are missing."""
    facts = _facts(content, _SEVERAL)
    for rule in _rules(pack):
        verdict = binds(rule, facts)
        if isinstance(verdict, tuple):
            yield rule, verdict


def _rules(pack: RulePack) -> tuple[PackRule, ...]:
    # A pack that knows no standstill puts the result on notice for a time.
    known = tuple(pack.rules[rule_id] for rule_id in RULES if rule_id in pack.rules)
    return known or (pack.rule(_NOTICE),)


def _facts(content: Content, bids: int) -> Facts:
    return {
        **content.procurement.stated,
        "procedure.method": content.procurement.method,
        "procedure.estimate": Fraction(content.value.amount),
        "bids.received": Fraction(bids),
        # The result is told over the API and by events, and in no other way.
        "award.notified_electronically": True,
    }
