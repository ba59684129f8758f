"""One one-box for all journeys of the run; what is looked at afterwards happens here first, side by side.

And towns of three services, for the journeys that take another course: the purchasing office's, the budget and the
registry of providers.
"""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import budget.main
import budget.settings
import portal.main
import portal.settings
import provider_registry.main
import provider_registry.settings
import tender.main
import tender.settings
from onebox.journey.course import Course
from onebox.journey.log import Log
from shared.platform.database import migrate
from shared.platform.embedded_postgres import execute
from shared.testing.onebox import OneBox, coxswain, data_folder
from shared.testing.postgres import PostgresForTests
from shared.testing.town import Part, Town, decimal, flow, parked, running_town, seen

Command = Future[CompletedProcess[str]]
FoundTown = Callable[..., contextlib.AbstractAsyncContextManager[Town]]
SERVICES = Path(__file__).parents[2] / "services"
PARTS = {
    "provider-registry": (provider_registry.main.create, provider_registry.settings.Settings),
    "budget": (budget.main.create, budget.settings.Settings),
    "tender": (tender.main.create, tender.settings.Settings),
}
PORTAL = {"portal": (portal.main.create, portal.settings.Settings)}


@dataclass(frozen=True, slots=True)
class Walked:
    """Two journeys that were walked side by side on one box: one told in JSON, one for a person."""

    box: OneBox
    told: CompletedProcess[str]
    shown: CompletedProcess[str]

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.told.stdout)
        return document

    def sql(self, service: str, statement: str) -> list[str]:
        """Ask a service's database as that service's own role; a row is a line."""
        return execute(self.box.database_url(service), statement).splitlines()

    def api(self, service: str) -> str:
        """Return the address of a service's API; the portal's is that of the front door."""
        return self.box.url if service == "portal" else f"{self.box.url}/{service}"

    def feed(self, service: str) -> list[dict[str, Any]]:
        """Read a whole feed."""
        events: list[dict[str, Any]] = []
        while True:
            parameters = {"after": events[-1]["position"] if events else 0, "limit": 500}
            page = httpx.get(f"{self.api(service)}/v1/events", params=parameters, timeout=60).json()
            if not page:
                return events
            events += page


@pytest.fixture(scope="session")
def journeys_box() -> Iterator[OneBox]:
    with data_folder() as folder:
        box = OneBox(folder)
        box.start()
        yield box
        box.stop()


@pytest.fixture(scope="session")
def walking(journeys_box: OneBox) -> Iterator[tuple[Command, Command]]:
    """Two journeys under way; other tests may use the box meanwhile."""
    with ThreadPoolExecutor(2) as pool:
        yield (
            pool.submit(coxswain, "journey", "--json", "--url", journeys_box.url),
            pool.submit(coxswain, "journey", "--url", journeys_box.url),
        )


@pytest.fixture(scope="session")
def walked(journeys_box: OneBox, walking: tuple[Command, Command]) -> Walked:
    told, shown = walking
    return Walked(journeys_box, told.result(), shown.result())


@pytest.fixture
async def course(journeys_box: OneBox) -> AsyncIterator[Course]:
    """The parties of the demonstration on the box, for a procedure that takes another course."""
    async with httpx.AsyncClient(base_url=journeys_box.url, timeout=60) as http:
        yield Course(http, Log(), journeys_box.url, accelerate=True)


@pytest.fixture
def envelope() -> Any:
    """Write a bid."""

    def write(price: str, offer: str) -> Mapping[str, str]:
        content = json.dumps({"price": {"amount": price, "currency": "EUR"}, "offer": offer}).encode()
        return {"lot": "lot-1", "scheme": "access/v1", "financial": base64.b64encode(content).decode()}

    return write


@pytest.fixture(scope="session")
def journey_templates(postgres: PostgresForTests) -> dict[str, str]:
    """A migrated database of each service, to be copied."""

    def migrated(name: str) -> str:
        migrations = SERVICES / name / "migrations"
        return postgres.template(name.replace("-", "_"), lambda url: migrate(migrations, url))

    return {name: migrated(name) for name in (*PARTS, *PORTAL)}


@pytest.fixture(scope="session")
def journey_receipt_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="session")
def found_town(postgres: PostgresForTests, journey_templates: dict[str, str], journey_receipt_key: str) -> FoundTown:
    """Run the services, with the public's pages if they are asked for, on fresh databases.

    At the end none has put an event aside, and no money is lost.
    """
    particular = {
        "tender": {"receipt_key": journey_receipt_key, "objects": "memory:///"},
        "provider-registry": {"objects": "memory:///"},
    }

    @contextlib.asynccontextmanager
    async def found(*, pages: bool = False) -> AsyncIterator[Town]:
        wanted = {**PARTS, **(PORTAL if pages else {})}
        urls = {name: postgres.new_database(journey_templates[name]) for name in wanted}
        parts = {
            name: Part(create, settings, urls[name], particular.get(name, {}))
            for name, (create, settings) in wanted.items()
        }
        async with running_town(parts) as town:
            yield town
            await flow(town)
            assert await parked(town) == []
            for line in (await seen(town, "/v1/lines", service="budget"))["items"]:
                amounts = {stage: decimal(amount) for stage, amount in line["balances"].items()}
                assert amounts.pop("appropriated") == sum(amounts.values())
        for url in urls.values():
            postgres.drop(url)

    return found


@pytest.fixture
async def town(found_town: FoundTown) -> AsyncIterator[Town]:
    async with found_town() as town:
        yield town
