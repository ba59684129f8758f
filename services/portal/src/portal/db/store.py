"""How the summaries of procedures and providers are kept and found."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal.db.tables import procedures, providers
from portal.domain.procedure import Procedure, State
from portal.domain.provider import Provider
from portal.domain.search import Place, Search
from shared.kernel.errors import NotFound
from shared.platform.database import adapter, to_document


async def save_procedures(connection: AsyncConnection, states: Sequence[Procedure]) -> None:
    rows = [
        {
            "ocid": state.ocid,
            "external": state.external,
            "sandbox": state.sandbox,
            "state": state.state,
            "title": state.title,
            "buyer": state.buyer.id if state.buyer else None,
            # Another publisher's ids name nobody in our registry.
            "suppliers": [] if state.external else [supplier.id for supplier in state.suppliers],
            "last_event_at": state.last_event_at,
            "document": to_document(state),
        }
        for state in states
    ]
    await _replace(connection, procedures, "ocid", rows)


async def save_providers(connection: AsyncConnection, states: Sequence[Provider]) -> None:
    rows = [{"organisation": state.organisation, "document": to_document(state)} for state in states]
    await _replace(connection, providers, "organisation", rows)


async def find(connection: AsyncConnection, search: Search, after: Place | None, limit: int) -> Sequence[Procedure]:
    """Find procedures: our own first, and of those the one with the newest event."""
    query = select(procedures.c.document).where(*_matching(search))
    if after is not None:
        place = tuple_(procedures.c.last_event_at, procedures.c.ocid)
        behind = and_(procedures.c.external == after.external, place < (after.last_event_at, after.ocid))
        query = query.where(behind if after.external else or_(procedures.c.external, behind))
    order = (procedures.c.external, procedures.c.last_event_at.desc(), procedures.c.ocid.desc())
    rows = await connection.execute(query.order_by(*order).limit(limit))
    return [adapter(Procedure).validate_python(row.document) for row in rows]


async def count(connection: AsyncConnection, search: Search) -> Mapping[State, int]:
    """Count procedures by state."""
    query = (
        select(procedures.c.state, func.count().label("number")).where(*_matching(search)).group_by(procedures.c.state)
    )
    return {State(row.state): row.number for row in await connection.execute(query)}


async def provider(connection: AsyncConnection, organisation: str) -> Provider:
    document = await connection.scalar(select(providers.c.document).where(providers.c.organisation == organisation))
    if document is None:
        raise NotFound("not-found", "No organisation is registered under this id.")
    return adapter(Provider).validate_python(document)


async def provider_page(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[Provider]:
    query = select(providers.c.document).order_by(providers.c.organisation).limit(limit)
    if after is not None:
        query = query.where(providers.c.organisation > after)
    return [adapter(Provider).validate_python(document) for document in await connection.scalars(query)]


def _matching(search: Search) -> list[ColumnElement[bool]]:
    exact = {
        procedures.c.state: search.state,
        procedures.c.buyer: search.buyer,
        procedures.c.external: search.external,
        procedures.c.sandbox: search.sandbox,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in exact.items() if value is not None]
    if search.supplier is not None:
        conditions.append(procedures.c.suppliers.contains([search.supplier]))
    if search.title_contains:
        conditions.append(procedures.c.title.icontains(search.title_contains, autoescape=True))
    return conditions


async def _replace(connection: AsyncConnection, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = upsert(table)
    replaced = {name: statement.excluded[name] for name in rows[0]}
    await connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=replaced), rows)
