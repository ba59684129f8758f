"""The tender service's own tables."""

from sqlalchemy import BigInteger, Column, Date, DateTime, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.database import document_table
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

plans = document_table("plans", metadata, Column("buyer", Text, nullable=False))
tenders = document_table("tenders", metadata, Column("buyer", Text, nullable=False))
contracts = document_table(
    "contracts", metadata, Column("supplier", Text, nullable=False), Column("clock_at", DateTime(timezone=True))
)
bidders = Table(
    "bidders",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("verified_at", DateTime(timezone=True)),
    Column("valid_until", Date),
)
bids = Table(
    "bids",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("arrival", BigInteger, nullable=False),
    Column("tender", Uuid, nullable=False),
    Column("lot", Text, nullable=False),
    Column("bidder", Text, nullable=False),
    Column("bidder_name", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("digest", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("receipt", Text, nullable=False),
)
sealed_reads = Table(
    "sealed_reads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("bid", Uuid, nullable=False),
    Column("person", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
score_sheets = Table(
    "score_sheets",
    metadata,
    Column("tender", Uuid, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
)
