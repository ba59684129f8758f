"""The read model of contracts: every fact is kept, and the contracts of its process are worked out anew."""

from collections.abc import Sequence

from evaluation.db import contracts as store
from evaluation.domain.contract_facts import Entry
from evaluation.domain.contract_record import contract_records
from shared.platform.work import Work

TABLES = store.TABLES


async def enter(work: Work, entries: Sequence[Entry]) -> None:
    """Enter what another service published."""
    await store.add_entries(work.connection, entries)
    processes = await store.entries(work.connection, sorted({entry.ocid for entry in entries}))
    await store.save(work.connection, [record for known in processes for record in contract_records(known)])
