"""What the conditions of a rule pack must hold to: facts that exist, compared with what they can be compared with."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.rules.condition import COMPARISONS, Comparison
from shared.rules.facts import NUMERIC, known_facts
from shared.rules.pack_rule import kind_of

Complaint = tuple[str, str]

_INEQUALITIES = {"at-least": "inclusive", "at-most": "inclusive", "above": "strict", "below": "strict"}


def check_conditions(document: Mapping[str, Any]) -> Iterator[Complaint]:
    """Complain of each check and each condition that makes no sense."""
    for rule_id, rule in document["rules"].items():
        if "check" in rule:
            complaint = _of_check(rule["check"], rule)
            if complaint is not None:
                yield f"/rules/{rule_id}/check", complaint
        for pointer, condition in _leaves(rule.get("when"), f"/rules/{rule_id}/when"):
            complaint = _of_condition(condition)
            if complaint is not None:
                yield pointer, complaint


def _of_check(check: Mapping[str, Any], rule: Mapping[str, Any]) -> str | None:
    comparison, kind = COMPARISONS[check["comparison"]], kind_of(rule["value"], rule.get("unit"))
    if kind not in comparison.bounds:
        return "the comparison is none with such a value."
    if (kind == "period") != ("since" in check):
        return "a period, and nothing else, is counted since a fact."
    if kind == "flag" and comparison.facts == NUMERIC and "of" not in check:
        return "what is switched on is a comparison with another fact."
    if kind != "period" and _INEQUALITIES.get(check["comparison"], rule.get("inequality")) != rule.get("inequality"):
        return "the comparison is as strict as the rule says."
    return _of_facts(check, comparison)


def _of_condition(condition: Mapping[str, Any]) -> str | None:
    comparison, kind = COMPARISONS[condition["comparison"]], _kind_of_bound(condition)
    if kind not in comparison.bounds or (kind == "flag" and comparison.facts == NUMERIC and "of" not in condition):
        return "the comparison is none with such a bound."
    return _of_facts(condition, comparison)


def _of_facts(condition: Mapping[str, Any], comparison: Comparison) -> str | None:
    facts = known_facts()
    named = [condition[part] for part in ("fact", "of", "since") if part in condition]
    if not all(path in facts for path in named):
        return "there is no such fact."
    if facts[condition["fact"]].type not in comparison.facts:
        return "the comparison is none of such a fact."
    if "of" in condition and not (comparison.facts == NUMERIC and facts[condition["of"]].type in NUMERIC):
        return "a share is taken of a number, and compared with one."
    if "since" in condition and facts[condition["since"]].type != "date":
        return "a period is counted since a day."
    return None


def _kind_of_bound(condition: Mapping[str, Any]) -> str:
    match condition.get("bound", True):
        case True:
            return "flag"
        case list():
            return "choice"
        case _:
            return "number"


def _leaves(condition: Mapping[str, Any] | None, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for joined_by in ("all", "any"):
        for place, part in enumerate((condition or {}).get(joined_by, ())):
            yield from _leaves(part, f"{pointer}/{joined_by}/{place}")
    if condition is not None and "fact" in condition:
        yield pointer, condition
