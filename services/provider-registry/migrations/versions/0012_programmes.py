"""Capacity programmes, and the applications for them."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE programmes (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        closes_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE applications (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        programme uuid NOT NULL REFERENCES programmes (id)
    )
    """,
    "CREATE INDEX applications_programme ON applications (programme, id)",
    "CREATE INDEX applications_due_at ON applications (due_at) WHERE waiting_for IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
