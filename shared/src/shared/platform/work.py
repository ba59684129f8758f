"""One unit of work: a transaction, the instant it happens at, and the log it writes to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from opentelemetry.propagate import inject
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import MOST_BYTES, EventData
from shared.kernel.errors import Invalid
from shared.kernel.events import DomainEvent
from shared.kernel.ids import new_id
from shared.platform import tables

Publish = Callable[[DomainEvent], EventData]


@dataclass(frozen=True, slots=True)
class Work:
    """What a use case gets: it reads the time from here once, records its events here, and never commits."""

    connection: AsyncConnection
    now: datetime
    sandbox: bool
    publish: Publish

    async def record(self, events: Sequence[DomainEvent], traces: Sequence[str | None] | None = None) -> None:
        """Append what happened to the log, in this transaction; traces are of the requests, where they are several.

        Raises:
            Invalid: event-too-large.
        """
        if not events:
            return
        if traces is None:
            traces = [present_trace()] * len(events)
        await self.connection.execute(
            insert(tables.events),
            [
                {
                    "id": new_id(),
                    "type": published.TYPE,
                    "key": published.key(),
                    "aggregate": event.aggregate,
                    "version": event.version,
                    "occurred_at": self.now,
                    "sandbox": self.sandbox,
                    "traceparent": trace,
                    "data": _data(published),
                }
                for event, published, trace in zip(events, map(self.publish, events), traces, strict=True)
            ],
        )


def present_trace() -> str | None:
    """Name the trace of what is being done (W3C Trace Context, traceparent)."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def _data(published: EventData) -> dict[str, Any]:
    data = published.model_dump(mode="json")
    if len(orjson.dumps(data)) > MOST_BYTES:
        # Kafka would refuse it, and with it everything that comes after.
        raise Invalid("event-too-large", f"What this would publish has more than {MOST_BYTES:,} bytes.")
    return data
