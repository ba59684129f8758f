"""Count gates: a stage goes on only if enough bids reached it."""

from dataclasses import replace
from fractions import Fraction
from typing import Literal

from shared.kernel.errors import RuleReference
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import RuleResult, Verdict

Stage = Literal["opening", "qualified", "responsive"]

_COUNTS = {"opening": "bids.received", "qualified": "bids.qualified", "responsive": "bids.responsive"}


def count_gate(pack: RulePack, stage: Stage, count: int | None, method: str = "open") -> RuleResult:
    """Hold the number of bids that reached a stage to the pack's minimum; a pack without the gate asks for nothing."""
    rule_id = f"gate.{stage}.minimum-bids"
    if rule_id not in pack.rules:
        return RuleResult(Verdict.NOT_APPLICABLE, RuleReference(rule_id, pack.title), "The rule pack has no such gate.")
    facts = {"procedure.method": method} | ({} if count is None else {_COUNTS[stage]: Fraction(count)})
    result = check_rule(pack.rule(rule_id), facts, pack.calendar).result
    if result.verdict is Verdict.FAIL:
        return replace(result, detail="There are fewer bids than the rule asks for.")
    return result
