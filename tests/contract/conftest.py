"""Services that have something to tell: whatever they are asked for by name can be there."""

import base64
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts import catalogue
from shared.contracts.budget import Reserved
from shared.contracts.provider import ProviderVerified
from shared.kernel.money import money
from shared.testing.services import RunningService

Known = Mapping[str, list[str]]
OURS, OTHER, PANEL = "org-1", "org-2", "org-3"
LOT = "lot-1"
AMOUNT = {"amount": "1000.00", "currency": "EUR"}
# What paths and bodies call it: what events call it.
NAMES = {
    "organisation": ("provider", "supervisor", "organisation"),
    "contract_id": ("contract",),
    "tender_id": ("tender",),
    "expert_id": ("expert",),
    "plan_id": ("plan",),
    "line": ("line", "budget_line"),
}


class Office:
    """Sends requests as somebody who may do everything."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        roles = {role for row in service.runtime.policy.values() for role in row.roles}
        self._roles = sorted(roles)

    def headers(self, person: str = "person-1", organisation: str = OURS) -> dict[str, str]:
        return self._service.headers(person, organisation, *self._roles)

    async def post(self, path: str, body: Any = None, *, person: str = "person-1", organisation: str = OURS) -> Any:
        response = await self._service.client.post(path, json=body, headers=self.headers(person, organisation))
        assert response.is_success, response.text
        return response.json() if response.content else None


async def tenders(service: RunningService, office: Office) -> dict[str, list[str]]:
    """Let there be a draft, an open tender, an opened one and a contract to be signed."""
    plan = await office.post(
        "/v1/plans",
        {
            "title": "One",
            "buyer_name": "Office",
            "service": "elder-care.home",
            "estimate": {"amount": "4000.00", "currency": "EUR"},
            "budget_line": "0190a000-0000-7000-8000-00000000000b",
        },
    )
    drafts = [await office.post("/v1/tenders", draft(plan["id"])) for _ in range(4)]
    for organisation in (OURS, OTHER):
        await service.deliver(
            "provider-registry",
            ProviderVerified(
                provider=organisation,
                name=organisation,
                legal_form="company",
                verified_at=service.clock.now(),
                valid_until=service.clock.now().date().replace(year=2030),
            ),
        )
    contracted, opened, active, draft_only = drafts
    for tender in (contracted, opened):
        await publish(service, office, tender)
        await bid_and_open(service, office, tender["id"])
    await publish(service, office, active)
    await office.post(f"/v1/tenders/{active['id']}/bids", bid("900.00"))
    bids = (await service.client.get(f"/v1/tenders/{contracted['id']}/bids")).json()
    await office.post(f"/v1/tenders/{contracted['id']}/qualification", {"disqualified": []})
    scores = [{"bid": one["bid"], "criterion": "quality", "value": "80"} for one in bids]
    experts = await pool(office)
    await score(service, office, contracted["id"], experts, scores)
    await office.post(f"/v1/tenders/{contracted['id']}/price-opening")
    award = f"/v1/tenders/{contracted['id']}/lots/{LOT}/award"
    proposed = await office.post(award)
    standstill = datetime.fromisoformat(proposed["lots"][0]["awards"][0]["standstill_ends_at"])
    service.clock.set(standstill)
    awarded = await office.post(f"{award}/confirmation", person="person-2")
    return {
        "plan": [plan["id"]],
        "tender": [draft_only["id"], active["id"], opened["id"], contracted["id"]],
        "contract": [awarded["lots"][0]["awards"][0]["contract"]],
        "lot_id": [LOT],
        "expert": list(experts),
        "bid_id": [one["bid"] for one in bids],
        "bid": [one["bid"] for one in bids],
        "pack_id": ["model"],
    }


async def pool(office: Office) -> dict[str, str]:
    """Let there be three experts; return who is behind each label."""
    experts = {}
    for person in ("person-11", "person-12", "person-13"):
        body = {"person": person, "name": person, "organisation": PANEL, "specialities": ["elder-care"]}
        label = (await office.post("/v1/experts", body))["id"]
        await office.post(f"/v1/experts/{label}/admission", person="person-2")
        experts[label] = person
    return experts


async def score(
    service: RunningService, office: Office, tender: str, experts: Mapping[str, str], scores: list[dict[str, str]]
) -> None:
    """Let a panel be drawn, declare, score and lock."""
    path = f"/v1/tenders/{tender}"
    at = service.clock.now() + timedelta(minutes=10)
    beacon = {"source": "public-records", "records": ["Lottery"], "at": at.isoformat()}
    await office.post(f"{path}/panel/pool", {"experts": 3, "beacon": beacon})
    service.clock.set(at)
    for person in ("person-1", "person-2"):
        drawn = await office.post(f"{path}/panel/draw", {"numbers": [[1]]}, person=person)
    members = [experts[seat["label"]] for seat in drawn["seats"]]
    for person in members:
        await office.post(f"{path}/panel/acceptance", person=person, organisation=PANEL)
    await office.post(f"{path}/panel/chair", {"member": drawn["seats"][0]["label"]})
    ties = [{"bidder": bidder, "relation": "none"} for bidder in (OURS, OTHER)]
    for person in members:
        await office.post(f"{path}/panel/declaration", {"ties": ties}, person=person, organisation=PANEL)
        await office.post(f"{path}/scores", {"scores": scores}, person=person, organisation=PANEL)
    await office.post(f"{path}/panel/reveal", person=members[0], organisation=PANEL)
    for person in members:
        await office.post(f"{path}/panel/signature", {"vote": "agreed"}, person=person, organisation=PANEL)
    await office.post(f"{path}/panel/lock", person=members[0], organisation=PANEL)


async def publish(service: RunningService, office: Office, tender: Mapping[str, Any]) -> None:
    await office.post(f"/v1/tenders/{tender['id']}/publication", person="person-2")
    value = money(Decimal(1000), "EUR")
    reserved = Reserved(
        ocid=tender["ocid"],
        tender=tender["id"],
        line="0190a000-0000-7000-8000-00000000000b",
        amount=value,
        available=value,
    )
    await service.deliver("budget", reserved)


async def bid_and_open(service: RunningService, office: Office, tender: str) -> None:
    await office.post(f"/v1/tenders/{tender}/bids", bid("900.00"))
    await office.post(f"/v1/tenders/{tender}/bids", bid("950.00"), organisation=OTHER)
    closes_at = (await service.client.get(f"/v1/tenders/{tender}")).json()["closes_at"]
    service.clock.set(datetime.fromisoformat(closes_at))
    await office.post(f"/v1/tenders/{tender}/opening")


def bid(price: str) -> dict[str, str]:
    content = json.dumps({"price": {"amount": price, "currency": "EUR"}}).encode()
    return {"lot": LOT, "scheme": "access/v1", "financial": base64.b64encode(content).decode()}


def draft(plan: str) -> dict[str, Any]:
    return {
        "plan": plan,
        "title": "One",
        "description": "One",
        "value": AMOUNT,
        "lots": [{"id": LOT, "title": "One", "value": AMOUNT}],
        "criteria": [
            {"id": "price", "title": "Price", "kind": "price", "weight": "40"},
            {"id": "quality", "title": "Quality", "kind": "quality", "weight": "60"},
        ],
        "delivery": {"start": "2027-01-01", "end": "2027-12-31", "periods": 12},
    }


async def providers(service: RunningService, office: Office) -> dict[str, list[str]]:
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
    return {}


async def budget_lines(service: RunningService, office: Office) -> dict[str, list[str]]:
    """Let there be a line with money."""
    body = {"code": "1", "title": "One", "fiscal_year": 2026, "amount": AMOUNT}
    return {"line": [(await office.post("/v1/appropriations", body))["id"]]}


async def supervisors(service: RunningService, office: Office) -> dict[str, list[str]]:
    """Let there be two supervisors, one of them ours."""
    body = {"name": "One", "inspection_body_type": "A", "valid_until": "2030-01-01"}
    await office.post("/v1/supervisors", body | {"organisation": OTHER})
    await office.post("/v1/supervisors", body | {"organisation": OURS}, organisation=OTHER)
    return {"period": ["1", "2026-Q3"]}


async def nothing(service: RunningService, office: Office) -> dict[str, list[str]]:
    return {}


OWN: Mapping[str, Callable[[RunningService, Office], Awaitable[dict[str, list[str]]]]] = {
    "tender": tenders,
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


async def knowing(service: RunningService) -> Known:
    """Tell a service everything there is an example of, and return what it can be asked for, by name."""
    known: dict[str, list[str]] = defaultdict(list)
    consumed = {consumer.source.name for consumer in service.runtime.consumers}
    for event_type, _, data in catalogue.golden_examples():
        model = catalogue.event_types()[event_type]
        if model.OWNER in consumed:
            await service.deliver(model.OWNER, model.model_validate(data))
            for name, text in named(data):
                known[name].append(text)
    # What the service itself has made is what it is asked for, and not what others call the same.
    known |= await OWN[service.runtime.name](service, Office(service))
    known["organisation"] += [OURS, OTHER, PANEL]
    known["event_id"] += [str(event.id) for event in await service.published()]
    for row in (await service.execute("SELECT consumer, event_id FROM parked")).all():
        known["consumer"].append(row.consumer)
        known["event_id"].append(str(row.event_id))
    known["projection"] += [*service.runtime.projections]
    for path_name, event_names in NAMES.items():
        known[path_name] += [text for name in event_names for text in known.get(name, [])]
    return {name: sorted(set(texts)) for name, texts in known.items()}


@pytest.fixture
def tell() -> Callable[[RunningService], Awaitable[Known]]:
    return knowing


@pytest.fixture
def office_of() -> type[Office]:
    return Office
