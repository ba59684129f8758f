"""The registry's own tables."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.database import document_table
from shared.platform.roles import insert_only
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

providers = document_table(
    "providers",
    metadata,
    Column("organisation", Text, nullable=False, unique=True),
)
# Whose each registration number is.
provider_identifiers = Table(
    "provider_identifiers",
    metadata,
    Column("scheme", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
)
# What the names of each entry have in common with others.
name_keys = Table(
    "name_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
)
duplicates = document_table(
    "duplicates",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("score", Integer, nullable=False),
)
track_records = document_table("track_records", metadata)
cases = document_table(
    "cases",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
)
eligibilities = document_table(
    "eligibilities",
    metadata,
    Column("organisation", Text, nullable=False, unique=True),
    Column("clock_at", DateTime(timezone=True)),
)
# Every version of every aggregate, by the name of its table; what the registry knew at any instant.
states = Table(
    "states",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("aggregate", Uuid, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
    info=insert_only(),
)
contract_holders = Table(
    "contract_holders",
    metadata,
    Column("contract", Uuid, primary_key=True),
    Column("organisation", Text, nullable=False),
)
# What all providers of a category were graded on each day; the last total that was written by an instant held then.
category_totals = Table(
    "category_totals",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("category", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("observations", Integer, nullable=False),
    Column("scores", Numeric(20, 6), nullable=False),
    info=insert_only(),
)
yearly_reports = document_table("yearly_reports", metadata)
# The indices of each provider's years, as they were published; the last that were written by an instant held then.
index_values = Table(
    "index_values",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size_band", Text),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("values", JSONB, nullable=False),
    info=insert_only(),
)
programmes = document_table("programmes", metadata, Column("closes_at", DateTime(timezone=True), nullable=False))
applications = document_table("applications", metadata, Column("programme", Uuid, nullable=False))
