"""A client of Kafka that is stopped while it starts leaves no connection open."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from shared.platform.kafka.creation import connected
from shared.platform.kafka.relay import producing
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.source import KafkaSource
from shared.platform.kafka.starting import started
from shared.testing.kafka import KafkaForTests

pytestmark = pytest.mark.xdist_group("kafka")


@pytest.fixture
async def settings(kafka: KafkaForTests, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setattr("shared.platform.kafka.source.topics_of", lambda _: ("provider",))
    prefix = kafka.new_prefix()
    await kafka.create_topics(prefix, partitions=1)
    return kafka.settings(prefix)


class Asked:
    """The connection that asks what the cluster looks like, which is what every start does first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connection = asyncio.get_running_loop().create_future()
        send = AIOKafkaConnection.send

        def sending(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
            if isinstance(request, MetadataRequest) and not self.connection.done():
                self.connection.set_result(connection)
            return send(connection, request, expect_response)

        monkeypatch.setattr(AIOKafkaConnection, "send", sending)

    async def stopped(self, starting: Coroutine[Any, Any, object]) -> AIOKafkaConnection:
        """Stop a start in the middle of its first question."""
        task = asyncio.create_task(starting)
        connection = await self.connection
        task.cancel()
        assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)
        return connection


@pytest.fixture
async def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


async def read(settings: KafkaSettings) -> None:
    source = KafkaSource("notes", settings.topic_prefix + "stopped", settings)
    try:
        await source.read({}, 10, 0.1)
    finally:
        await source.close()


async def administer(settings: KafkaSettings) -> None:
    async with connected(settings.client_options()) as admin:
        await admin.list_topics()


async def produce(settings: KafkaSettings) -> None:
    async with producing(settings):
        pass


@pytest.mark.parametrize("work", [read, administer, produce])
async def test_no_connection_stays_open_when_the_start_is_stopped(
    work: Callable[[KafkaSettings], Coroutine[Any, Any, None]], settings: KafkaSettings, asked: Asked
) -> None:
    connection = await asked.stopped(work(settings))
    assert not connection.connected()


async def test_connection_stays_open_when_aiokafka_is_stopped_by_itself(settings: KafkaSettings, asked: Asked) -> None:
    """The error that `started` is there for; when this fails, aiokafka has been mended and `started` can go."""
    consumer = AIOKafkaConsumer(**settings.client_options())
    connection = await asked.stopped(consumer.start())
    await consumer.stop()
    assert connection.connected()
    await connection.close()


async def test_failure_is_the_clients_own_when_it_cannot_start() -> None:
    class Unreachable:
        async def start(self) -> None:
            raise ConnectionError("nobody there")

    with pytest.raises(ConnectionError, match="nobody there"):
        await started(Unreachable())
