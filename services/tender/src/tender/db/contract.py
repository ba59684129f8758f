"""How contracts are kept."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import contracts
from tender.domain.contract import Contract


async def add(connection: AsyncConnection, contract: Contract) -> None:
    await database.add(connection, contracts, contract, _columns(contract))


async def contract(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Contract:
    return await database.load(connection, contracts, Contract, identifier, lock=lock)


async def save(connection: AsyncConnection, before: Contract, after: Contract) -> None:
    await database.save(connection, contracts, before.version, after, _columns(after))


def _columns(contract: Contract) -> dict[str, Any]:
    waiting_for, due_at = contract.waiting or (None, None)
    return {
        "state": contract.status,
        "waiting_for": waiting_for,
        "due_at": due_at,
        "clock_at": contract.clock_at,
        "supplier": contract.supplier.id,
    }
