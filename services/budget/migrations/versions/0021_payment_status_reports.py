"""What banks report of payments before they book them; one that is rejected is undone once."""

from alembic import op

revision = "0021"
down_revision = "0020"

STATEMENTS = (
    """
    CREATE TABLE payment_status_reports (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        payer text NOT NULL,
        message text NOT NULL,
        digest bytea NOT NULL,
        created_on date NOT NULL,
        taken_at timestamptz NOT NULL,
        taken_by text NOT NULL,
        UNIQUE (payer, message)
    )
    """,
    """
    CREATE TABLE reported_payments (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        report_id uuid NOT NULL REFERENCES payment_status_reports (id),
        outcome text NOT NULL CHECK (outcome IN ('accepted', 'pending', 'rejected', 'repeated', 'differs', 'unknown')),
        payment uuid REFERENCES payments (id),
        reference text,
        reason text,
        CHECK ((payment IS NULL) = (outcome = 'unknown'))
    )
    """,
    "CREATE UNIQUE INDEX reported_payments_rejected ON reported_payments (payment) WHERE outcome = 'rejected'",
    "CREATE INDEX reported_payments_by_report ON reported_payments (report_id)",
    """
    ALTER TABLE bank_findings DROP CONSTRAINT bank_findings_outcome_check,
        ADD CONSTRAINT bank_findings_outcome_check CHECK (outcome IN ('matched', 'returned', 'missing',
            'amount-differs', 'repeated', 'unknown-entry', 'ledger-differs', 'status-differs'))
    """,
    """
    ALTER TABLE payment_facts DROP CONSTRAINT payment_facts_fact_check,
        ADD CONSTRAINT payment_facts_fact_check CHECK (fact IN ('made', 'sent', 'confirmed', 'returned', 'rejected'))
    """,
    *(
        f"""
        CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
        for table in ("payment_status_reports", "reported_payments")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
