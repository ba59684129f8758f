"""How plans, tenders and contracts are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import NotAllowed, NotFound
from shared.platform import database
from tender.db.tables import contracts, plans, score_sheets, tenders
from tender.domain.award import ScoreSheet
from tender.domain.contract import Contract, ContractStatus
from tender.domain.parts import Status
from tender.domain.plan import Plan
from tender.domain.tender import Tender

_TENDER_WAITS_FOR = {
    Status.FUNDING_REQUESTED: "the budget's answer",
    Status.ACTIVE: "the opening",
    Status.EVALUATION: "the panel's scores and the proposal of an award",
    Status.STANDSTILL: "the confirmation of the award",
}
_CONTRACT_WAITS_FOR = {
    ContractStatus.GENERATED: "the supplier's signature",
    ContractStatus.SUPPLIER_SIGNED: "the buyer's signature",
}


async def add_plan(connection: AsyncConnection, plan: Plan) -> None:
    await database.add(connection, plans, plan, {"state": "planned", "buyer": plan.buyer.id})


async def plan(connection: AsyncConnection, identifier: UUID) -> Plan:
    return await database.load(connection, plans, Plan, identifier)


async def add_tender(connection: AsyncConnection, tender: Tender) -> None:
    await database.add(connection, tenders, tender, _tender_columns(tender))


async def tender(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Tender:
    return await database.load(connection, tenders, Tender, identifier, lock=lock)


async def tender_for_bid(connection: AsyncConnection, identifier: UUID) -> Tender:
    """Read a tender and keep it from being opened until the bid's transaction ends; other bids come in beside it."""
    # What the lock had to wait for is what is read: one statement, where bidders stand in line at the deadline.
    query = select(tenders.c.document).where(tenders.c.id == identifier).with_for_update(read=True)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    return database.adapter(Tender).validate_python(row.document)


async def save_tender(connection: AsyncConnection, before: Tender, after: Tender) -> None:
    await database.save(connection, tenders, before.version, after, _tender_columns(after))


async def add_contract(connection: AsyncConnection, contract: Contract) -> None:
    await database.add(connection, contracts, contract, _contract_columns(contract))


async def contract(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Contract:
    return await database.load(connection, contracts, Contract, identifier, lock=lock)


async def save_contract(connection: AsyncConnection, before: Contract, after: Contract) -> None:
    await database.save(connection, contracts, before.version, after, _contract_columns(after))


async def add_sheet(connection: AsyncConnection, tender: UUID, sheet: ScoreSheet, at: datetime) -> None:
    """Keep a member's scores; they are given once.

    Raises:
        NotAllowed: already-scored.
    """
    row = {"tender": tender, "member": sheet.member, "given_at": at, "document": database.to_document(sheet)}
    try:
        await connection.execute(insert(score_sheets).values(row))
    except IntegrityError as error:
        raise NotAllowed("already-scored", "A panel member scores a tender once.") from error


async def sheets(connection: AsyncConnection, tender: UUID) -> Sequence[ScoreSheet]:
    rows = await connection.execute(
        select(score_sheets.c.document).where(score_sheets.c.tender == tender).order_by(score_sheets.c.member)
    )
    return [database.adapter(ScoreSheet).validate_python(row.document) for row in rows]


async def overdue(connection: AsyncConnection, now: datetime) -> list[dict[str, Any]]:
    return [
        *await database.overdue(connection, tenders, "tender", now),
        *await database.overdue(connection, contracts, "contract", now),
    ]


def _tender_columns(tender: Tender) -> dict[str, Any]:
    return {
        "state": tender.status,
        "waiting_for": _TENDER_WAITS_FOR.get(tender.status),
        "due_at": tender.due_at,
        "buyer": tender.buyer.id,
    }


def _contract_columns(contract: Contract) -> dict[str, Any]:
    return {
        "state": contract.status,
        "waiting_for": _CONTRACT_WAITS_FOR.get(contract.status),
        "due_at": contract.signature_due,
        "supplier": contract.supplier.id,
    }
