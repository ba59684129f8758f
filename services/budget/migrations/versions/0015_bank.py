"""Files of payments, bank statements, what they say of payments, and the feed of payments."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """
    CREATE TABLE payment_files (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        version integer NOT NULL CHECK (version = 1),
        state text NOT NULL CHECK (state = 'made'),
        document jsonb NOT NULL,
        waiting_for text CHECK (waiting_for IS NULL),
        due_at timestamptz CHECK (due_at IS NULL),
        account text NOT NULL,
        currency text NOT NULL,
        control_sum bigint NOT NULL CHECK (control_sum > 0)
    )
    """,
    """
    CREATE TABLE sent_payments (
        payment uuid PRIMARY KEY REFERENCES payments (id),
        file_id uuid NOT NULL REFERENCES payment_files (id)
    )
    """,
    "CREATE INDEX sent_payments_by_file ON sent_payments (file_id)",
    """
    CREATE TABLE bank_statements (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        account text NOT NULL,
        statement text NOT NULL,
        digest bytea NOT NULL,
        currency text NOT NULL,
        opening bigint NOT NULL,
        closing bigint NOT NULL,
        closed_on date NOT NULL,
        taken_at timestamptz NOT NULL,
        taken_by text NOT NULL,
        UNIQUE (account, statement)
    )
    """,
    """
    CREATE TABLE bank_findings (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        statement_id uuid NOT NULL REFERENCES bank_statements (id),
        outcome text NOT NULL CHECK (outcome IN ('matched', 'returned', 'missing', 'amount-differs', 'repeated',
                                                 'unknown-entry', 'ledger-differs')),
        payment uuid REFERENCES payments (id),
        reference text,
        day date NOT NULL,
        expected bigint,
        found bigint,
        currency text NOT NULL,
        return_reason text
    )
    """,
    # The bank confirms a payment once, and returns it once at the most.
    """
    CREATE UNIQUE INDEX bank_findings_settled ON bank_findings (payment, outcome)
        WHERE outcome IN ('matched', 'returned')
    """,
    "CREATE INDEX bank_findings_by_statement ON bank_findings (statement_id)",
    """
    CREATE TABLE mismatches (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'explained', 'resolved')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        outcome text NOT NULL,
        CHECK ((state = 'open') = (waiting_for IS NOT NULL)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX mismatches_due_at ON mismatches (due_at) WHERE waiting_for IS NOT NULL",
    """
    CREATE TABLE payment_facts (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        payment uuid NOT NULL REFERENCES payments (id),
        fact text NOT NULL CHECK (fact IN ('made', 'sent', 'confirmed', 'returned')),
        at timestamptz NOT NULL,
        UNIQUE (payment, fact)
    )
    """,
    "INSERT INTO payment_facts (payment, fact, at) SELECT id, 'made', paid_at FROM payments ORDER BY number",
    *(
        f"""
        CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
        for table in ("payment_files", "sent_payments", "bank_statements", "bank_findings", "payment_facts")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
