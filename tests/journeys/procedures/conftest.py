"""A town of three services for one procedure: the purchasing office's, the budget and the registry of providers."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

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
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.town import Part, Town, decimal, flow, parked, running_town, seen

FoundTown = Callable[..., contextlib.AbstractAsyncContextManager[Town]]
SERVICES = Path(__file__).parents[3] / "services"
PARTS = {
    "provider-registry": (provider_registry.main.create, provider_registry.settings.Settings),
    "budget": (budget.main.create, budget.settings.Settings),
    "tender": (tender.main.create, tender.settings.Settings),
}
PORTAL = {"portal": (portal.main.create, portal.settings.Settings)}


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
    particular = {"tender": {"receipt_key": journey_receipt_key, "objects": "memory:///"}}

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
