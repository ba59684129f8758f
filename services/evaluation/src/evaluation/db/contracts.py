"""How the read model of contracts is kept."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db.tables import contract_facts, contracts
from evaluation.domain import contract_facts as facts
from evaluation.domain.contract_record import ContractRecord
from shared.kernel.errors import NotFound
from shared.platform import database

TABLES = (contract_facts, contracts)
_KINDS: Mapping[str, type[Any]] = {
    "tender-published": facts.TenderPublished,
    "award-proposed": facts.AwardProposed,
    "award-confirmed": facts.AwardConfirmed,
    "contract-signed": facts.ContractSigned,
    "funds-committed": facts.FundsCommitted,
    "amount-paid": facts.AmountPaid,
    "amount-held": facts.AmountHeld,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


async def add_entry(connection: AsyncConnection, entry: facts.Entry) -> None:
    # The sources are consumed side by side, and two that fold one process at once would each miss the other's fact.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("contracts", 0))))
    await connection.execute(
        upsert(contract_facts)
        .values(
            event_id=entry.event,
            ocid=entry.ocid,
            occurred_at=entry.at,
            sandbox=entry.sandbox,
            kind=_NAMES[type(entry.fact)],
            document=database.to_document(entry.fact),
        )
        .on_conflict_do_nothing()
    )


async def entries(connection: AsyncConnection, ocid: str) -> Sequence[facts.Entry]:
    rows = await connection.execute(select(contract_facts).where(contract_facts.c.ocid == ocid))
    return [
        facts.Entry(
            row.event_id,
            row.occurred_at,
            row.ocid,
            row.sandbox,
            database.adapter(_KINDS[row.kind]).validate_python(row.document),
        )
        for row in rows
    ]


async def save(connection: AsyncConnection, record: ContractRecord) -> None:
    values = {"ocid": record.ocid, "state": record.state, "document": database.to_document(record)}
    await connection.execute(
        upsert(contracts)
        .values(id=record.id, **values)
        .on_conflict_do_update(index_elements=[contracts.c.id], set_=values)
    )


async def contract(connection: AsyncConnection, identifier: UUID) -> ContractRecord:
    row = (await connection.execute(select(contracts.c.document).where(contracts.c.id == identifier))).first()
    if row is None:
        raise NotFound("not-found", "There is no such contract here.")
    return database.adapter(ContractRecord).validate_python(row.document)


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ContractRecord]:
    query = select(contracts.c.document).order_by(contracts.c.id).limit(limit)
    if after is not None:
        query = query.where(contracts.c.id > after)
    return [database.adapter(ContractRecord).validate_python(row.document) for row in await connection.execute(query)]
