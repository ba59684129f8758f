"""The evaluation's own tables."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.database import document_table
from shared.platform.roles import insert_only
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

supervisors = document_table("supervisors", metadata, Column("organisation", Text, nullable=False, unique=True))
supervision_files = document_table("supervision_files", metadata, Column("ocid", Text, nullable=False))

contract_facts = Table(
    "contract_facts",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("ocid", Text, nullable=False, index=True),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("document", JSONB, nullable=False),
)
contracts = Table(
    "contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ocid", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", JSONB, nullable=False),
)

originals = Table(
    "originals",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)
compiled_releases = Table(
    "compiled_releases",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)
external_processes = Table(
    "external_processes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ocid", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("release", Text, nullable=False),
    Column("document", JSONB, nullable=False),
)
