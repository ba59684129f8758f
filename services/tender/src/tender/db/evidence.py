"""How it is kept which documents are evidence in a challenge, or belong to a contract."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.challenges import challenges
from tender.db.tables import contracts, metadata
from tender.domain.challenge import Challenge
from tender.domain.contract import Contract

challenge_documents = Table(
    "challenge_documents",
    metadata,
    Column("challenge", Uuid, primary_key=True),
    Column("digest", Text, primary_key=True),
)
contract_documents = Table(
    "contract_documents",
    metadata,
    Column("contract", Uuid, primary_key=True),
    Column("digest", Text, primary_key=True),
)


async def note_in_challenge(connection: AsyncConnection, challenge: UUID, digests: Sequence[str]) -> None:
    """Note which documents a challenger rests on."""
    if digests:
        rows = [{"challenge": challenge, "digest": digest} for digest in digests]
        await connection.execute(upsert(challenge_documents).on_conflict_do_nothing(), rows)


async def note_in_contract(connection: AsyncConnection, contract: UUID, digests: Sequence[str]) -> None:
    """Note which documents a change of a contract comes with."""
    if digests:
        rows = [{"contract": contract, "digest": digest} for digest in digests]
        await connection.execute(upsert(contract_documents).on_conflict_do_nothing(), rows)


async def challenges_with(connection: AsyncConnection, digest: str) -> Sequence[Challenge]:
    """Return the challenges that rest on a document."""
    query = (
        select(challenges.c.document)
        .join(challenge_documents, challenge_documents.c.challenge == challenges.c.id)
        .where(challenge_documents.c.digest == digest)
    )
    return await database.documents(connection, query, Challenge)


async def contracts_with(connection: AsyncConnection, digest: str) -> Sequence[Contract]:
    """Return the contracts that a document belongs to."""
    query = (
        select(contracts.c.document)
        .join(contract_documents, contract_documents.c.contract == contracts.c.id)
        .where(contract_documents.c.digest == digest)
    )
    return await database.documents(connection, query, Contract)
