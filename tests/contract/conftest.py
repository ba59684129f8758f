"""Services that have something to tell: whatever they are asked for by name can be there."""

import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import catalogue
from shared.testing.services import RunningService

sys.path.insert(0, str(Path(__file__).parent))  # for the states that only these tests build

import tender_states
from office import AMOUNT, COLLEAGUE, OTHER, OURS, PANEL, RIVAL, US, Known, Office, States

# What paths and bodies call it: what events call it.
NAMES = {
    "organisation": ("provider", "supervisor", "organisation"),
    "contract_id": ("contract",),
    "tender_id": ("tender",),
    "expert_id": ("expert",),
    "plan_id": ("plan",),
    "line": ("line", "budget_line"),
}


async def providers(service: RunningService, office: Office) -> list[Known]:
    """Let there be a provider that others look at, and one that is entered."""
    for organisation in (OURS, OTHER):
        entry = {
            "name": organisation,
            "legal_form": "association",
            "identifier": {"scheme": "XX-REG", "id": organisation},
        }
        await office.post("/v1/providers", entry, organisation=organisation)
    document = {"document_type": "statutes", "digest": "0" * 64, "valid_until": "2030-01-01"}
    await office.post(f"/v1/providers/{OTHER}/evidence", {"evidence": [document]}, organisation=OTHER)
    return [{**await _proved(office), **await _helped(office)}]


async def _helped(office: Office) -> Known:
    """Let a rival's office call for applications, and let us apply."""
    call = {
        "title": "First bids",
        "kind": "grant",
        "summary": "Who has never bid is helped to.",
        "criteria": ["Has never bid"],
        "categories": ["meals"],
        "opens_at": "2026-01-01T00:00:00Z",
        "closes_at": "2030-01-01T00:00:00Z",
    }
    programme = await office.post("/v1/programmes", call, organisation=RIVAL)
    await office.post(f"/v1/programmes/{programme['id']}/applications", {"text": "Us."})
    return {"programme": [programme["id"]]}


async def _proved(office: Office) -> Known:
    """Let there be a document of ours, a professional with a certificate and hours, and a pack of it all."""
    day = {"issued_on": "2026-01-01", "valid_from": "2026-01-01", "valid_until": "2030-01-01"}
    named = {"issuer": "One", "number": "1", **day}
    document = await office.post(
        f"/v1/providers/{OURS}/documents", {"document_type": "statutes", "digest": "1" * 64, **named}
    )
    employed = {"name": "One", "since": "2026-01-01"}
    person = await office.post(f"/v1/providers/{OURS}/professionals", employed)
    path = f"/v1/professionals/{person['id']}"
    certified = await office.post(f"{path}/certificates", {"certificate_type": "nurse", **named})
    worked = {"first_day": "2026-01-01", "last_day": "2026-01-31", "hours": "10"}
    logged = await office.post(f"{path}/hours", worked)
    pack = await office.post(f"/v1/providers/{OURS}/evidence-pack", {"pack": "model"})
    return {
        "document": [document["id"]],
        "professional": [person["id"]],
        "certificate": [certified["certificates"][0]["id"]],
        "hours": [logged["hours"][0]["id"]],
        "digest": [pack["digest"], "1" * 64],
        "pack": ["model", "eu-light"],
    }


async def budget_lines(service: RunningService, office: Office) -> list[Known]:
    """Let there be a line with money."""
    body = {"code": "1", "title": "One", "fiscal_year": 2026, "amount": AMOUNT}
    return [{"line": [(await office.post("/v1/appropriations", body))["id"]]}]


async def supervisors(service: RunningService, office: Office) -> list[Known]:
    """Let there be two supervisors, one of them ours."""
    body = {"name": "One", "inspection_body_type": "A", "valid_until": "2030-01-01"}
    await office.post("/v1/supervisors", body | {"organisation": OTHER})
    await office.post("/v1/supervisors", body | {"organisation": OURS}, organisation=OTHER)
    return [{"period": ["1", "2026-Q3"]}]


async def nothing(service: RunningService, office: Office) -> list[Known]:
    return [{}]


OWN: Mapping[str, States] = {
    "tender": tender_states.scenes,
    "provider-registry": providers,
    "budget": budget_lines,
    "evaluation": supervisors,
    "portal": nothing,
}


def named(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in an event's data with its name."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from named(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from named(member, name)
    elif isinstance(value, str):
        yield name, value


async def knowing(service: RunningService) -> list[Known]:
    """Tell a service everything there is an example of; return what it can be asked for, by name, scene by scene."""
    known: dict[str, list[str]] = defaultdict(list)
    consumed = {consumer.source.name for consumer in service.runtime.consumers}
    for event_type, _, data in catalogue.golden_examples():
        model = catalogue.event_types()[event_type]
        if model.OWNER in consumed:
            await service.deliver(model.OWNER, model.model_validate(data))
            for name, text in named(data):
                known[name].append(text)
    scenes = await OWN[service.runtime.name](service, Office(service))
    known["person"] += [US, COLLEAGUE, *tender_states.MEMBERS]
    known["organisation"] += [OURS, OTHER, PANEL, RIVAL]
    known["event_id"] += [str(event.id) for event in await service.published()]
    for row in (await service.execute("SELECT consumer, event_id FROM parked")).all():
        known["consumer"].append(row.consumer)
        known["event_id"].append(str(row.event_id))
    known["projection"] += [*service.runtime.projections]
    for path_name, event_names in NAMES.items():
        known[path_name] += [text for name in event_names for text in known.get(name, [])]
    heard = {name: sorted(set(texts)) for name, texts in known.items()}
    # What the service itself has made is what it is asked for, and not what others call the same.
    return [{**heard, **scene} for scene in scenes]


@pytest.fixture
def tell() -> Callable[[RunningService], Awaitable[list[Known]]]:
    return knowing


@pytest.fixture
def office_of() -> type[Office]:
    return Office
