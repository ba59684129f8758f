"""Count gates: a stage goes on only if enough bids reached it."""

from typing import Literal

from shared.kernel.errors import RuleReference
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult, Verdict

Stage = Literal["opening", "qualified", "responsive"]


def count_gate(pack: RulePack, stage: Stage, count: int | None) -> RuleResult:
    """Hold the number of bids that reached a stage to the pack's minimum; a pack without the gate asks for nothing."""
    rule_id = f"gate.{stage}.minimum-bids"
    if rule_id not in pack.rules:
        return RuleResult(Verdict.NOT_APPLICABLE, RuleReference(rule_id, pack.title), "The rule pack has no such gate.")
    reference = pack.reference(rule_id)
    if count is None:
        return RuleResult(Verdict.UNRESOLVED, reference, "The number of bids is not known.", missing=("count",))
    minimum = pack.number(rule_id)
    if count < minimum:
        at_least = f"At least {minimum} bids."
        return RuleResult(Verdict.FAIL, reference, "There are fewer bids than the rule asks for.", at_least)
    return RuleResult(Verdict.PASS, reference, "There are as many bids as the rule asks for.")
