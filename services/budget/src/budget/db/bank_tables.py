"""The tables around payments: invoices, interest for paying late, and what lies between the ledger and the bank."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Numeric, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from budget.db.tables import metadata
from shared.platform.database import document_table

payee_accounts = document_table("payee_accounts", metadata, Column("organisation", Text, nullable=False, unique=True))
invoices = Table(
    "invoices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False, unique=True),
    Column("payee", Text, nullable=False),
    Column("invoice_number", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    UniqueConstraint("payee", "invoice_number", name="invoices_payee_invoice_number_key"),
)
reference_rates = Table(
    "reference_rates",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("half_year", Text, nullable=False),
    Column("rate", Numeric, nullable=False),
    Column("source", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
interest_claims = document_table(
    "interest_claims",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False),
    Column("payment", Uuid, ForeignKey("payments.id"), nullable=False, unique=True),
    Column("ocid", Text, nullable=False),
)
