"""Payments that were refused because of the state of their order: they stay refused under their id."""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    """
    CREATE TABLE refused_payments (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES payment_orders (id),
        amount bigint NOT NULL,
        currency text NOT NULL,
        reference text,
        refusal text NOT NULL,
        refused_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TRIGGER refused_payments_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refused_payments
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
