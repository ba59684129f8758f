"""A contract goes with its award; nothing here commits."""

from uuid import UUID

from shared.platform.work import Work
from tender.db import contract as contracts


async def annul_contract(work: Work, contract_id: UUID, reason: str) -> None:
    """Take back the contract of an award that is taken back, unless it is in force; whoever calls holds the tender."""
    before = await contracts.contract(work.connection, contract_id, lock=True)
    after, events = before.annul(reason, at=work.now)
    await contracts.save(work.connection, before, after)
    await work.record(events)
