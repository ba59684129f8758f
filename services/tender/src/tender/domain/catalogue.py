"""What may be outsourced: the service catalogue, and the negative list that overrules it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class Service:
    """An entry of the catalogue."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """An entry of the negative list: a service, or with all that is below it, a kind of services."""

    code: str
    title: str
    source: str

    def covers(self, code: str) -> bool:
        """Say whether a service falls under the entry."""
        return code == self.code or code.startswith(f"{self.code}.")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of both lists."""

    version: str
    services: tuple[Service, ...]
    negative: tuple[Excluded, ...]

    def admit(self, code: str, pack: RulePack) -> Service:
        """Find the service that may be outsourced.

        Raises:
            NotAllowed: service-on-negative-list, naming the entry and its source; service-not-in-catalogue.
        """
        excluded = next((entry for entry in self.negative if entry.covers(code)), None)
        if excluded is not None and pack.flag("service-not-on-negative-list"):
            raise NotAllowed(
                "service-on-negative-list",
                f"It stays with government: {excluded.title}.",
                reference=RuleReference("service-not-on-negative-list", excluded.source),
            )
        service = next((entry for entry in self.services if entry.code == code), None)
        if service is None:
            raise NotAllowed(
                "service-not-in-catalogue",
                f"Version {self.version} of the service catalogue has no such service.",
                reference=pack.reference("service-in-catalogue"),
                satisfied_by="A code of the catalogue.",
            )
        return service


def read_catalogue(document: Mapping[str, Any]) -> Catalogue:
    """Read both lists from plain data."""
    return Catalogue(
        version=document["version"],
        services=tuple(Service(entry["code"], entry["title"]) for entry in document["services"]),
        negative=tuple(Excluded(entry["code"], entry["title"], entry["source"]) for entry in document["negative"]),
    )
