"""Lines whose books are closed: nothing is granted for them any more."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    "ALTER TABLE budget_lines ADD COLUMN closed_at timestamptz",
    """
    CREATE FUNCTION refuse_grant_on_closed_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM budget_lines WHERE id = NEW.line_id AND closed_at IS NOT NULL) THEN
            RAISE EXCEPTION 'the books of the line are closed';
        END IF;
        RETURN NEW;
    END $$
    """,
    # Whatever else moves needs a balance, and of a closed line there is none but what was paid and what was released.
    """
    CREATE TRIGGER transfers_closed_line BEFORE INSERT ON transfers
        FOR EACH ROW WHEN (NEW.from_stage = 'appropriated') EXECUTE FUNCTION refuse_grant_on_closed_line()
    """,
    """
    CREATE FUNCTION refuse_reopening_of_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the books of a line are closed for good';
    END $$
    """,
    """
    CREATE TRIGGER budget_lines_closed_for_good BEFORE UPDATE ON budget_lines
        FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at)
        EXECUTE FUNCTION refuse_reopening_of_line()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
