"""Hold facts to the rules of a pack that can be checked on facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from shared.kernel.calendar import WorkingCalendar, last_day
from shared.kernel.errors import RuleReference
from shared.rules.condition import COMPARISONS, Condition, evaluate, holding_both, share_of
from shared.rules.facts import NUMERIC, Facts
from shared.rules.pack_rule import PackRule
from shared.rules.result import RuleResult, Verdict

REGIME = "procedure.regime"
ADOPTED = "procedure.adopted_rules"


@dataclass(frozen=True, slots=True)
class Check:
    """Hold what a rule says of the facts.

    Shape: found and bound are what was compared, in the type of the fact; none where nothing was compared.
    """

    rule: PackRule
    result: RuleResult
    found: Any = None
    bound: Any = None


def check_rule(rule: PackRule, facts: Facts, calendar: WorkingCalendar) -> Check:
    """Check a rule on facts; one that has no check, is switched off, or does not bind here does not apply."""
    binding = binds(rule, facts)
    if rule.check is None or rule.value is False or binding is False:
        return Check(rule, _result(rule, Verdict.NOT_APPLICABLE, "The rule does not apply."))
    missing = binding if binding is not True else tuple(path for path in rule.check.facts if path not in facts)
    if missing:
        return Check(rule, _result(rule, Verdict.UNRESOLVED, "A fact is not known.", missing=missing))
    found, bound = facts[rule.check.fact], _bound(rule, rule.check, facts, calendar)
    holds = COMPARISONS[rule.check.comparison].holds(found, bound)
    if isinstance(found, Mapping):
        found, bound = holding_both(found, bound), (bound["role"], *bound["never_with"])
    if holds:
        return Check(rule, _result(rule, Verdict.PASS, "The rule is met."), found, bound)
    result = _result(rule, Verdict.FAIL, f"The rule is not met: {rule.title}.", satisfied_by=_needed(rule, rule.check))
    return Check(rule, result, found, bound)


def check_rules(rules: Mapping[str, PackRule], facts: Facts, calendar: WorkingCalendar) -> tuple[Check, ...]:
    """Check every rule that can be checked on facts, in the order of their ids."""
    return tuple(check_rule(rules[rule_id], facts, calendar) for rule_id in sorted(rules) if rules[rule_id].check)


def binds(rule: PackRule, facts: Facts) -> bool | tuple[str, ...]:
    """Tell whether the rule binds here, or which facts are missing to tell."""
    if rule.voluntary_for:
        if REGIME not in facts:
            return (REGIME,)
        if facts[REGIME] in rule.voluntary_for and rule.id not in _adopted(facts):
            return False
    held = evaluate(rule.when, facts) if rule.when is not None else None
    return True if held is None else held.missing if held.holds is None else held.holds


def _adopted(facts: Facts) -> tuple[str, ...]:
    adopted = facts.get(ADOPTED, ())
    return adopted if isinstance(adopted, tuple) else ()


def _bound(rule: PackRule, check: Condition, facts: Facts, calendar: WorkingCalendar) -> Any:
    if COMPARISONS[check.comparison].facts == NUMERIC:
        return share_of(rule.value, check.of, facts)
    if check.since is None:
        return rule.value
    since, period = facts[check.since], rule.period
    assert isinstance(since, date)  # noqa: S101 - a pack that counts a period since anything else is refused
    assert period is not None  # noqa: S101 - a pack that counts anything but a period is refused
    return last_day(since, period, calendar)


def _needed(rule: PackRule, check: Condition) -> str:
    words, unit = COMPARISONS[check.comparison].words, f" {rule.unit}" if rule.unit else ""
    match rule.kind:
        case "number":
            amount = f"{words} {rule.value}{unit}"
        case "bounds":
            amount = f"{words} {rule.value['min']} to {rule.value['max']}{unit}"
        case "choice":
            amount = f"{words}: {', '.join(rule.value)}"
        case "period":
            amount = f"{words} the end of {rule.value}{unit} since {check.since}"
        case "roles":
            amount = f"{words}: {rule.value['role']} with {', '.join(rule.value['never_with'])}"
        case _:
            amount = words if check.of is None else f"{words} all"
    return f"{amount} of {check.of}." if check.of is not None else f"{amount}."


def _result(
    rule: PackRule, verdict: Verdict, detail: str, *, satisfied_by: str | None = None, missing: tuple[str, ...] = ()
) -> RuleResult:
    return RuleResult(verdict, RuleReference(rule.id, rule.source), detail, satisfied_by, missing)


def shown(value: Any) -> Any:
    """Write what was compared as JSON: numbers as exact text, days as text, pairs of bounds as min and max."""
    match value:
        case Fraction():
            return plain_number(value)
        case date():
            return value.isoformat()
        case (Fraction() as least, Fraction() as most):
            return {"min": plain_number(least), "max": plain_number(most)}
        case tuple():
            return list(value)
        case _:
            return value


def plain_number(value: Fraction) -> str:
    """Write a number as a decimal where one is exact, as a fraction otherwise."""
    for places in range(25):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
            return f"{'-' if value < 0 else ''}{whole}{'.' + decimals if decimals else ''}"
    return str(value)
