"""All stages of a budget line, the ways between them, reversals, and transfers that were entered together."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    "ALTER TABLE balances DROP CONSTRAINT balances_stage_check",
    """
    ALTER TABLE balances ADD CONSTRAINT balances_stage_check CHECK (stage IN (
        'appropriated', 'unallotted', 'available', 'reserved', 'committed',
        'advance', 'accrued', 'held', 'paid', 'released'
    ))
    """,
    """
    INSERT INTO balances (line_id, stage, amount)
        SELECT id, stage, 0 FROM budget_lines, unnest(ARRAY['unallotted', 'advance', 'released']) AS stage
    """,
    "ALTER TABLE transfers ADD COLUMN reverses uuid, ADD COLUMN chain uuid",
    "ALTER TABLE transfers DROP CONSTRAINT transfers_check",
    """
    CREATE FUNCTION is_permitted(start text, finish text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (start, finish) IN (
        ('appropriated', 'available'), ('appropriated', 'unallotted'),
        ('unallotted', 'available'), ('unallotted', 'appropriated'), ('unallotted', 'released'),
        ('available', 'appropriated'), ('available', 'reserved'), ('available', 'released'),
        ('reserved', 'available'), ('reserved', 'committed'),
        ('committed', 'available'), ('committed', 'accrued'), ('committed', 'advance'), ('committed', 'released'),
        ('advance', 'paid'), ('advance', 'released'),
        ('accrued', 'paid'), ('accrued', 'held'), ('accrued', 'available'), ('accrued', 'released'),
        ('held', 'accrued'), ('held', 'available'), ('held', 'released')
    )
    """,
    """
    ALTER TABLE transfers ADD CONSTRAINT transfers_check CHECK (CASE
        WHEN reverses IS NULL THEN is_permitted(from_stage, to_stage) ELSE is_permitted(to_stage, from_stage)
    END)
    """,
    # A movement outside a contracting process has a cause too: a reservation, a revision, a quarter, a year's end.
    "ALTER TABLE transfers DROP CONSTRAINT transfers_check1",
    """
    ALTER TABLE transfers ADD CONSTRAINT transfers_cause_check
        CHECK (from_stage = 'appropriated' OR cause_event IS NOT NULL)
    """,
    "CREATE UNIQUE INDEX transfers_reverses_key ON transfers (reverses) WHERE reverses IS NOT NULL",
    "CREATE INDEX transfers_by_chain ON transfers (chain) WHERE chain IS NOT NULL",
    """
    CREATE FUNCTION check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT FROM transfers AS entered
            WHERE entered.id = NEW.reverses AND entered.line_id = NEW.line_id AND entered.amount = NEW.amount
                AND entered.from_stage = NEW.to_stage AND entered.to_stage = NEW.from_stage
                AND entered.reverses IS NULL
        ) THEN
            RAISE EXCEPTION 'a reversal undoes exactly one earlier transfer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER transfers_reversal BEFORE INSERT ON transfers
        FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION check_reversal()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
