"""What happens in the portal: published events are entered, and what they change is worked out again."""

from collections.abc import Sequence

from portal.db import store, timeline
from portal.domain import types
from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.procedure import procedure
from portal.domain.provider import provider
from shared.platform.work import Work


async def enter(work: Work, entries: Sequence[Entry]) -> None:
    """Enter published events in the timeline, and in the summaries they belong to."""
    connection = work.connection
    await timeline.write_alone(connection)
    await timeline.add(connection, entries)
    plans = {entry.key for entry in entries if entry.type in types.OF_A_PLAN}
    ocids = {entry.ocid for entry in entries if entry.ocid} | set(await timeline.procedures_of(connection, plans))
    of_procedures = await timeline.of_procedures(connection, ocids)
    await store.save_procedures(connection, [procedure(course(found)) for found in of_procedures.values()])
    # What an office calls for is told under the same topic, and makes the office no provider.
    organisations = {entry.key for entry in entries if entry.data.get("provider") == entry.key}
    of_providers = await timeline.of_providers(connection, organisations)
    await store.save_providers(connection, [provider(found) for found in of_providers.values()])
