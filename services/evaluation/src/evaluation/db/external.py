"""How processes of other publishers are kept; many at a time, each kind with one statement."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db.tables import compiled_releases, external_processes
from evaluation.domain.external.imported import ImportedProcess, Revision, process_id
from evaluation.domain.external.release import CompiledRelease
from shared.kernel.errors import NotFound
from shared.platform import database


async def revisions(connection: AsyncConnection, processes: Collection[UUID]) -> Mapping[UUID, Revision]:
    """Read how far processes have come, and keep other imports from changing them."""
    await database.hold_name(connection, "external-processes")
    table = external_processes
    query = select(table.c.id, table.c.version, table.c.release).where(table.c.id.in_(processes))
    return {row.id: Revision(row.version, row.release) for row in await connection.execute(query)}


async def keep(connection: AsyncConnection, releases: Sequence[CompiledRelease], kept_at: datetime) -> None:
    await connection.execute(
        upsert(compiled_releases).on_conflict_do_nothing(),
        [{"digest": one.digest, "content": one.content, "kept_at": kept_at} for one in releases],
    )


async def save(connection: AsyncConnection, processes: Sequence[ImportedProcess]) -> None:
    statement = upsert(external_processes)
    changed = {name: statement.excluded[name] for name in ("version", "release", "document")}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=changed),
        [
            {
                "id": one.id,
                "ocid": one.process.ocid,
                "version": one.version,
                "release": one.release,
                "document": database.to_document(one),
            }
            for one in processes
        ],
    )


async def external_process(connection: AsyncConnection, ocid: str) -> ImportedProcess:
    query = select(external_processes.c.document).where(external_processes.c.id == process_id(ocid))
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("not-found", "No such process of another publisher is known here.")
    return _imported(row.document)


async def page(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[ImportedProcess]:
    query = select(external_processes.c.document).order_by(external_processes.c.id).limit(limit)
    if after is not None:
        query = query.where(external_processes.c.id > after)
    return [_imported(row.document) for row in await connection.execute(query)]


def _imported(document: dict[str, Any]) -> ImportedProcess:
    return database.adapter(ImportedProcess).validate_python(document)
