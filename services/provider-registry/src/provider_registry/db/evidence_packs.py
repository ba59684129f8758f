"""How evidence packs that were issued are kept, and what they are put together from."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import states
from provider_registry.db.declarations import declarations
from provider_registry.db.documents import documents
from provider_registry.db.professionals import professionals
from provider_registry.db.tables import metadata, providers
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document
from provider_registry.domain.evidence_pack import EvidencePack, Known
from provider_registry.domain.professional import Professional
from provider_registry.domain.provider import Provider
from shared.kernel.errors import not_here
from shared.platform import database
from shared.platform.work import Work

evidence_packs = database.document_table(
    "evidence_packs",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("organisation", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
)


async def known(connection: AsyncConnection, organisation: str, pack: str, at: datetime) -> Known:
    """Return what was known of an organisation at an instant.

    Raises:
        NotFound: not-found, where it was not registered then.
    """
    tables = (providers, declarations, documents, professionals)
    found = await states.known_of_all(connection, organisation, at, *tables)
    if not found[providers.name]:
        raise not_here()
    declared = [database.adapter(Declaration).validate_python(one) for one in found[declarations.name]]
    return Known(
        provider=database.adapter(Provider).validate_python(found[providers.name][0]),
        declaration=next((one for one in declared if one.pack == pack and at < one.valid_until), None),
        documents=[database.adapter(Document).validate_python(one) for one in found[documents.name]],
        professionals=[database.adapter(Professional).validate_python(one) for one in found[professionals.name]],
    )


async def find(connection: AsyncConnection, digest: str) -> EvidencePack | None:
    """Return the pack with a digest, if one was issued."""
    query = select(evidence_packs.c.document).where(evidence_packs.c.digest == digest)
    return next(iter(await database.documents(connection, query, EvidencePack)), None)


async def last_of(connection: AsyncConnection, organisation: str) -> EvidencePack | None:
    """Return the pack that was issued last for an organisation, if any was."""
    query = select(evidence_packs.c.document).where(evidence_packs.c.organisation == organisation)
    newest = query.order_by(evidence_packs.c.number.desc()).limit(1)
    return next(iter(await database.documents(connection, newest, EvidencePack)), None)


async def add(work: Work, state: EvidencePack) -> None:
    columns = {"state": "issued", "organisation": state.organisation, "digest": state.digest}
    await states.add(work.connection, evidence_packs, state, columns, at=work.now)
