"""How the read model of contracts is kept."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
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
    "contract-changed": facts.ContractChanged,
    "contract-assigned": facts.ContractAssigned,
    "contract-terminated": facts.ContractTerminated,
    "award-cancelled": facts.AwardCancelled,
    "contract-annulled": facts.ContractAnnulled,
    "contract-not-signed": facts.ContractNotSigned,
    "funds-released": facts.FundsReleased,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


async def add_entries(connection: AsyncConnection, entries: Sequence[facts.Entry]) -> None:
    rows = [
        {
            "event_id": entry.event,
            "ocid": entry.ocid,
            "occurred_at": entry.at,
            "sandbox": entry.sandbox,
            "kind": _NAMES[type(entry.fact)],
            "document": database.to_document(entry.fact),
        }
        for entry in entries
    ]
    await connection.execute(upsert(contract_facts).on_conflict_do_nothing(), rows)


async def entries(connection: AsyncConnection, ocids: Sequence[str]) -> Sequence[Sequence[facts.Entry]]:
    """Read the facts of contracting processes, process by process."""
    rows = await connection.execute(
        select(contract_facts).where(contract_facts.c.ocid.in_(ocids)).order_by(contract_facts.c.ocid)
    )
    read = [
        facts.Entry(
            row.event_id,
            row.occurred_at,
            row.ocid,
            row.sandbox,
            database.adapter(_KINDS[row.kind]).validate_python(row.document),
        )
        for row in rows
    ]
    return [list(of_process) for _, of_process in groupby(read, key=lambda entry: entry.ocid)]


async def save(connection: AsyncConnection, records: Sequence[ContractRecord]) -> None:
    if not records:
        return
    statement = upsert(contracts)
    replaced = {name: statement.excluded[name] for name in ("ocid", "state", "document")}
    rows = [
        {"id": record.id, "ocid": record.ocid, "state": record.state, "document": database.to_document(record)}
        for record in records
    ]
    await connection.execute(statement.on_conflict_do_update(index_elements=[contracts.c.id], set_=replaced), rows)


async def contract(connection: AsyncConnection, identifier: UUID) -> ContractRecord:
    row = (await connection.execute(select(contracts.c.document).where(contracts.c.id == identifier))).first()
    if row is None:
        raise NotFound("not-found", "There is no such contract here.")
    return database.adapter(ContractRecord).validate_python(row.document)


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ContractRecord]:
    query = select(contracts.c.document).order_by(contracts.c.id).limit(limit)
    if after is not None:
        query = query.where(contracts.c.id > after)
    return await database.documents(connection, query, ContractRecord)
