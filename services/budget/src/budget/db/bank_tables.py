"""The tables around payments: invoices, interest for paying late, and what lies between the ledger and the bank."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from budget.db.tables import metadata
from shared.platform.database import document_table
from shared.platform.roles import insert_only

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
    info=insert_only(),
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
    info=insert_only(),
)
interest_claims = document_table(
    "interest_claims",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False),
    Column("payment", Uuid, ForeignKey("payments.id"), nullable=False, unique=True),
    Column("ocid", Text, nullable=False),
)
payment_files = document_table(
    "payment_files",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("control_sum", BigInteger, nullable=False),
)
payment_files.info.update(insert_only())
# A payment's id is the key: it stands in one file, whoever makes files at the same time.
sent_payments = Table(
    "sent_payments",
    metadata,
    Column("payment", Uuid, ForeignKey("payments.id"), primary_key=True),
    Column("file_id", Uuid, ForeignKey("payment_files.id"), nullable=False),
    info=insert_only(),
)
bank_statements = Table(
    "bank_statements",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("account", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("currency", Text, nullable=False),
    Column("opening", BigInteger, nullable=False),
    Column("closing", BigInteger, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("taken_by", Text, nullable=False),
    UniqueConstraint("account", "statement", name="bank_statements_account_statement_key"),
    info=insert_only(),
)
bank_findings = Table(
    "bank_findings",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("statement_id", Uuid, ForeignKey("bank_statements.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("payment", Uuid, ForeignKey("payments.id")),
    Column("reference", Text),
    Column("day", Date, nullable=False),
    Column("expected", BigInteger),
    Column("found", BigInteger),
    Column("currency", Text, nullable=False),
    Column("return_reason", Text),
    info=insert_only(),
)
payment_status_reports = Table(
    "payment_status_reports",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("payer", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_on", Date, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("taken_by", Text, nullable=False),
    UniqueConstraint("payer", "message", name="payment_status_reports_payer_message_key"),
    info=insert_only(),
)
reported_payments = Table(
    "reported_payments",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("report_id", Uuid, ForeignKey("payment_status_reports.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("payment", Uuid, ForeignKey("payments.id")),
    Column("reference", Text),
    Column("reason", Text),
    info=insert_only(),
)
mismatches = document_table("mismatches", metadata, Column("outcome", Text, nullable=False))
# What finance systems read: each fact of a payment once, in the order in which they became true.
payment_facts = Table(
    "payment_facts",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("payment", Uuid, ForeignKey("payments.id"), nullable=False),
    Column("fact", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("payment", "fact", name="payment_facts_payment_fact_key"),
    info=insert_only(),
)
