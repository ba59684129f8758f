"""Conditions on facts, as data: what is compared with what, and what follows where a fact is not known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Literal

from shared.rules.facts import NUMERIC, Facts, FactType


@dataclass(frozen=True, slots=True)
class Condition:
    """Compare one fact.

    Shape: in a rule's check bound is none, the rule's own value being the bound; of names the fact that the bound is a
    share of; since names the day from which a period's bound is counted.
    """

    fact: str
    comparison: str
    bound: Any = None
    of: str | None = None
    since: str | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """Name every fact that the comparison needs."""
        return tuple(path for path in (self.fact, self.of, self.since) if path is not None)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Join conditions: all of them hold, or any."""

    joined_by: Literal["all", "any"]
    parts: tuple["Condition | Conditions", ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Say whether a condition holds; none if it cannot be told without the facts that missing names."""

    holds: bool | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """State how a fact is compared, and what it can be compared with.

    Shape: bounds are the kinds of rule whose value can be the bound; a flag as bound switches the comparison on.
    """

    words: str
    facts: frozenset[FactType]
    bounds: frozenset[str]
    holds: Callable[[Any, Any], bool]


_AMOUNTS = frozenset({"number", "flag"})
_FLAG: frozenset[FactType] = frozenset({"flag"})
_DATE: frozenset[FactType] = frozenset({"date"})
_CHOICES: frozenset[FactType] = frozenset({"choice", "choices"})

COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "at-least": Comparison("At least", NUMERIC, _AMOUNTS, ge),
        "at-most": Comparison("At most", NUMERIC, _AMOUNTS, le),
        "above": Comparison("More than", NUMERIC, _AMOUNTS, gt),
        "below": Comparison("Less than", NUMERIC, _AMOUNTS, lt),
        "within": Comparison(
            "Within", NUMERIC, frozenset({"bounds"}), lambda found, bound: bound[0] <= found <= bound[1]
        ),
        "equals": Comparison("Exactly", NUMERIC, frozenset({"number"}), eq),
        "odd": Comparison("An odd number", frozenset({"count"}), frozenset({"flag"}), lambda found, _: found % 2 == 1),
        "holds": Comparison("It holds", _FLAG, frozenset({"flag"}), lambda found, _: found is True),
        "does-not-hold": Comparison("It does not hold", _FLAG, frozenset({"flag"}), lambda found, _: found is False),
        "one-of": Comparison(
            "One of", _CHOICES, frozenset({"choice"}), lambda found, bound: words(found) <= set(bound)
        ),
        "none-of": Comparison(
            "None of", _CHOICES, frozenset({"choice"}), lambda found, bound: words(found).isdisjoint(bound)
        ),
        "not-before": Comparison("Not before", _DATE, frozenset({"period"}), ge),
        "not-after": Comparison("Not after", _DATE, frozenset({"period"}), le),
        "after": Comparison("After", _DATE, frozenset({"period"}), gt),
        "never-together": Comparison(
            "Never together",
            frozenset({"roles"}),
            frozenset({"roles"}),
            lambda found, bound: not holding_both(found, bound),
        ),
    }
)


def words(found: str | tuple[str, ...]) -> set[str]:
    """Return the words of a choice or of several."""
    return {found} if isinstance(found, str) else set(found)


def holding_both(roles: Mapping[str, tuple[str, ...]], pair: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the parties that hold a role together with one that it is never held with."""
    never = set(pair["never_with"])
    return tuple(sorted(party for party, held in roles.items() if pair["role"] in held and not never.isdisjoint(held)))


def evaluate(condition: Condition | Conditions, facts: Facts) -> Held:
    """Tell whether a condition on facts holds; what does not depend on a missing fact is decided without it."""
    if isinstance(condition, Conditions):
        return _joined(condition, facts)
    missing = tuple(path for path in condition.facts if path not in facts)
    if missing:
        return Held(None, missing)
    bound = condition.bound
    if COMPARISONS[condition.comparison].facts == NUMERIC:
        bound = share_of(bound, condition.of, facts)
    return Held(COMPARISONS[condition.comparison].holds(facts[condition.fact], bound))


def share_of(bound: Any, of: str | None, facts: Facts) -> Any:
    """Turn a bound as written into the numbers it stands for: itself, or that share of a fact, or all of the fact."""
    base = facts[of] if of is not None else Fraction(1)
    assert isinstance(base, Fraction)  # noqa: S101 - a pack whose condition takes a share of anything else is refused
    if isinstance(bound, Mapping):
        return Fraction(bound["min"]) * base, Fraction(bound["max"]) * base
    return base if bound is None or bound is True else Fraction(bound) * base


def _joined(conditions: Conditions, facts: Facts) -> Held:
    parts = [evaluate(part, facts) for part in conditions.parts]
    decisive = conditions.joined_by == "any"
    if any(part.holds is decisive for part in parts):
        return Held(decisive)
    missing = tuple(dict.fromkeys(path for part in parts for path in part.missing))
    return Held(None, missing) if missing else Held(not decisive)


def read_condition(document: Mapping[str, Any]) -> Condition | Conditions:
    """Turn a condition that follows pack.schema.json into one."""
    for joined_by in ("all", "any"):
        if joined_by in document:
            return Conditions(joined_by, tuple(map(read_condition, document[joined_by])))
    bound = document.get("bound")
    return Condition(**{**document, "bound": tuple(bound) if isinstance(bound, list) else bound})
