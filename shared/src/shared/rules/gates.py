"""Count gates: a stage goes on only if enough bids reached it."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from shared.kernel.errors import RuleReference
from shared.rules.checks import check_rule
from shared.rules.facts import Facts
from shared.rules.pack import PackRule, RulePack
from shared.rules.result import RuleResult, Verdict

Stage = Literal["opening", "qualified", "responsive"]

COUNTS: Mapping[Stage, str] = MappingProxyType(
    {"opening": "bids.received", "qualified": "bids.qualified", "responsive": "bids.responsive"}
)
"""What is counted at each stage; every rule of a pack that is checked on it is a gate of the stage."""

_WEIGHT = (Verdict.FAIL, Verdict.UNRESOLVED, Verdict.PASS, Verdict.NOT_APPLICABLE)


def count_gate(pack: RulePack, stage: Stage, count: int | None, facts: Facts) -> RuleResult:
    """Hold the number of bids that reached a stage to every rule of the pack that counts them.

    Shape: facts are what the rules' conditions ask of the procedure; the first rule that is not met is returned, or the
    first that cannot be decided; a pack without a gate for the stage asks for nothing.
    """
    counted = {**facts} if count is None else {**facts, COUNTS[stage]: Fraction(count)}
    results = [_held(rule, counted, pack) for rule in gates(pack, stage)]
    if not results:
        reference = RuleReference(f"gate.{stage}.minimum-bids", pack.title)
        return RuleResult(Verdict.NOT_APPLICABLE, reference, "The rule pack has no such gate.")
    result = min(results, key=lambda held: _WEIGHT.index(held.verdict))
    if result.verdict is Verdict.FAIL:
        return replace(result, detail="There are fewer bids than the rule asks for.")
    return result


def gates(pack: RulePack, stage: Stage) -> tuple[PackRule, ...]:
    """Return the rules that count the bids of a stage, by id."""
    rules = (pack.rules[rule_id] for rule_id in sorted(pack.rules))
    return tuple(rule for rule in rules if rule.check is not None and rule.check.fact == COUNTS[stage])


def stage_of(rule_id: str, pack: RulePack | None) -> Stage | None:
    """Return the stage that a rule is a gate of, if it is one; without its pack only the name tells."""
    if pack is None or rule_id not in pack.rules:
        return next((stage for stage in COUNTS if rule_id.startswith(f"gate.{stage}.")), None)
    return next((stage for stage in COUNTS if pack.rules[rule_id] in gates(pack, stage)), None)


def _held(rule: PackRule, facts: Facts, pack: RulePack) -> RuleResult:
    result = check_rule(rule, facts, pack.calendar).result
    if result.verdict is not Verdict.UNRESOLVED:
        return result
    # With so many bids it does not matter whether the rule binds.
    unconditional = check_rule(replace(rule, when=None, voluntary_for=()), facts, pack.calendar).result
    return unconditional if unconditional.verdict is Verdict.PASS else result
