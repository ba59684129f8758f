"""How files of other publishers are kept: as they came, compressed where that makes them smaller."""

import zlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from evaluation.db.tables import originals
from shared.kernel.errors import NotFound


async def is_kept(connection: AsyncConnection, sha256: str) -> bool:
    return await connection.scalar(select(originals.c.sha256).where(originals.c.sha256 == sha256)) is not None


async def add(connection: AsyncConnection, sha256: str, content: bytes, deflated: bytes, kept_at: datetime) -> None:
    smaller = len(deflated) < len(content)
    await connection.execute(
        upsert(originals)
        .values(
            sha256=sha256,
            size=len(content),
            encoding="deflate" if smaller else "identity",
            content=deflated if smaller else content,
            kept_at=kept_at,
        )
        .on_conflict_do_nothing()
    )


async def content(connection: AsyncConnection, sha256: str) -> bytes:
    query = select(originals.c.encoding, originals.c.content).where(originals.c.sha256 == sha256)
    row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("not-found", "No such file is kept here.")
    kept: bytes = row.content
    return zlib.decompress(kept) if row.encoding == "deflate" else kept
