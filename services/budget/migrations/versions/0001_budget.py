"""The ledger, the funds of contracting processes, the payments, and grades that wait for their contract."""

from alembic import op

from shared.platform import tables

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE budget_lines (
        id uuid PRIMARY KEY,
        version integer NOT NULL CHECK (version >= 0),
        code text NOT NULL,
        title text NOT NULL,
        fiscal_year integer NOT NULL,
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        UNIQUE (code, fiscal_year, currency)
    )
    """,
    # Balances are what the transfers add up to, kept so that a limit is one conditional UPDATE.
    """
    CREATE TABLE balances (
        line_id uuid NOT NULL REFERENCES budget_lines (id),
        stage text NOT NULL
            CHECK (stage IN ('appropriated', 'available', 'reserved', 'committed', 'accrued', 'held', 'paid')),
        amount bigint NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (line_id, stage)
    )
    """,
    """
    CREATE TABLE transfers (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        line_id uuid NOT NULL REFERENCES budget_lines (id),
        from_stage text NOT NULL,
        to_stage text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        ocid text,
        cause_event uuid,
        reason text NOT NULL,
        at timestamptz NOT NULL,
        CHECK ((from_stage, to_stage) IN (
            ('appropriated', 'available'), ('available', 'reserved'), ('reserved', 'available'),
            ('reserved', 'committed'), ('committed', 'accrued'), ('accrued', 'paid'), ('accrued', 'held')
        )),
        CHECK (from_stage = 'appropriated' OR (ocid IS NOT NULL AND cause_event IS NOT NULL))
    )
    """,
    "CREATE INDEX transfers_by_line ON transfers (line_id, number)",
    "CREATE INDEX transfers_by_ocid ON transfers (ocid, number) WHERE ocid IS NOT NULL",
    """
    CREATE TABLE payments (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        line_id uuid NOT NULL REFERENCES budget_lines (id),
        ocid text NOT NULL,
        contract uuid NOT NULL,
        period text NOT NULL,
        payee text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        grade text NOT NULL,
        share numeric NOT NULL CHECK (share > 0 AND share <= 1),
        paid_at timestamptz NOT NULL,
        UNIQUE (contract, period)
    )
    """,
    """
    CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'transfers and payments are insert-only';
    END $$
    """,
    """
    CREATE TRIGGER transfers_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
    """,
    """
    CREATE TRIGGER payments_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
    """,
    # A refused request may name a line that does not exist, so funds do not reference their line.
    """
    CREATE TABLE funds (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('unfunded', 'reserved', 'released', 'committed')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        ocid text NOT NULL UNIQUE,
        line_id uuid NOT NULL,
        currency text NOT NULL,
        reserved bigint NOT NULL CHECK (reserved >= 0),
        committed bigint NOT NULL CHECK (committed >= 0),
        accrued bigint NOT NULL CHECK (accrued >= 0),
        paid bigint NOT NULL CHECK (paid >= 0),
        held bigint NOT NULL CHECK (held >= 0),
        contract_value bigint CHECK (contract_value > 0),
        CHECK ((state = 'reserved') = (reserved > 0)),
        CHECK ((state = 'committed') = (contract_value IS NOT NULL)),
        CHECK (committed + accrued = coalesce(contract_value, 0)),
        CHECK (paid + held <= accrued),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX funds_due_at ON funds (due_at) WHERE waiting_for IS NOT NULL",
    """
    CREATE TABLE pending_grades (
        id uuid PRIMARY KEY,
        ocid text NOT NULL,
        contract uuid NOT NULL,
        period text NOT NULL,
        provider text NOT NULL,
        grade text NOT NULL,
        received_at timestamptz NOT NULL,
        state text NOT NULL,
        waiting_for text NOT NULL,
        due_at timestamptz NOT NULL,
        UNIQUE (contract, period)
    )
    """,
    "CREATE INDEX pending_grades_by_ocid ON pending_grades (ocid, received_at)",
)


def upgrade() -> None:
    for statement in (*tables.statements("0001"), *STATEMENTS):
        op.execute(statement)
