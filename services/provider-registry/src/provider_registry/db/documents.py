"""How documents of evidence are kept; what they hold is an object by its digest."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.tables import metadata
from provider_registry.domain.document import Document, DocumentState
from shared.kernel.errors import not_here
from shared.platform import database
from shared.platform.work import Work

documents = database.document_table(
    "documents",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
    Column("digest", Text, nullable=False),
)
contents = Table(
    "document_contents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
)
_OPEN = (DocumentState.ENTERED, DocumentState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Content:
    """What a document holds, as it was put here.

    Units: size in bytes.
    """

    digest: str
    media_type: str
    size: int
    uploaded_at: datetime


async def document(connection: AsyncConnection, organisation: str, identifier: UUID, *, lock: bool = False) -> Document:
    """Return a document of an organisation.

    Raises:
        NotFound: not-found, also for the document of another one.
    """
    found = await database.load(connection, documents, Document, identifier, lock=lock)
    if found.organisation != organisation:
        raise not_here()
    return found


async def by_id(connection: AsyncConnection, identifier: UUID) -> Document:
    """Return a document, and keep it from being changed."""
    return await database.load(connection, documents, Document, identifier, lock=True)


async def of(connection: AsyncConnection, organisation: str) -> Sequence[Document]:
    """Return an organisation's documents, the newest first."""
    query = select(documents.c.document).where(documents.c.organisation == organisation)
    return await database.documents(connection, query.order_by(documents.c.id.desc()), Document)


async def known(connection: AsyncConnection, organisation: str, at: datetime) -> Sequence[Document]:
    """Return an organisation's documents as they were known at an instant, the newest first."""
    found = await states.known(connection, documents, Document, organisation, at)
    return sorted(found, key=lambda one: one.id, reverse=True)


async def is_another_organisations(connection: AsyncConnection, organisation: str, digest: str) -> bool:
    """Tell whether another organisation has a document with a digest."""
    query = select(documents.c.id).where(
        documents.c.digest == digest, documents.c.organisation != organisation, documents.c.state.in_(_OPEN)
    )
    return await connection.scalar(query) is not None


async def add(work: Work, state: Document) -> None:
    await states.add(work.connection, documents, state, _columns(state), at=work.now)


async def save(work: Work, before: Document, state: Document) -> None:
    await states.save(work.connection, documents, before.version, state, _columns(state), at=work.now)


async def add_content(connection: AsyncConnection, content: Content) -> Content:
    """Note what a document holds; put here twice, it is what it was the first time."""
    await connection.execute(upsert(contents).values(asdict(content)).on_conflict_do_nothing())
    return await content_of(connection, content.digest)


async def content_of(connection: AsyncConnection, digest: str) -> Content:
    """Return what is noted of a document's content.

    Raises:
        NotFound: not-found, where nobody has put it here.
    """
    row = (await connection.execute(select(contents).where(contents.c.digest == digest))).first()
    if row is None:
        raise not_here()
    return Content(row.digest, row.media_type, row.size, row.uploaded_at)


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, documents, "document", now)


def _columns(state: Document) -> dict[str, Any]:
    waits = state.state is DocumentState.ENTERED
    return {
        "state": state.state,
        "organisation": state.organisation,
        "digest": state.paper.digest,
        "clock_at": state.clock_at,
        "waiting_for": "a registry officer's decision" if waits else None,
        "due_at": state.decision_due if waits else None,
    }
