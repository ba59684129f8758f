"""The tables every service has beside its own; schema/*.sql makes them."""

from importlib.resources import files

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.roles import insert_only

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
metadata = MetaData(naming_convention=NAMING)

events = Table(
    "events",
    metadata,
    Column("serial", BigInteger, primary_key=True),
    Column("position", BigInteger, unique=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("aggregate", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("traceparent", Text),
    Column("data", JSONB, nullable=False),
    info=insert_only("position"),
)
sequence = Table(
    "sequence",
    metadata,
    Column("single", Boolean, primary_key=True),
    Column("last_position", BigInteger, nullable=False),
)
relayed = Table(
    "relayed",
    metadata,
    Column("single", Boolean, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
cursors = Table(
    "cursors",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
key_positions = Table(
    "key_positions",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
parked = Table(
    "parked",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("predecessor", BigInteger),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Column("discard_reason", Text),
    Column("discard_proposed_by", Text),
    Column("discard_confirmed_by", Text),
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("person", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("answered_at", DateTime(timezone=True), nullable=False, index=True),
)


def statements(version: str) -> list[str]:
    """Return the SQL of one version of these tables, statement by statement, for a service's migration to run."""
    text = files("shared.platform").joinpath("schema", f"{version}.sql").read_text("utf-8")
    return [part.strip() for part in text.split(";\n\n") if part.strip()]
