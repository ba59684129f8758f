"""How tenders are found."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import tenders
from tender.domain.search import Search
from tender.domain.tender import Tender

# As the indexes have it, word for word: a parameter would hide from the planner that they fit.
_LISTED = tenders.c.state != literal_column("'draft'")
# What was given up before it was published has no deadline.
_PUBLIC = (tenders.c.state != literal_column("'cancelled'")) | tenders.c.closes_at.is_not(None)


async def find(connection: AsyncConnection, search: Search, after: UUID | None, limit: int) -> Sequence[Tender]:
    """Return public tenders, the newest first, without what is told of each bid; what is hidden is not listed."""
    found = (
        select(tenders.c.id)
        .where(_LISTED, _PUBLIC, *_conditions(search, after))
        .order_by(tenders.c.id.desc())
        .limit(limit)
    ).subquery()
    # The bids are most of a document, and nobody is shown them in a list.
    query = (
        select(tenders.c.document.op("-")("bids").label("document"))
        .join(found, tenders.c.id == found.c.id)
        .order_by(tenders.c.id.desc())
    )
    found_documents = (row.document for row in await connection.execute(query))
    return [database.adapter(Tender).validate_python(_without_rankings(document)) for document in found_documents]


def _without_rankings(document: dict[str, Any]) -> dict[str, Any]:
    # Every award has a place for every bid: read for a page of tenders, they would be most of the work.
    for lot in document["lots"]:
        for ranked in (*lot.get("awards", ()), lot.get("framework")):
            if ranked is not None:
                ranked["ranking"] = []
    return document


def _conditions(search: Search, after: UUID | None) -> Sequence[ColumnElement[bool]]:
    columns = tenders.c
    wanted = (
        (after, columns.id.__lt__),
        (search.status, columns.state.__eq__),
        (search.buyer, columns.buyer.__eq__),
        (search.service, columns.service.__eq__),
        (search.method, columns.method.__eq__),
        (search.pack, columns.pack.__eq__),
        (search.currency, columns.currency.__eq__),
        (search.value_from, columns.value_minor.__ge__),
        (search.value_to, columns.value_minor.__le__),
        (search.closes_from, columns.closes_at.__ge__),
        (search.closes_before, columns.closes_at.__lt__),
    )
    return [holds(value) for value, holds in wanted if value is not None]
