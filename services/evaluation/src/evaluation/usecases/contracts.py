"""The read model of contracts: every fact is kept, and the contracts of its process are worked out anew."""

from evaluation.db import contracts as store
from evaluation.domain.contract_facts import Entry
from evaluation.domain.contract_record import contract_records
from shared.platform.work import Work

TABLES = store.TABLES


async def enter(work: Work, entry: Entry) -> None:
    """Enter what another service published."""
    await store.add_entry(work.connection, entry)
    for record in contract_records(await store.entries(work.connection, entry.ocid)):
        await store.save(work.connection, record)
