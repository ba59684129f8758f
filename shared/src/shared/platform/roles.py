"""Two roles of a service's database: the owner changes the schema, the application works with the rows."""

from collections.abc import Container, Iterable, Iterator
from typing import Any

import structlog
from sqlalchemy import Connection, MetaData, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

log = structlog.get_logger()

_OWNER = "_owner"
_INSERT_ONLY = "insert_only"
_EVERYTHING = "IN SCHEMA public"
_VERSIONS = "alembic_version"
_IS_OWNER = "SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"


class NotTheOwner(Exception):  # noqa: N818 - said to the operator as it stands
    """One sentence on why this role does not migrate."""


def owner_of(application: str) -> str:
    """Return the role that owns the tables an application role works with."""
    return f"{application}{_OWNER}"


def insert_only(*but: str) -> dict[str, Any]:
    """Say in a table's `info` that its rows are neither changed, but for these columns, nor deleted."""
    return {_INSERT_ONLY: but}


def application_of(connection: Connection) -> str:
    """Return the application role that belongs to the owner who is connected.

    Raises:
        NotTheOwner: where somebody else is.
    """
    role = str(connection.scalar(text("SELECT current_user")))
    if not role.removesuffix(_OWNER) or not role.endswith(_OWNER):
        raise NotTheOwner(f"The migrations run as a database's owner, whose name ends with {_OWNER}; {role} is none.")
    return role.removesuffix(_OWNER)


def refuse_owner(engine: AsyncEngine) -> None:
    """Lend no connection of a role that owns the database, is a member of its owner, or may do everything.

    A service that is given one is never ready; it may be told so at any time, since its database may come up later.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def look(connection: Any, _: object) -> None:
        if connection.run_async(lambda driver: driver.fetchval(_IS_OWNER)):
            connection.run_async(lambda driver: driver.close())
            log.error("database.owner")
            raise PermissionError("The service's database URL names a role that could change its tables.")


def grant(connection: Connection, application: str, described: Iterable[MetaData]) -> None:
    """Let the application work with the rows of the tables that are there, and with nothing else."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    there = inspect(connection).get_table_names()
    for statement in _grants(quoted(application), described, there):
        connection.exec_driver_sql(statement)


def _grants(application: str, described: Iterable[MetaData], there: Container[str]) -> Iterator[str]:
    # All is taken first: what was once granted by mistake, or to a table that has become insert-only, is gone.
    yield f"REVOKE ALL ON ALL TABLES {_EVERYTHING} FROM {application}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES {_EVERYTHING} TO {application}"
    yield f"GRANT USAGE ON ALL SEQUENCES {_EVERYTHING} TO {application}"
    if _VERSIONS in there:
        yield f"REVOKE INSERT, UPDATE, DELETE ON {_VERSIONS} FROM {application}"
    tables = [table for metadata in described for table in metadata.tables.values() if _INSERT_ONLY in table.info]
    for table in tables:
        if table.name in there:  # an older schema has fewer
            yield f"REVOKE UPDATE, DELETE ON {table.name} FROM {application}"
            for column in table.info[_INSERT_ONLY]:
                yield f"GRANT UPDATE ({column}) ON {table.name} TO {application}"
