"""Advances: what a contract was paid before delivery, until accepted periods recover it or the provider repays it."""

from alembic import op

revision = "0023"
down_revision = "0022"

STATEMENTS = (
    # An advance that comes back is bound again, or available.
    "ALTER TABLE transfers DROP CONSTRAINT transfers_check",
    """
    CREATE OR REPLACE FUNCTION is_permitted(start text, finish text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (start, finish) IN (
        ('appropriated', 'available'), ('appropriated', 'unallotted'),
        ('unallotted', 'available'), ('unallotted', 'appropriated'), ('unallotted', 'released'),
        ('available', 'appropriated'), ('available', 'reserved'), ('available', 'released'),
        ('reserved', 'available'), ('reserved', 'committed'),
        ('committed', 'available'), ('committed', 'accrued'), ('committed', 'advance'), ('committed', 'released'),
        ('advance', 'paid'), ('advance', 'committed'), ('advance', 'available'), ('advance', 'released'),
        ('accrued', 'paid'), ('accrued', 'held'), ('accrued', 'available'), ('accrued', 'released'),
        ('held', 'accrued'), ('held', 'available'), ('held', 'released')
    )
    """,
    """
    ALTER TABLE transfers ADD CONSTRAINT transfers_check CHECK (CASE
        WHEN reverses IS NULL THEN is_permitted(from_stage, to_stage) ELSE is_permitted(to_stage, from_stage)
    END)
    """,
    "ALTER TABLE funds ADD COLUMN advance bigint NOT NULL DEFAULT 0 CHECK (advance >= 0)",
    "ALTER TABLE funds ALTER COLUMN advance DROP DEFAULT",
    "ALTER TABLE funds DROP CONSTRAINT funds_check2",
    """
    ALTER TABLE funds ADD CONSTRAINT funds_bound_check
        CHECK (committed + advance + accrued = coalesce(contract_value, 0))
    """,
    "ALTER TABLE payment_orders DROP CONSTRAINT payment_orders_state_check",
    """
    ALTER TABLE payment_orders ADD CONSTRAINT payment_orders_state_check
        CHECK (state IN ('due', 'approved', 'paid') OR state = 'withdrawn' AND kind = 'advance')
    """,
    """
    CREATE TABLE advance_repayments (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES payment_orders (id),
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        reference text,
        repaid_at timestamptz NOT NULL,
        entered_by text NOT NULL
    )
    """,
    """
    CREATE TRIGGER advance_repayments_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON advance_repayments
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
