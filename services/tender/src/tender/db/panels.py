"""How panels, the secrets of their draws, and private score sheets are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, Uuid, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.platform import database
from tender.db.tables import metadata, score_sheets
from tender.db.waiting import of_tenders_in
from tender.domain.award import ScoreSheet
from tender.domain.panel import Panel
from tender.domain.panel_parts import PanelStatus
from tender.domain.parts import Status

panels = database.document_table("panels", metadata, Column("tender", Uuid, nullable=False))
secrets = Table(
    "panel_secrets",
    metadata,
    Column("panel", Uuid, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

_SAT_ON = text("""
    SELECT seat ->> 'label' AS label, count(*) AS panels
    FROM panels
    JOIN tenders ON tenders.id = panels.tender,
    jsonb_array_elements(panels.document -> 'seats') AS seat
    WHERE tenders.state IN ('active', 'qualification', 'evaluation')
      AND panels.state <> 'locked' AND panels.id <> :panel
      AND seat ->> 'kind' = 'expert' AND seat ->> 'status' IN ('invited', 'accepted')
    GROUP BY 1
""")
_RUNNING = (Status.ACTIVE, Status.QUALIFICATION, Status.EVALUATION)
_WAITS_FOR = {
    PanelStatus.POOL_CLOSED: "the draw of the panel",
    PanelStatus.FORMING: "the answers of those invited to the panel",
    PanelStatus.SEATED: "the panel's declarations and scores",
    PanelStatus.REVEALED: "the panel's signatures",
}


async def add(connection: AsyncConnection, panel: Panel, secret: bytes | None) -> None:
    """Keep a new panel, and what its commitment was made to."""
    await database.add(connection, panels, panel, _columns(panel))
    if secret is not None:
        await connection.execute(insert(secrets).values(panel=panel.id, secret=secret))


async def secret(connection: AsyncConnection, panel: UUID) -> bytes:
    """Return what a panel's commitment was made to."""
    found: bytes = (await connection.execute(select(secrets.c.secret).where(secrets.c.panel == panel))).scalar_one()
    return found


async def find(connection: AsyncConnection, tender: UUID, *, lock: bool = False) -> Panel | None:
    """Return a tender's panel, if it has one."""
    query = select(panels.c.document).where(panels.c.tender == tender)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return database.adapter(Panel).validate_python(row.document) if row else None


async def panel(connection: AsyncConnection, tender: UUID, *, lock: bool = False) -> Panel:
    """Return a tender's panel.

    Raises:
        NotFound: not-found.
    """
    found = await find(connection, tender, lock=lock)
    if found is None:
        raise not_here()
    return found


async def save(connection: AsyncConnection, before: Panel, after: Panel) -> None:
    await database.save(connection, panels, before.version, after, _columns(after))


async def sat_on(connection: AsyncConnection, *, other_than: UUID) -> Mapping[UUID, int]:
    """Count on how many panels of running procedures each expert has a seat."""
    rows = await connection.execute(_SAT_ON, {"panel": other_than})
    return {UUID(row.label): row.panels for row in rows}


async def put_sheet(connection: AsyncConnection, panel: Panel, sheet: ScoreSheet, at: datetime) -> None:
    """Keep a member's sheet of this round in the place of an earlier one."""
    document = database.to_document(sheet)
    row = {"tender": panel.tender, "round": panel.round, "member": sheet.member, "given_at": at, "document": document}
    statement = upsert(score_sheets).values(row)
    keys = [score_sheets.c.tender, score_sheets.c.round, score_sheets.c.member]
    await connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"given_at": at, "document": document})
    )


async def sheets(connection: AsyncConnection, panel: Panel) -> Sequence[ScoreSheet]:
    """Return the sheets of this round."""
    query = (
        select(score_sheets.c.document)
        .where(score_sheets.c.tender == panel.tender, score_sheets.c.round == panel.round)
        .order_by(score_sheets.c.member)
    )
    return await database.documents(connection, query, ScoreSheet)


async def scored(connection: AsyncConnection, panel: Panel) -> Sequence[str]:
    """Return who has given a sheet in this round; no sheet is read."""
    query = select(score_sheets.c.member).where(
        score_sheets.c.tender == panel.tender, score_sheets.c.round == panel.round
    )
    return (await connection.execute(query)).scalars().all()


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    """List the panels of running procedures that have waited too long; the others wait for nothing any more."""
    return await database.overdue(connection, panels, "panel", now, of_tenders_in(panels, *_RUNNING))


def _columns(panel: Panel) -> dict[str, Any]:
    return {
        "state": panel.status,
        "waiting_for": _WAITS_FOR.get(panel.status),
        "due_at": panel.due_at,
        "tender": panel.tender,
    }
