"""Challenges of the steps of a procedure."""

from alembic import op

revision = "0010"
down_revision = "0009"

_OWN = (
    """
    CREATE TABLE challenges (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        tender uuid NOT NULL REFERENCES tenders (id),
        challenger text NOT NULL,
        clock_at timestamptz
    )
    """,
    "CREATE INDEX challenges_tender ON challenges (tender, id)",
    "CREATE INDEX challenges_due_at ON challenges (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX challenges_clock_at ON challenges (clock_at) WHERE clock_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
