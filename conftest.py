from collections.abc import Iterator

import pytest

from shared.testing.postgres import PostgresForTests, postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresForTests]:
    """One PostgreSQL for the whole run."""
    yield from postgres_server(tmp_path_factory)
