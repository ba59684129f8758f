"""Whom each contract is with, and the totals of each category that providers are compared with."""

from alembic import op

revision = "0008"
down_revision = "0004"

STATEMENTS = (
    "CREATE TABLE contract_holders (contract uuid PRIMARY KEY, organisation text NOT NULL)",
    """
    CREATE TABLE category_totals (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        category text NOT NULL,
        day date NOT NULL,
        recorded_at timestamptz NOT NULL,
        observations integer NOT NULL CHECK (observations >= 0),
        scores numeric(20, 6) NOT NULL
    )
    """,
    "CREATE INDEX category_totals_latest ON category_totals (category, day, number DESC)",
    """
    CREATE TRIGGER category_totals_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON category_totals
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
