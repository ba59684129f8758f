"""Where things are: the portal's own pages, the other services' feeds, and whom imported data is owed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from fastapi import Request

from portal.domain.entry import Entry
from portal.domain.procedure import Procedure
from shared.contracts import catalogue
from shared.rules.pack import available_packs, load_pack, pack_versions


@dataclass(frozen=True, slots=True)
class Links:
    """What the settings say of the world around the portal."""

    services: Mapping[str, str]
    attributions: Mapping[str, str]

    def event(self, entry: Entry) -> str:
        """Return where the event's own service shows it."""
        return f"{self._service(entry.source)}/v1/events/{entry.id}"

    def feed(self, entry: Entry) -> str:
        """Return the part of the service's feed that begins with the event."""
        return f"{self._service(entry.source)}/v1/events?after={entry.position - 1}"

    def attribution(self, procedure: Procedure) -> str | None:
        """Return what the publisher of an imported process asks to be said."""
        if not procedure.external:
            return None
        prefixes = sorted(self.attributions, key=len, reverse=True)
        known = next((prefix for prefix in prefixes if procedure.ocid.startswith(prefix)), None)
        return self.attributions[known] if known else "Published by another publisher and imported as it stands."

    def _service(self, name: str) -> str:
        return self.services.get(name, f"/{name}").rstrip("/")


def links_of(request: Request) -> Links:
    """Return the links of the portal that a request has come to."""
    links: Links = request.app.state.links
    return links


def procedure_page(ocid: str) -> str:
    return f"/procedures/{quote(ocid, safe='')}"


def provider_page(organisation: str) -> str:
    return f"/providers/{quote(organisation, safe='')}"


def event_type_page(event_type: str) -> str | None:
    """Return where an event type is explained; None for a type that is not of the published language."""
    return f"/events#{event_type}" if event_type in catalogue.event_types() else None


def rule_pack_page(pack_id: str, version: str) -> str | None:
    """Return where a version of a rule pack stands; None for one that does not come with this software."""
    versions = pack_versions(pack_id) if pack_id in available_packs() else ()
    begins = (entry["effective"]["from"] for entry in versions if entry["version"] == version)
    return next((f"/rules/{pack_id}?on={day}" for day in begins), None)


def rule_source(pack_id: str, version: str, rule_id: str) -> str | None:
    """Return where a rule of a pack comes from; None for one that does not come with this software."""
    if rule_pack_page(pack_id, version) is None:
        return None
    rule = load_pack(pack_id, version).rules.get(rule_id)
    return rule.source if rule else None


def event_page(source: str, event_id: UUID) -> str:
    return f"/events/{quote(source, safe='')}/{event_id}"
