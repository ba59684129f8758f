"""Cases against providers."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE cases (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            organisation text NOT NULL REFERENCES providers (organisation),
            told boolean NOT NULL,
            clock_at timestamptz,
            CHECK ((waiting_for IS NULL) = (due_at IS NULL)),
            CHECK (clock_at IS NULL OR state IN ('decided', 'in-force'))
        )
    """)
    op.execute("CREATE INDEX cases_organisation ON cases (organisation, id)")
    op.execute("CREATE INDEX cases_due_at ON cases (due_at) WHERE waiting_for IS NOT NULL")
    op.execute("CREATE INDEX cases_clock_at ON cases (clock_at) WHERE clock_at IS NOT NULL")
