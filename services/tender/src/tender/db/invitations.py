"""How invitations are kept: one of a tender, under an id that the tender's gives."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.ids import derived_id
from shared.platform import database
from tender.db.tables import metadata
from tender.domain.invitation import Invitation

invitations = database.document_table("invitations", metadata)
secrets = Table(
    "invitation_secrets",
    metadata,
    Column("invitation", Uuid, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)


async def add(connection: AsyncConnection, invitation: Invitation, secret: bytes) -> None:
    """Keep a new invitation, and what its commitment was made to."""
    await database.add(connection, invitations, invitation, _columns(invitation))
    await connection.execute(insert(secrets).values(invitation=invitation.id, secret=secret))


async def secret(connection: AsyncConnection, invitation: UUID) -> bytes:
    """Return what an invitation's commitment was made to."""
    found: bytes = (
        await connection.execute(select(secrets.c.secret).where(secrets.c.invitation == invitation))
    ).scalar_one()
    return found


async def find(connection: AsyncConnection, tender: UUID, *, lock: bool = False) -> Invitation | None:
    query = select(invitations.c.document).where(invitations.c.id == derived_id("invitation", tender))
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return database.adapter(Invitation).validate_python(row.document) if row else None


async def save(connection: AsyncConnection, before: Invitation, after: Invitation) -> None:
    await database.save(connection, invitations, before.version, after, _columns(after))


def _columns(invitation: Invitation) -> dict[str, Any]:
    # Neither the pool nor the drawn wait for anybody: it is the office that wants to go on.
    return {"state": invitation.status, "waiting_for": None, "due_at": None}
