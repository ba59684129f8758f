"""What the portal does about the events of others: it enters every one that the catalogue knows."""

from collections.abc import Mapping

from portal.domain.entry import Entry
from portal.usecases import commands
from shared.contracts import catalogue
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work

SOURCES = ("tender", "budget", "evaluation", "provider-registry")


async def on_event(work: Work, delivery: Delivery) -> None:
    event = delivery.event
    entry = Entry(
        id=event.id,
        source=event.source.removeprefix("/"),
        position=event.position,
        type=event.type,
        key=event.partitionkey,
        time=event.time,
        sandbox=event.sandbox,
        event=event.model_dump(mode="json", exclude_none=True),
    )
    await commands.enter(work, entry)


def _handlers(source: str) -> Handlers:
    return {name: on_event for name, model in catalogue.event_types().items() if source == model.OWNER}


HANDLERS: Mapping[str, Handlers] = {source: _handlers(source) for source in SOURCES}
