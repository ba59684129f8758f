"""Invoices, reference rates, and interest for paying late."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """
    CREATE TABLE invoices (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL UNIQUE REFERENCES payment_orders (id),
        payee text NOT NULL,
        invoice_number text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        received_at timestamptz NOT NULL,
        entered_by text NOT NULL,
        facts jsonb NOT NULL,
        UNIQUE (payee, invoice_number)
    )
    """,
    """
    CREATE TABLE reference_rates (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        reference text NOT NULL,
        half_year text NOT NULL,
        rate numeric NOT NULL CHECK (rate BETWEEN -0.1 AND 1),
        source text NOT NULL,
        entered_by text NOT NULL,
        entered_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE interest_claims (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('unresolved', 'unfunded', 'ordered', 'nothing-owed')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        order_id uuid NOT NULL REFERENCES payment_orders (id),
        payment uuid NOT NULL UNIQUE REFERENCES payments (id),
        ocid text NOT NULL,
        CHECK ((waiting_for IS NULL) = (due_at IS NULL)),
        CHECK ((waiting_for IS NULL) = (state IN ('ordered', 'nothing-owed')))
    )
    """,
    "CREATE INDEX interest_claims_due_at ON interest_claims (due_at) WHERE waiting_for IS NOT NULL",
    *(
        f"""
        CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
        for table in ("invoices", "reference_rates")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
