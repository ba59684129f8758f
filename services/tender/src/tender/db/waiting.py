"""What waits in the course of a tender, and no longer once the tender has gone on."""

from sqlalchemy import ColumnElement, Table, select

from tender.db.tables import tenders
from tender.domain.parts import Status


def of_tenders_in(table: Table, *states: Status) -> ColumnElement[bool]:
    """Hold what is listed to tenders in these states."""
    return table.c.tender.in_(select(tenders.c.id).where(tenders.c.state.in_(states)))
