"""A source with several lanes, and workers that read them."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from notes_service import echo_of, note

from shared.contracts.event import Event
from shared.kernel.ids import new_id
from shared.platform.consumer import Consumer
from shared.platform.sources import Batch, Delivered, Unreadable
from shared.testing.services import RunningService

EVERY_LANE = "*"


@dataclass
class Lanes:
    """Three topics of one service, of which a worker reads what the test lets it."""

    name: str = "upstream"
    lanes: dict[str, list[Event | Unreadable]] = field(default_factory=dict)
    open: str = ""
    most: int = 500
    repeated: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def publish(self, key: str, topic: str, content: str) -> Event:
        """Append an event to the service's log, and send it on its topic."""
        data, position = note(key, content), next(self.count)
        event = Event(
            id=new_id(),
            source=f"/{self.name}",
            type=data.TYPE,
            subject=key,
            time="2026-03-02T09:00:00Z",  # type: ignore[arg-type]
            dataschema="",
            partitionkey=key,
            sequence="0000000001",
            position=position,
            predecessor=self.positions.get(key, 0),
            data=data.model_dump(mode="json"),
        )
        self.positions[key] = position
        self.lanes.setdefault(topic, []).append(event)
        return event

    async def read(self, positions: Mapping[str, int], limit: int, _: float) -> Batch | None:
        """Read the open lane, or all of them at once."""
        if self.open == EVERY_LANE:
            return self._every(positions)
        at = positions.get(self.open, 0)
        lane = self.lanes.get(self.open, [])
        found = [Delivered(self.open, end, item) for end, item in enumerate(lane, 1)]
        delivered = found[at : at + min(limit, self.most)]
        if delivered and self.repeated:
            delivered = [*found[max(0, at - self.repeated) : at], *delivered]
        return Batch({self.open: at}, delivered) if delivered else None

    def _every(self, positions: Mapping[str, int]) -> Batch | None:
        starts = {
            name: positions.get(name, 0) for name, lane in self.lanes.items() if positions.get(name, 0) < len(lane)
        }
        delivered = [
            Delivered(name, end, item)
            for name, start in starts.items()
            for end, item in enumerate(self.lanes[name][start : start + self.most], start + 1)
        ]
        return Batch(starts, delivered) if delivered else None

    async def applied(self, _: Batch) -> None:
        return None

    async def close(self) -> None:
        return None


def workers(service: RunningService, source: Lanes, number: int = 2) -> list[Consumer]:
    runtime = service.runtime
    return [
        Consumer(
            source,
            echo_of(service).handlers(),
            engine=runtime.engine,
            clock=runtime.clock,
            sandbox=False,
            publish=runtime.publish,
            sequencer=runtime.sequencer,
        )
        for _ in range(number)
    ]


async def drain(source: Lanes, worker: Consumer) -> None:
    source.most, source.repeated = 500, 0
    for lane in sorted(source.lanes):
        source.open = lane
        worker.positions = None
        while await worker.step():
            continue


async def states(service: RunningService) -> list[tuple[str, str]]:
    rows = await service.execute("SELECT key, state FROM parked WHERE state <> 'replayed' ORDER BY key, position")
    return [(row.key, row.state) for row in rows]
