"""A rule pack: one jurisdiction's procurement rules as typed, read-only data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from shared.kernel.calendar import Period, WorkingCalendar, ends_at
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.consistency import check_consistency
from shared.rules.loader import available_packs, pack_document

__all__ = [
    "Counting",
    "PackRule",
    "RulePack",
    "available_packs",
    "load_pack",
    "pack_document",
    "pinned_pack",
    "read_pack",
]

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Counting:
    """State how a period's days are counted."""

    first_day: Literal["excluded", "included"]
    roll: Literal["next-working-day", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRule:
    """Hold one rule: its parameter and where it comes from.

    Shape: mark is `read` (the source was read), `to-be-verified`, or `model` (the value is the model pack's own).
    """

    id: str
    title: str
    value: Any
    unit: str | None
    inequality: Literal["strict", "inclusive"] | None
    counting: Counting | None
    source: str
    mark: Literal["read", "to-be-verified", "model"]
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """Hold the rules of one jurisdiction, read by rule id.

    Raises:
        Invalid: rule-unknown from every accessor; rule-of-another-kind if the rule's value is of another type.
    """

    id: str
    version: str
    title: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    calendar: WorkingCalendar
    rules: Mapping[str, PackRule]

    def rule(self, rule_id: str) -> PackRule:
        """Return the rule."""
        if rule_id not in self.rules:
            known = ", ".join(sorted(self.rules))
            raise Invalid(
                "rule-unknown", f"The rule pack {self.id} has no such rule.", satisfied_by=f"One of: {known}."
            )
        return self.rules[rule_id]

    def reference(self, rule_id: str) -> RuleReference:
        """Return what a refusal cites."""
        return RuleReference(rule_id, self.rule(rule_id).source)

    def period(self, rule_id: str) -> Period:
        """Return the rule's period with its counting convention."""
        rule = self.rule(rule_id)
        if rule.counting is None or rule.unit not in {"D", "WD"}:
            raise self._of_another_kind(rule)
        unit: Literal["D", "WD"] = "WD" if rule.unit == "WD" else "D"
        return Period(rule.value, unit, rule.counting.first_day, rule.counting.roll)

    def ends_at(self, rule_id: str, start: datetime, acceleration: int = 1) -> datetime:
        """Return the first instant after the rule's period, hastened by a sandbox procedure's acceleration.

        Units: aware UTC; acceleration is the factor by which the time runs faster, 1 in earnest.
        """
        return hasten(start, ends_at(start, self.period(rule_id), self.calendar), acceleration)

    def number(self, rule_id: str) -> Decimal:
        """Return the rule's number."""
        rule = self.rule(rule_id)
        if not _DECIMAL.fullmatch(str(rule.value)):
            raise self._of_another_kind(rule)
        return Decimal(str(rule.value))

    def flag(self, rule_id: str) -> bool:
        """Tell whether the rule is switched on."""
        rule = self.rule(rule_id)
        if not isinstance(rule.value, bool):
            raise self._of_another_kind(rule)
        return rule.value

    def text(self, rule_id: str) -> str:
        """Return the rule's choice."""
        rule = self.rule(rule_id)
        if not isinstance(rule.value, str):
            raise self._of_another_kind(rule)
        return rule.value

    def table(self, rule_id: str) -> Mapping[str, Any]:
        """Return the rule's table."""
        rule = self.rule(rule_id)
        if not isinstance(rule.value, Mapping):
            raise self._of_another_kind(rule)
        return rule.value

    def _of_another_kind(self, rule: PackRule) -> Invalid:
        reference = RuleReference(rule.id, rule.source)
        return Invalid(
            "rule-of-another-kind", "The rule's value is of another kind than asked for.", reference=reference
        )


@lru_cache
def load_pack(pack_id: str) -> RulePack:
    """Return a pack that comes with the software.

    Raises:
        NotFound: pack-unknown.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    return read_pack(pack_document(pack_id))


def pinned_pack(pack_id: str, version: str) -> RulePack:
    """Return the pack that something was begun under; another version of it never touches what was begun.

    Raises:
        NotAllowed: pack-version-differs.
    """
    pack = load_pack(pack_id)
    if pack.version != version:
        raise NotAllowed(
            "pack-version-differs",
            "This was begun under another version of its rule pack.",
            satisfied_by="The version of the pack that it was begun under.",
        )
    return pack


def read_pack(document: Mapping[str, Any]) -> RulePack:
    """Turn a document that follows pack.schema.json into a pack.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer, where parts of it contradict each other.
    """
    check_consistency(document)
    effective_from, effective_to = _effect(document["effective"])
    rules = {
        rule_id: _rule(rule_id, {"effective": document["effective"], **rule})
        for rule_id, rule in document["rules"].items()
    }
    return RulePack(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        jurisdiction=document["jurisdiction"],
        effective_from=effective_from,
        effective_to=effective_to,
        calendar=_calendar(document),
        rules=MappingProxyType(rules),
    )


def _rule(rule_id: str, rule: Mapping[str, Any]) -> PackRule:
    effective_from, effective_to = _effect(rule["effective"])
    counting = rule.get("counting")
    return PackRule(
        id=rule_id,
        title=rule["title"],
        value=_read_only(rule["value"]),
        unit=rule.get("unit"),
        inequality=rule.get("inequality"),
        counting=Counting(counting["first_day"], counting["roll"]) if counting else None,
        source=rule["source"],
        mark=rule["mark"],
        effective_from=effective_from,
        effective_to=effective_to,
    )


def _effect(effective: Mapping[str, str | None]) -> tuple[date, date | None]:
    end = effective["to"]
    return date.fromisoformat(str(effective["from"])), date.fromisoformat(end) if end else None


def _calendar(document: Mapping[str, Any]) -> WorkingCalendar:
    calendar = document["calendar"]
    try:
        return WorkingCalendar(
            time_zone=calendar["time_zone"],
            weekend=frozenset(calendar["weekend"]),
            holidays=frozenset(map(date.fromisoformat, calendar["holidays"])),
            working_days=frozenset(map(date.fromisoformat, calendar["working_days"])),
        )
    except Invalid as refusal:
        detail = f"packs/{document['id']}.yaml: {refusal.detail}"
        raise Invalid("pack-invalid", detail, pointer="/calendar") from refusal


def _read_only(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _read_only(inner) for key, inner in value.items()})
    return tuple(_read_only(inner) for inner in value) if isinstance(value, list) else value
