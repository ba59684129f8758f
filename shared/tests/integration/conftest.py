import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.platform.settings import ServiceSettings
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

sys.path.insert(0, str(Path(__file__).parent))  # for the service that only these tests have

from notes_service import create, empty, migrate_notes


@pytest.fixture(scope="session")
def notes_urls(postgres: PostgresForTests) -> Iterator[tuple[str, str]]:
    """Two databases of the notes service, since it also stands for the one it listens to."""
    template = postgres.template("notes", migrate_notes)
    urls = postgres.new_database(template), postgres.new_database(template)
    yield urls
    for url in urls:
        postgres.drop(url)


@pytest.fixture
async def notes(notes_urls: tuple[str, str]) -> AsyncIterator[RunningService]:
    async with running(create, ServiceSettings, notes_urls[0]) as service:
        await empty(service)
        yield service


@pytest.fixture
async def upstream(notes_urls: tuple[str, str]) -> AsyncIterator[RunningService]:
    async with running(create, ServiceSettings, notes_urls[1]) as service:
        await empty(service)
        yield service
