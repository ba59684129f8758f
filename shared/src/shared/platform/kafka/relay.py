"""Sends a service's log to Kafka, in its order; one relay per service is at work at any time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import structlog
from aiokafka import AIOKafkaProducer
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts.event import Event
from shared.contracts.guarantees import LARGEST_MESSAGE
from shared.platform import cancellation, tables
from shared.platform.event_log import events_after
from shared.platform.kafka.messages import encode
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.starting import started
from shared.platform.leader import leading
from shared.platform.sequencer import Sequencer

LEADER_LOCK = 7_265_002
BATCH = 1_000
_POLL_SECONDS = 0.25
_RETRY_SECONDS = 1.0

log = structlog.get_logger()


class Relay:
    """Follows the sequencer; what it has sent and not marked it sends again, with the same ids and bytes."""

    def __init__(self, engine: AsyncEngine, service: str, sequencer: Sequencer, settings: KafkaSettings) -> None:
        self._engine, self._service, self._sequencer, self._settings = engine, service, sequencer, settings
        self.leading = False
        self.reachable = False

    async def run(self) -> None:
        """Lead while the lock is ours, and stand by while it is another's; goes on until cancelled."""
        while True:
            try:
                async with leading(self._engine, LEADER_LOCK, _POLL_SECONDS, self._stand_by) as connection:
                    await self._lead(connection)
            except (Exception, asyncio.CancelledError) as error:
                # Whatever broke, the relay must come back.
                if cancellation.is_ours():
                    raise
                log.warning("relay.interrupted", service=self._service, error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self.leading = self.reachable = False

    async def _stand_by(self) -> None:
        self.reachable = True

    async def _lead(self, connection: AsyncConnection) -> None:
        # A producer that has failed once is not used again: aiokafka's may stay out of step with the broker (#1017).
        async with producing(self._settings) as producer:
            self.leading = self.reachable = True
            while True:
                generation = self._sequencer.generation
                if not await self.step(connection, producer):
                    await self._sequencer.grown(generation, _POLL_SECONDS)

    async def step(self, connection: AsyncConnection, producer: AIOKafkaProducer) -> int:
        """Send one batch, and mark it once Kafka has acknowledged all of it; return how many events there were."""
        table = tables.relayed
        sent = (await connection.execute(select(table.c.position))).scalar_one()
        events = await events_after(connection, self._service, sent, BATCH)
        if events:
            await self._send(producer, events)
            await connection.execute(update(table).values(position=events[-1].position))
        return len(events)

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Event]) -> None:
        acknowledged = []
        for event in events:
            message = encode(event)
            topic = self._settings.topic_prefix + event.type.partition(".")[0]
            acknowledged.append(await producer.send(topic, message.value, key=message.key, headers=message.headers))
        await asyncio.gather(*acknowledged)


@contextlib.asynccontextmanager
async def producing(settings: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    """Have a producer whose messages arrive once and in order."""
    producer = AIOKafkaProducer(
        enable_idempotence=True,
        acks="all",
        linger_ms=2,
        max_batch_size=262_144,
        max_request_size=LARGEST_MESSAGE,
        **settings.client_options(),
    )
    try:
        await started(producer)
        yield producer
    finally:
        await producer.stop()
