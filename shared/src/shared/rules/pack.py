"""A rule pack: one jurisdiction's procurement rules as typed, read-only data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

from shared.kernel.calendar import Period, WorkingCalendar, ends_at
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.consistency import check_consistency
from shared.rules.loader import available_packs, pack_document, pack_versions
from shared.rules.pack_error import pack_invalid
from shared.rules.pack_rule import Counting, Mark, PackRule, read_end, read_rule

__all__ = [
    "Absence",
    "Counting",
    "PackRule",
    "RulePack",
    "available_packs",
    "load_pack",
    "pack_document",
    "pack_in_force",
    "pack_of",
    "pack_versions",
    "pinned_pack",
    "read_pack",
]

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?|[0-9]+/[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Absence:
    """Say why a pack has no such rule although the pack that it is based on has one."""

    reason: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """Hold the rules of one jurisdiction, read by rule id.

    Units: amounts are in the main unit of currency, if the pack names one; language is that of its sources.

    Raises:
        Invalid: rule-unknown from every accessor; rule-of-another-kind if the rule's value is of another type.
    """

    id: str
    version: str
    title: str
    jurisdiction: str
    language: str
    currency: str | None
    effective_from: date
    effective_to: date | None
    calendar: WorkingCalendar
    rules: Mapping[str, PackRule]
    without: Mapping[str, Absence]

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
        period = rule.period
        if period is None:
            raise self._of_another_kind(rule)
        return period

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

    def fraction(self, rule_id: str) -> Fraction:
        """Return the rule's number exactly, also where no decimal is exact, as two thirds."""
        rule = self.rule(rule_id)
        if not _NUMBER.fullmatch(str(rule.value)):
            raise self._of_another_kind(rule)
        return Fraction(str(rule.value))

    def choice(self, rule_id: str) -> tuple[str, ...]:
        """Return the words that the rule lists."""
        rule = self.rule(rule_id)
        if rule.kind != "choice":
            raise self._of_another_kind(rule)
        return tuple(rule.value)

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


class Pinned(Protocol):
    """What was begun under one version of a rule pack, and stays with it."""

    @property
    def pack(self) -> str:
        """The pack's id."""

    @property
    def pack_version(self) -> str:
        """The pack's version."""


def load_pack(pack_id: str, version: str | None = None) -> RulePack:
    """Return a version of a pack that comes with the software, the newest if none is named.

    Raises:
        NotFound: pack-unknown, or pack-version-unknown.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    return _load(pack_id, version or pack_versions(pack_id)[-1]["version"])


def pack_in_force(pack_id: str, on: date) -> RulePack:
    """Return the version of a pack that a procedure started on that day is held to.

    Raises:
        NotFound: pack-unknown.
        NotAllowed: pack-not-in-force.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    for entry in pack_versions(pack_id):
        pack = load_pack(pack_id, entry["version"])
        if pack.effective_from <= on and (pack.effective_to is None or on <= pack.effective_to):
            return pack
    spans = (entry["effective"] for entry in pack_versions(pack_id))
    in_force = "; ".join(f"from {span['from']}" + (f" to {span['to']}" if span["to"] else "") for span in spans)
    raise NotAllowed(
        "pack-not-in-force",
        "No version of the rule pack is in force on that day.",
        satisfied_by=f"A day on which one is: {in_force}.",
    )


def pinned_pack(pack_id: str, version: str) -> RulePack:
    """Return the pack that something was begun under; another version of it never touches what was begun.

    Raises:
        NotAllowed: pack-version-differs.
    """
    if version not in {entry["version"] for entry in pack_versions(pack_id)}:
        raise NotAllowed(
            "pack-version-differs",
            "This was begun under another version of its rule pack.",
            satisfied_by="The version of the pack that it was begun under.",
        )
    return load_pack(pack_id, version)


def pack_of(begun: Pinned) -> RulePack:
    """Return the pack that something was begun under.

    Raises:
        NotAllowed: pack-version-differs.
    """
    return pinned_pack(begun.pack, begun.pack_version)


@lru_cache
def _load(pack_id: str, version: str) -> RulePack:
    return read_pack(pack_document(pack_id, version))


def read_pack(document: Mapping[str, Any]) -> RulePack:
    """Turn one version of a pack that follows pack.schema.json into a pack.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer, where parts of it contradict each other.
    """
    check_consistency(document)
    rules = {
        rule_id: read_rule(rule_id, {"effective": document["effective"], **rule})
        for rule_id, rule in document["rules"].items()
    }
    left_out = {rule_id: Absence(**absence) for rule_id, absence in document.get("without", {}).items()}
    return RulePack(
        id=document["id"],
        version=document["version"],
        title=document["title"],
        jurisdiction=document["jurisdiction"],
        language=document["language"],
        currency=document.get("currency"),
        effective_from=date.fromisoformat(document["effective"]["from"]),
        effective_to=read_end(document["effective"]),
        calendar=_calendar(document),
        rules=MappingProxyType(rules),
        without=MappingProxyType(left_out),
    )


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
        raise pack_invalid(document["id"], "/calendar", refusal.detail) from refusal
