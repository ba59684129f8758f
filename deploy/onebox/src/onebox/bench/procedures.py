"""Events to measure with: procedures as the tender service tells them, from the golden examples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts import catalogue
from shared.contracts.event import EventData
from shared.kernel.clock import Clock
from shared.kernel.events import DomainEvent
from shared.kernel.ids import new_id
from shared.platform.work import Work

COURSE = ("tender.published.v1", "award.proposed.v1", "award.confirmed.v1", "contract.signed.v1")
"""One event on each of the tender service's topics, and two on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(DomainEvent):
    """What the tender service would have told."""

    data: EventData


def procedures(number: int) -> Iterator[Sequence[Told]]:
    """Make up procedures; each is told in four events of one contracting process."""
    examples = _examples()
    for _ in range(number):
        tender, award, contract = new_id(), new_id(), new_id()
        ids = {"ocid": f"ocds-coxswn-{tender}", "tender": tender, "award": award, "contract": contract}
        yield [
            Told(
                aggregate=tender,
                version=version,
                data=example.model_copy(update={name: ids[name] for name in ids if name in type(example).model_fields}),
            )
            for version, example in enumerate(examples, 1)
        ]


async def append(engine: AsyncEngine, clock: Clock, told: Sequence[Told]) -> None:
    """Append events to the log as a command does, in one transaction."""
    async with engine.begin() as connection:
        await Work(connection, clock.now(), sandbox=True, publish=_published).record(told)


def _published(event: DomainEvent) -> EventData:
    assert isinstance(event, Told)  # noqa: S101 - nothing else is appended here
    return event.data


def _examples() -> Sequence[EventData]:
    found: dict[str, dict[str, Any]] = {}
    for event_type, _, data in catalogue.golden_examples():
        found.setdefault(event_type, data)
    return [catalogue.read(event_type, found[event_type]) for event_type in COURSE]
