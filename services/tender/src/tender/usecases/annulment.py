"""A contract goes with its award; nothing here commits."""

from uuid import UUID

from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import contract as contracts
from tender.domain import contract_security


async def annul_contract(work: Work, contract_id: UUID, reason: str) -> None:
    """Take back the contract of an award that is taken back, unless it is in force; whoever calls holds the tender."""
    before = await contracts.contract(work.connection, contract_id, lock=True)
    after, events = before.annul(reason, at=work.now)
    owed = contract_security.owe_security(after, at=work.now, pack=pack_of(before))
    await contracts.save(work.connection, before, owed)
    await work.record(events)
