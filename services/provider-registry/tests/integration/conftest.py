import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_registry.domain.duplicate import pair
from provider_registry.main import create
from provider_registry.settings import Settings
from shared.contracts.event import Event
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

sys.path.insert(0, str(Path(__file__).parent))  # for what other services tell the registry in these tests

from registry_facts import graded, signed

MIGRATIONS = Path(__file__).parents[2] / "migrations"
Party = tuple[str, str, str]
ROSA: Party = ("rosa", "registry", "registry-officer")
ROLF: Party = ("rolf", "registry", "registry-officer")


@dataclass(frozen=True, slots=True)
class Registry:
    """The service under test, with what its tests do over and over."""

    service: RunningService

    def clerk(self, organisation: str) -> Party:
        return (f"clerk-of-{organisation}", organisation, "provider")

    async def ask(
        self, method: str, path: str, party: Party | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        sent = {**(self.service.headers(*party) if party else {}), **headers}
        return await self.service.client.request(method, path, json=body, headers=sent)

    async def post(self, path: str, party: Party, body: Any = None, **headers: str) -> httpx.Response:
        return await self.ask("POST", path, party, body, **headers)

    def registration(self, organisation: str, **changes: Any) -> dict[str, Any]:
        identifier = {"scheme": "XX-REG", "id": organisation}
        return {"name": organisation.title(), "legal_form": "association", "identifier": identifier, **changes}

    def document(self, digit: str = "a", valid_until: str = "2027-03-02") -> dict[str, str]:
        return {"document_type": "statutes", "digest": digit * 64, "valid_until": valid_until}

    async def register(self, organisation: str = "oarsmen", **changes: Any) -> httpx.Response:
        return await self.post("/v1/providers", self.clerk(organisation), self.registration(organisation, **changes))

    async def submit(self, organisation: str = "oarsmen", *documents: dict[str, str]) -> httpx.Response:
        body = {"evidence": list(documents) or [self.document()]}
        return await self.post(f"/v1/providers/{organisation}/evidence", self.clerk(organisation), body)

    async def check(self, organisation: str = "oarsmen", by: Party = ROSA) -> httpx.Response:
        return await self.post(f"/v1/providers/{organisation}/check", by)

    async def verify(self, organisation: str = "oarsmen", by: Party = ROLF) -> httpx.Response:
        return await self.post(f"/v1/providers/{organisation}/verification", by)

    async def refuse(self, organisation: str = "oarsmen", reason: str = "Not legible.") -> httpx.Response:
        return await self.post(f"/v1/providers/{organisation}/refusal", ROSA, {"reason": reason})

    async def put(self, part: str, body: Any, version: int, organisation: str = "oarsmen") -> httpx.Response:
        """Change a part of an entry as its own organisation."""
        path = f"/v1/providers/{organisation}/{part}"
        return await self.ask("PUT", path, self.clerk(organisation), body, **{"If-Match": f'"{version}"'})

    async def change(self, version: int | None, organisation: str = "oarsmen", **changes: Any) -> httpx.Response:
        body = {"name": "Oarsmen Care and Nursing", "legal_form": "foundation", **changes}
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.ask("PUT", f"/v1/providers/{organisation}", self.clerk(organisation), body, **headers)

    async def bring_pair(self, status: str = "suggested", first: str = "oarsmen", second: str = "sunrise") -> str:
        """Bring two entries of one name to where one is suggested to be, proposed to be or merged with the other."""
        await self.register(first, name="Oarsmen Neighbourhood Care")
        await self.register(second, name="Oarsmen Neighbourhood Care Ltd")
        body = {"given_up": second, "kept": first, "reason": "The same statutes."}
        steps = ((ROSA, "/v1/merges", body), (ROLF, f"/v1/merges/{pair(first, second)}/confirmation", None))
        for party, path, sent in steps[: ("suggested", "merge-proposed", "merged").index(status)]:
            response = await self.post(path, party, sent)
            assert response.is_success, response.text
        return str(pair(first, second))

    async def bring(self, status: str, organisation: str = "oarsmen") -> None:
        """Bring a new provider to a status, by the steps that lead there; or to its first graded period."""
        if status == "graded":
            await self.bring("registered", organisation)
            await self.service.deliver("tender", signed(supplier=organisation))
            await self.service.deliver("evaluation", graded(provider=organisation))
            return
        steps = (self.register, self.submit, self.check, self.verify)
        for step in steps[: ("registered", "submitted", "checked", "verified").index(status) + 1]:
            response = await step(organisation)
            assert response.is_success, response.text

    async def shown(self, path: str) -> Any:
        response = await self.service.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def status(self, organisation: str = "oarsmen") -> str:
        return str((await self.shown(f"/v1/providers/{organisation}"))["status"])

    async def types(self) -> list[str]:
        return [event.type for event in await self.told()]

    async def told(self) -> list[Event]:
        """Return what was published, but that eligibility changed: it is told beside what changes it."""
        published = await self.service.published()
        return [event for event in published if event.type != "provider.eligibility-changed.v1"]


@pytest.fixture(scope="session")
def registry_template(postgres: PostgresForTests) -> str:
    return postgres.template("provider_registry", lambda url: migrate(MIGRATIONS, url))


@pytest.fixture
async def registry(postgres: PostgresForTests, registry_template: str) -> AsyncIterator[Registry]:
    url = postgres.new_database(registry_template)
    async with running(create, Settings, url) as service:
        yield Registry(service)
    postgres.drop(url)
