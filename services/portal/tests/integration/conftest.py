from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from procedure_with_lots import journey

from portal.main import create
from portal.settings import Settings
from shared.contracts.audit import ProcessImported
from shared.contracts.event import EventData
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@pytest.fixture(scope="session")
def portal_template(postgres: PostgresForTests) -> str:
    return postgres.template("portal", lambda url: migrate(MIGRATIONS, url))


@pytest.fixture
async def portal(postgres: PostgresForTests, portal_template: str) -> AsyncIterator[RunningService]:
    url = postgres.new_database(portal_template)
    async with running(create, Settings, url) as service:
        yield service
    postgres.drop(url)


@pytest.fixture
async def second_portal(postgres: PostgresForTests, portal_template: str) -> AsyncIterator[RunningService]:
    url = postgres.new_database(portal_template)
    async with running(create, Settings, url) as service:
        yield service
    postgres.drop(url)


@pytest.fixture(scope="session")
async def told_of_lots(postgres: PostgresForTests, portal_template: str) -> AsyncIterator[RunningService]:
    """A portal for tests that only read: the procedure with three lots."""
    url = postgres.new_database(portal_template)
    async with running(create, Settings, url) as service:
        for source, data in journey():
            service.clock.advance(hours=1)
            await service.deliver(source, data)
        yield service
    postgres.drop(url)


@pytest.fixture(scope="session")
async def told(
    postgres: PostgresForTests,
    portal_template: str,
    portal_journey: Sequence[tuple[str, EventData]],
    imported: Callable[..., ProcessImported],
) -> AsyncIterator[RunningService]:
    """A portal for tests that only read: the whole journey in the sandbox, and two processes of other publishers."""
    url = postgres.new_database(portal_template)
    async with running(create, Settings, url) as service:
        for source, data in portal_journey:
            service.clock.advance(hours=1)
            await service.deliver(source, data, sandbox=True)
        await service.deliver("evaluation", imported("ocds-6550wx-DO 1/2"), imported("ocds-zz-1", "100% wool"))
        yield service
    postgres.drop(url)
