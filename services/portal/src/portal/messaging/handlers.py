"""What the portal does about the events of others: it enters every one that the catalogue knows."""

from collections.abc import Collection, Mapping, Sequence

from portal.domain.entry import Entry
from portal.usecases import commands
from shared.contracts import catalogue
from shared.contracts.event import Event
from shared.platform.consumer import Delivery
from shared.platform.work import Work

SOURCES = ("tender", "budget", "evaluation", "provider-registry")


async def on_events(work: Work, deliveries: Sequence[Delivery]) -> None:
    await commands.enter(work, [_entry(delivery.event) for delivery in deliveries])


def _entry(event: Event) -> Entry:
    return Entry(
        id=event.id,
        source=event.source.removeprefix("/"),
        position=event.position,
        type=event.type,
        key=event.partitionkey,
        time=event.time,
        sandbox=event.sandbox,
        event=event.model_dump(mode="json", exclude_none=True),
    )


TYPES: Mapping[str, Collection[str]] = {
    source: {name for name, model in catalogue.event_types().items() if source == model.OWNER} for source in SOURCES
}
