"""The steps of a provider with the registry over HTTP, in a town; those of a procedure are in the course."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.testing.callers import Person
from shared.testing.course import REGISTRY, clerk
from shared.testing.town import Town, ask, done, flow, seen

SERVICE = "provider-registry"
REPORTER = Person("sven", "office", ("sanctions-officer",))
COURT = Person("carl", "court", ("sanctions-authority",))
REVIEW = Person("rita", "review", ("sanctions-authority",))


def provider_path(organisation: str, rest: str = "") -> str:
    """Return the address of a provider, or of something of it."""
    return f"/v1/providers/{organisation}{rest}"


async def shown(town: Town, organisation: str, rest: str = "", person: Person | None = None) -> Any:
    """Return what the registry shows of a provider."""
    return await seen(town, provider_path(organisation, rest), person, service=SERVICE)


async def enter(town: Town, organisation: str, **entry: Any) -> Any:
    """Let a provider enter itself."""
    body = {"legal_form": "association", "identifier": {"scheme": "XX-REG", "id": organisation}, **entry}
    return await done(town, clerk(organisation), "/v1/providers", body, service=SERVICE)


async def change(town: Town, organisation: str, rest: str, body: Mapping[str, Any]) -> Any:
    """Let a provider change its entry, or something of it, as it stands."""
    path = provider_path(organisation)
    entry = await ask(town, None, path, method="GET", service=SERVICE)
    version = int(entry.headers["ETag"].strip('"'))
    changed = await done(town, clerk(organisation), path + rest, body, method="PUT", service=SERVICE, version=version)
    await flow(town)
    return changed


def head(name: str) -> dict[str, Any]:
    """Write that a person leads a provider, and nobody else does."""
    return {"people": [{"name": name, "role": "head", "since": "2026-01-15"}]}


async def declare(town: Town, organisation: str, pack: str = "model") -> Any:
    """Let a provider declare that nothing speaks against it."""
    criteria = await seen(town, f"/v1/criteria/{pack}", service=SERVICE)
    answers = [{"criterion": one["id"], "answer": one["kind"] == "selection"} for one in criteria]
    path = provider_path(organisation, f"/declarations/{pack}")
    declared = await done(town, clerk(organisation), path, {"answers": answers}, method="PUT", service=SERVICE)
    await flow(town)
    return declared


def paper(kind: str, criteria: Sequence[str], *, first: str, last: str) -> dict[str, Any]:
    """Write what a document says of itself: what it proves, and the first and the last day on which it holds."""
    return {
        "document_type": kind,
        "issuer": "Public office",
        "number": f"No. {kind} {first}",
        "issued_on": "2026-03-01",
        "valid_from": first,
        "valid_until": last,
        "digest": hashlib.sha256(f"{kind} {first}".encode()).hexdigest(),
        "criteria": list(criteria),
    }


async def hand_in(town: Town, organisation: str, document: Mapping[str, Any]) -> str:
    """Let one officer enter a document and the other accept it; return its address."""
    path = provider_path(organisation, "/documents")
    entered = await done(town, REGISTRY[0], path, document, service=SERVICE)
    address = f"{path}/{entered['id']}"
    await done(town, REGISTRY[1], f"{address}/acceptance", service=SERVICE)
    await flow(town)
    return address


async def notify(town: Town, organisation: str, report: Mapping[str, Any]) -> str:
    """Let an office report something of a provider and tell the provider of it; return the address of the case."""
    case = await done(town, REPORTER, provider_path(organisation, "/cases"), report, service=SERVICE)
    path = f"/v1/cases/{case['id']}"
    await done(town, REPORTER, f"{path}/notice", service=SERVICE)
    return path


async def let_time_act(town: Town) -> None:
    """Let the registry do what has come due, and the others hear of it."""
    await town.services[SERVICE].let_time_act()
    await flow(town)


async def eligible_for(town: Town, organisation: str, pack: str, *purposes: str) -> dict[str, bool]:
    """Return what the answer is for each purpose, by the API."""
    asked = purposes or ("tenders", "orders", "payments")
    return {
        purpose: (await shown(town, organisation, f"/eligibility?pack={pack}&for={purpose}"))["eligible"]
        for purpose in asked
    }


async def against(town: Town, organisation: str, pack: str, purpose: str) -> set[tuple[str, str]]:
    """Return what keeps a provider from a purpose: by code, whether it fails or is not resolved."""
    found = await shown(town, organisation, f"/eligibility?pack={pack}&for={purpose}")
    return {(one["code"], one["verdict"]) for one in found["findings"] if one["verdict"] in {"fail", "unresolved"}}


async def eligibility_told(town: Town, organisation: str, pack: str, purpose: str) -> list[tuple[str, bool]]:
    """Return since when a provider is eligible for a purpose and since when not, as it was told; equal ones once."""
    found: list[tuple[str, bool]] = []
    for event in await town.services[SERVICE].published():
        if event.type == "provider.eligibility-changed.v1" and event.data["provider"] == organisation:
            (one,) = (one for one in event.data["answers"] if (one["pack"], one["purpose"]) == (pack, purpose))
            if not found or found[-1][1] != one["eligible"]:
                found.append((event.data["changed_at"], one["eligible"]))
    return found


async def named_in_events(town: Town, *names: str) -> list[str]:
    """Return which of these names any event of any service has in it."""
    said = [event.model_dump_json() for service in town.services.values() for event in await service.published()]
    return [name for name in names if any(name in text for text in said)]
