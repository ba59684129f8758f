"""Ends of contracts that are told by one source and wait for the other."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    CREATE TABLE pending_endings (
        id uuid PRIMARY KEY,
        ocid text NOT NULL,
        contract uuid NOT NULL UNIQUE,
        received_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('contract-terminated', 'supervision-closed')),
        waiting_for text NOT NULL,
        due_at timestamptz NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
