"""Lists of names, which providers were held against them, and what was found."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """
    CREATE TABLE screening_lists (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        series uuid NOT NULL,
        current boolean NOT NULL,
        clock_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX screening_lists_current ON screening_lists (series) WHERE current",
    "CREATE INDEX screening_lists_clock_at ON screening_lists (clock_at) WHERE clock_at IS NOT NULL",
    """
    CREATE TABLE screening_entries (
        list uuid NOT NULL REFERENCES screening_lists (id),
        entry text NOT NULL,
        document jsonb NOT NULL,
        PRIMARY KEY (list, entry)
    )
    """,
    """
    CREATE TRIGGER screening_entries_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON screening_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE screened_providers (
        id uuid PRIMARY KEY REFERENCES providers (id),
        organisation text NOT NULL UNIQUE,
        names text NOT NULL,
        clock_at timestamptz
    )
    """,
    "CREATE INDEX screened_providers_clock_at ON screened_providers (clock_at) WHERE clock_at IS NOT NULL",
    """
    CREATE TABLE matches (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        organisation text NOT NULL REFERENCES providers (organisation),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX matches_due_at ON matches (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX matches_organisation ON matches (organisation)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
