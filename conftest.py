from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket

from shared.testing.kafka import KafkaForTests, kafka_server
from shared.testing.postgres import PostgresForTests, postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresForTests]:
    """One PostgreSQL for the whole run."""
    yield from postgres_server(tmp_path_factory)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaForTests]:
    """One Kafka broker for the whole run, started when the first test asks for it."""
    yield from kafka_server(tmp_path_factory)


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep unit tests from asking anybody; an event loop's own pair of sockets is a Unix one."""
    if "unit" not in request.path.parts:
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
