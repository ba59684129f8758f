"""What may be outsourced: the service catalogue, and the negative list that overrules it, in versions by date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack


class Decision(StrEnum):
    """What an entry says of outsourcing."""

    ALLOW = "allow"
    APPROVE_NEEDED = "approve-needed"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Service:
    """A service, as plans and tenders carry it."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Classification:
    """The service in a classification such as CPV or UNSPSC."""

    scheme: str
    id: str


@dataclass(frozen=True, slots=True)
class Effect:
    """From when to when something holds.

    Units: both are days on which it holds; without an end it holds on.
    """

    first: date
    last: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Entry:
    """A service and what is decided of it.

    Shape: what is denied covers all that is below it too; categories are those that negative lists of rule packs name.
    """

    code: str
    title: str
    decision: Decision
    source: str
    classification: Classification | None = None
    categories: tuple[str, ...] = ()
    effect: Effect | None = None

    @property
    def service(self) -> Service:
        """Return what plans and tenders carry."""
        return Service(self.code, self.title)

    def covers(self, code: str) -> bool:
        """Say whether a service falls under the entry."""
        return code == self.code or (self.decision is Decision.DENY and code.startswith(f"{self.code}."))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of both lists."""

    version: str
    effect: Effect
    entries: tuple[Entry, ...]

    def admit(self, code: str, pack: RulePack, on: date) -> Entry:
        """Find the service that may be outsourced, at once or with an approval.

        Raises:
            NotAllowed: service-on-negative-list, naming the entry and its source; service-not-in-catalogue.
        """
        covering = [entry for entry in self.entries if entry.covers(code) and _in_force(entry, on)]
        denied = next((entry for entry in covering if entry.decision is Decision.DENY), None)
        if denied is not None and pack.flag("service-not-on-negative-list"):
            raise NotAllowed(
                "service-on-negative-list",
                f"It stays with government: {denied.title}.",
                reference=RuleReference("service-not-on-negative-list", denied.source),
                satisfied_by="Another service, or government's own staff.",
            )
        admitted = next((entry for entry in covering if entry.decision is not Decision.DENY), None)
        if admitted is None:
            raise NotAllowed(
                "service-not-in-catalogue",
                f"Version {self.version} of the service catalogue has no such service.",
                reference=pack.reference("service-in-catalogue"),
                satisfied_by="A code of the catalogue.",
            )
        return admitted


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All versions, the oldest first."""

    versions: tuple[Catalogue, ...]

    def on(self, day: date) -> Catalogue:
        """Find the version that what is planned on a day is held to.

        Raises:
            NotAllowed: catalogue-not-in-force.
        """
        for catalogue in self.versions:
            if catalogue.effect.holds_on(day):
                return catalogue
        raise NotAllowed(
            "catalogue-not-in-force",
            "No version of the service catalogue is in force on that day.",
            satisfied_by=f"A day from {self.versions[0].effect.first.isoformat()} on.",
        )

    def version(self, name: str) -> Catalogue:
        """Find a version by its name.

        Raises:
            NotFound: catalogue-version-unknown.
        """
        for catalogue in self.versions:
            if catalogue.version == name:
                return catalogue
        raise NotFound("catalogue-version-unknown", "The service catalogue has no such version.")


def read_catalogues(document: Mapping[str, Any]) -> Catalogues:
    """Read all versions from plain data.

    Raises:
        Invalid: catalogue-invalid, where something is missing or two versions hold on one day.
    """
    try:
        versions = tuple(_catalogue(entry) for entry in document["versions"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("catalogue-invalid", "The service catalogue is not of the form that is read.") from error
    names = {catalogue.version for catalogue in versions}
    ordered = all(
        before.effect.last is not None and before.effect.last < after.effect.first
        for before, after in pairwise(versions)
    )
    if not versions or len(names) < len(versions) or not ordered:
        raise Invalid("catalogue-invalid", "The versions follow each other, the oldest first, each named once.")
    return Catalogues(versions)


def _catalogue(document: Mapping[str, Any]) -> Catalogue:
    return Catalogue(document["version"], _effect(document["effective"]), tuple(map(_entry, document["entries"])))


def _entry(document: Mapping[str, Any]) -> Entry:
    classification, effective = document.get("classification"), document.get("effective")
    return Entry(
        code=document["code"],
        title=document["title"],
        decision=Decision(document["decision"]),
        source=document["source"],
        classification=Classification(**classification) if classification else None,
        categories=tuple(document.get("categories", ())),
        effect=_effect(effective) if effective else None,
    )


def _effect(document: Mapping[str, Any]) -> Effect:
    last = document["to"]
    return Effect(date.fromisoformat(document["from"]), date.fromisoformat(last) if last else None)


def _in_force(entry: Entry, on: date) -> bool:
    return entry.effect is None or entry.effect.holds_on(on)
