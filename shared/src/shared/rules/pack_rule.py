"""One rule of a pack: its parameter, what it is checked on, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from shared.kernel.calendar import Period
from shared.rules.condition import Condition, Conditions, read_condition

Mark = Literal["read", "second-hand", "from-memory", "model"]
Kind = Literal["period", "flag", "number", "bounds", "choice", "roles", "text", "table"]


@dataclass(frozen=True, slots=True)
class Counting:
    """State how a period's days are counted, and where that is laid down.

    Shape: without a source and mark of its own it rests on the rule's.
    """

    first_day: Literal["excluded", "included"]
    roll: Literal["next-working-day", "none"]
    direction: Literal["forward", "backward"] = "forward"
    source: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRule:
    """Hold one rule.

    Shape: mark says how far the source was verified: `read`, `second-hand` (read in another's words), `from-memory`, or
    `model` (the value is the model pack's own); check compares a fact with value where `when` holds; aggregation says
    what a cap is held against; a rule is voluntary for the regimes it does not bind; next_step may be taken from the
    day after the period. An exception from a rule is granted only where the rule is exceptable.
    """

    id: str
    title: str
    value: Any
    unit: str | None
    inequality: Literal["strict", "inclusive"] | None
    counting: Counting | None
    check: Condition | None
    when: Condition | Conditions | None
    aggregation: Literal["aggregate", "per-change"] | None
    voluntary_for: tuple[str, ...]
    next_step: str | None
    source: str
    mark: Mark
    effective_from: date
    effective_to: date | None
    exceptable: bool = False

    @property
    def verified(self) -> bool:
        """Tell whether value and counting were read at their source; whatever was not is to be verified."""
        return self.mark == "read" and (self.counting is None or self.counting.mark in {None, "read"})

    @property
    def kind(self) -> Kind:
        """Tell what the value is."""
        return kind_of(self.value, self.unit)

    @property
    def period(self) -> Period | None:
        """The period with its counting convention, if the rule is one."""
        if self.counting is None:
            return None
        unit: Literal["D", "WD"] = "WD" if self.unit == "WD" else "D"
        return Period(self.value, unit, self.counting.first_day, self.counting.roll, self.counting.direction)


def kind_of(value: Any, unit: str | None) -> Kind:
    """Tell what kind of rule a value makes."""
    match value:
        case bool():
            return "flag"
        case _ if unit in {"D", "WD"}:
            return "period"
        case Mapping():
            return _kind_of_table(value)
        case list() | tuple():
            return "choice"
        case _:
            return "text" if unit is None else "number"


def read_rule(rule_id: str, document: Mapping[str, Any]) -> PackRule:
    """Turn a rule that follows pack.schema.json, its effect included, into one."""
    counting, check, when = (document.get(part) for part in ("counting", "check", "when"))
    return PackRule(
        id=rule_id,
        title=document["title"],
        value=read_only(document["value"]),
        unit=document.get("unit"),
        inequality=document.get("inequality"),
        counting=Counting(**counting) if counting else None,
        check=Condition(**check) if check else None,
        when=read_condition(when) if when else None,
        aggregation=document.get("aggregation"),
        voluntary_for=tuple(document.get("voluntary_for", ())),
        next_step=document.get("next_step"),
        source=document["source"],
        mark=document["mark"],
        effective_from=date.fromisoformat(document["effective"]["from"]),
        effective_to=read_end(document["effective"]),
        exceptable=document.get("exceptable", False),
    )


def read_end(effective: Mapping[str, str | None]) -> date | None:
    """Return the last day of an effect, or none where it is open."""
    end = effective["to"]
    return date.fromisoformat(end) if end else None


def read_only(value: Any) -> Any:
    """Return plain data that cannot be changed."""
    if isinstance(value, dict):
        return MappingProxyType({key: read_only(inner) for key, inner in value.items()})
    return tuple(read_only(inner) for inner in value) if isinstance(value, list) else value


def _kind_of_table(value: Mapping[str, Any]) -> Kind:
    if set(value) == {"min", "max"}:
        return "bounds"
    return "roles" if set(value) == {"role", "never_with"} else "table"
