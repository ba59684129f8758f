"""The budget's own tables; the database itself holds the limits (see the migration's constraints)."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.platform.database import document_table
from shared.platform.roles import insert_only
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

lines = Table(
    "budget_lines",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("original", JSONB(none_as_null=True)),
    Column("opened", Integer, nullable=False),
    Column("supplements", JSONB, nullable=False),
    Column("clock_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    UniqueConstraint("code", "fiscal_year", "currency", name="budget_lines_code_fiscal_year_currency_key"),
)
balances = Table(
    "balances",
    metadata,
    Column("line_id", Uuid, ForeignKey("budget_lines.id"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
transfers = Table(
    "transfers",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("line_id", Uuid, ForeignKey("budget_lines.id"), nullable=False),
    Column("from_stage", Text, nullable=False),
    Column("to_stage", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("ocid", Text),
    Column("cause_event", Uuid),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reverses", Uuid),
    Column("chain", Uuid),
    info=insert_only(),
)
reservations = Table(
    "reservations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("line_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("refusal", Text),
    Column("clock_at", DateTime(timezone=True)),
)
refused_payments = Table(
    "refused_payments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reference", Text),
    Column("refusal", Text, nullable=False),
    Column("refused_at", DateTime(timezone=True), nullable=False),
    info=insert_only(),
)
payments = Table(
    "payments",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("line_id", Uuid, ForeignKey("budget_lines.id"), nullable=False),
    Column("ocid", Text, nullable=False),
    Column("contract", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("share", Numeric, nullable=False),
    Column("paid_at", DateTime(timezone=True), nullable=False),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False),
    Column("reference", Text),
    Column("paid_by", Text, nullable=False),
    info=insert_only(),
)
advance_repayments = Table(
    "advance_repayments",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("payment_orders.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reference", Text),
    Column("repaid_at", DateTime(timezone=True), nullable=False),
    Column("entered_by", Text, nullable=False),
    info=insert_only(),
)
payment_orders = document_table(
    "payment_orders",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("ocid", Text, nullable=False),
    Column("line_id", Uuid, ForeignKey("budget_lines.id"), nullable=False),
    Column("contract", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
)
holds = document_table(
    "holds",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("clock_at", DateTime(timezone=True)),
    Column("ocid", Text, nullable=False),
    Column("line_id", Uuid, ForeignKey("budget_lines.id"), nullable=False),
    Column("contract", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("payee", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("released", BigInteger, nullable=False),
    Column("forfeited", BigInteger, nullable=False),
)
fiscal_years = document_table("fiscal_years", metadata, Column("year", Integer, nullable=False, unique=True))
revisions = document_table("revisions", metadata)
ceilings = document_table("ceilings", metadata)
ceilings_by_year = Table(
    "ceilings_by_year",
    metadata,
    Column("ceilings_id", Uuid, ForeignKey("ceilings.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("ceiling", BigInteger, nullable=False),
    Column("promised", BigInteger, nullable=False),
)
ceilings_in_total = Table(
    "ceilings_in_total",
    metadata,
    Column("ceilings_id", Uuid, ForeignKey("ceilings.id"), primary_key=True),
    Column("ceiling", BigInteger),
    Column("promised", BigInteger, nullable=False),
)
funds = document_table(
    "funds",
    metadata,
    Column("ocid", Text, nullable=False, unique=True),
    Column("line_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("committed", BigInteger, nullable=False),
    Column("advance", BigInteger, nullable=False),
    Column("accrued", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("contract_value", BigInteger),
)
pending_grades = Table(
    "pending_grades",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ocid", Text, nullable=False),
    Column("contract", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("kpis", JSONB, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting_for", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("contract", "period", name="pending_grades_contract_period_key"),
)
pending_endings = Table(
    "pending_endings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ocid", Text, nullable=False),
    Column("contract", Uuid, nullable=False, unique=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting_for", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
)
