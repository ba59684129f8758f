"""The tender service's own tables."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.database import document_table
from shared.platform.roles import insert_only
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

plans = document_table("plans", metadata, Column("buyer", Text, nullable=False))
tenders = document_table(
    "tenders",
    metadata,
    Column("buyer", Text, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
    # The database works these out from the document.
    Column("service", Text),
    Column("method", Text),
    Column("pack", Text),
    Column("currency", Text),
    Column("value_minor", BigInteger),
    Column("closes_at", DateTime(timezone=True)),
)
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
bidder_verifications = Table(
    "bidder_verifications",
    metadata,
    Column("arrival", BigInteger, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("valid_until", Date),
    info=insert_only(),
)
bidder_eligibilities = Table(
    "bidder_eligibilities",
    metadata,
    Column("arrival", BigInteger, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("exclusions", JSONB, nullable=False),
    info=insert_only(),
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
    Column("financial", LargeBinary, nullable=False),
    Column("technical", LargeBinary),
    Column("technical_digest", Text),
    Column("salt", Text, nullable=False),
    Column("technical_salt", Text),
    info=insert_only(),
)
bid_acts = Table(
    "bid_acts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("arrival", BigInteger, nullable=False),
    Column("bid", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("receipt", Text),
    info=insert_only(),
)
bid_drafts = Table(
    "bid_drafts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("tender", Uuid, nullable=False),
    Column("lot", Text, nullable=False),
    Column("bidder", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("financial", LargeBinary),
    Column("technical", LargeBinary),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
bid_refusals = Table(
    "bid_refusals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tender", Uuid, nullable=False),
    Column("bidder", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("refused_at", DateTime(timezone=True), nullable=False),
    Column("signed", Text, nullable=False),
    info=insert_only(),
)
opened_envelopes = Table(
    "opened_envelopes",
    metadata,
    Column("bid", Uuid, primary_key=True),
    Column("envelope", Text, primary_key=True),
    Column("content", LargeBinary),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)
documents = Table(
    "documents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
)
tender_documents = Table(
    "tender_documents",
    metadata,
    Column("tender", Uuid, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("attached_at", DateTime(timezone=True), nullable=False),
)
bid_documents = Table(
    "bid_documents",
    metadata,
    Column("bid", Uuid, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("confidential", Boolean, nullable=False),
)
quotes = Table(
    "quotes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("arrival", BigInteger, nullable=False),
    Column("framework", Uuid, nullable=False),
    Column("competition", Uuid, nullable=False),
    Column("supplier", Text, nullable=False),
    Column("supplier_name", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("digest", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    info=insert_only(),
)
final_quotes = Table(
    "final_quotes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("arrival", BigInteger, nullable=False),
    Column("tender", Uuid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("bid", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("digest", Text),
    Column("salt", Text),
    Column("scheme", Text),
    Column("envelope", LargeBinary),
    Column("receipt", Text, nullable=False),
    info=insert_only(),
)
sealed_reads = Table(
    "sealed_reads",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("bid", Uuid, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)
score_sheets = Table(
    "score_sheets",
    metadata,
    Column("tender", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
)
