"""What happens in the portal: published events are entered, and what they change is worked out again."""

from portal.db import store, timeline
from portal.domain import types
from portal.domain.entry import Entry
from portal.domain.procedure import procedure
from portal.domain.provider import provider
from shared.platform.work import Work


async def enter(work: Work, entry: Entry) -> None:
    """Enter a published event in the timeline, and in the summaries it belongs to."""
    connection = work.connection
    await timeline.write_alone(connection)
    await timeline.add(connection, entry)
    if entry.type == types.PLANNED:
        for ocid in await timeline.procedures_of_plan(connection, entry.key):
            await _summarise(work, ocid)
    elif entry.ocid:
        await _summarise(work, entry.ocid)
    elif entry.type.startswith("provider."):
        await store.save_provider(connection, provider(await timeline.of_provider(connection, entry.key)))


async def _summarise(work: Work, ocid: str) -> None:
    entries = await timeline.of_procedure(work.connection, ocid)
    await store.save_procedure(work.connection, procedure(entries))
