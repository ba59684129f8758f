"""The original budget of a line as it was granted, fiscal years, and revisions."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    ALTER TABLE budget_lines
        ADD COLUMN original jsonb,
        ADD COLUMN opened integer NOT NULL DEFAULT 0 CHECK (opened BETWEEN 0 AND 4),
        ADD COLUMN clock_at timestamptz
    """,
    "ALTER TABLE budget_lines ALTER COLUMN opened DROP DEFAULT",
    # Until now a line could be granted in several parts; what it had is what was granted.
    """
    UPDATE budget_lines SET original = jsonb_build_object(
        'amount', jsonb_build_object('minor', balances.amount, 'currency', currency),
        'programme', NULL, 'sources', '[]'::jsonb, 'quarters', '[]'::jsonb
    ) FROM balances WHERE balances.line_id = budget_lines.id AND stage = 'appropriated' AND amount > 0
    """,
    "CREATE INDEX budget_lines_clock_at ON budget_lines (clock_at) WHERE clock_at IS NOT NULL",
    "CREATE INDEX budget_lines_by_year ON budget_lines (fiscal_year)",
    """
    CREATE FUNCTION refuse_original_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the original budget of a line stands';
    END $$
    """,
    """
    CREATE TRIGGER budget_lines_original_stands BEFORE UPDATE ON budget_lines
        FOR EACH ROW WHEN (OLD.original IS NOT NULL AND NEW.original IS DISTINCT FROM OLD.original)
        EXECUTE FUNCTION refuse_original_change()
    """,
    """
    CREATE TABLE fiscal_years (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'closing', 'closed')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        year integer NOT NULL UNIQUE,
        CHECK ((state = 'closing') = (waiting_for IS NOT NULL)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    """
    CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a fiscal year is closed for good';
    END $$
    """,
    """
    CREATE TRIGGER fiscal_years_closed_for_good BEFORE UPDATE OR DELETE ON fiscal_years
        FOR EACH ROW WHEN (OLD.state = 'closed') EXECUTE FUNCTION refuse_reopening()
    """,
    """
    CREATE TABLE revisions (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        CHECK ((state = 'proposed') = (waiting_for IS NOT NULL)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX revisions_due_at ON revisions (due_at) WHERE waiting_for IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
