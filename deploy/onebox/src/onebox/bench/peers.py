"""What the bare libraries reach with the same events on the same servers: the limits our figures stand beside."""

import asyncio
import time
from collections.abc import Sequence

import asyncpg
from aiokafka import AIOKafkaProducer
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from onebox.cluster.servers import TOPICS
from shared.contracts.event import Event
from shared.platform.event_log import events_after
from shared.platform.kafka.messages import encode
from shared.platform.kafka.settings import KafkaSettings
from shared.platform.kafka.topics import create, declared

_BATCH = 1_000
_ROWS = 500
_PREFIX = "bare-"


async def bare_producer(engine: AsyncEngine, settings: KafkaSettings, number: int) -> float:
    """Send the log's events with aiokafka alone, encoded beforehand; return events a second."""
    async with engine.connect() as connection:
        events: Sequence[Event] = await events_after(connection, "tender", 0, number)
    # On topics of its own, since what is sent twice is not measured once.
    await create(settings.client_options(), declared(TOPICS), _PREFIX, single_broker=True)
    messages = [(event.type.partition(".")[0], encode(event)) for event in events]
    options = {"enable_idempotence": True, "acks": "all", "linger_ms": 2, "max_batch_size": 262_144}
    async with AIOKafkaProducer(**options, **settings.client_options()) as producer:
        began = time.perf_counter()
        for start in range(0, len(messages), _BATCH):
            part = messages[start : start + _BATCH]
            sent = [
                await producer.send(_PREFIX + topic, one.value, key=one.key, headers=one.headers) for topic, one in part
            ]
            await asyncio.gather(*sent)
        return len(messages) / (time.perf_counter() - began)


async def bare_inserts(url: str, number: int) -> float:
    """Insert as many rows like our effects with asyncpg alone, 500 in a transaction; return rows a second."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute("CREATE TABLE bare (LIKE contract_facts INCLUDING ALL)")
        rows = await connection.fetch("SELECT * FROM contract_facts LIMIT $1", number)
        values = [tuple(row.values()) for row in rows]
        began = time.perf_counter()
        for start in range(0, len(values), _ROWS):
            async with connection.transaction():
                await connection.executemany(
                    "INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6)", values[start : start + _ROWS]
                )
        taken = time.perf_counter() - began
        await connection.execute("DROP TABLE bare")
        return len(values) / taken
    finally:
        await connection.close()
