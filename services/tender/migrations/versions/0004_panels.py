"""Experts, panels drawn from them, sheets by round."""

from alembic import op

revision = "0004"
down_revision = "0003"

_AGGREGATE = """
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    document jsonb NOT NULL,
    waiting_for text,
    due_at timestamptz
"""
_OWN = (
    f"CREATE TABLE experts ({_AGGREGATE}, person text NOT NULL)",
    "CREATE UNIQUE INDEX experts_person ON experts (person) WHERE state <> 'retired'",
    "CREATE INDEX experts_due_at ON experts (due_at) WHERE waiting_for IS NOT NULL",
    f"CREATE TABLE panels ({_AGGREGATE}, tender uuid NOT NULL UNIQUE REFERENCES tenders (id))",
    "CREATE INDEX panels_due_at ON panels (due_at) WHERE waiting_for IS NOT NULL",
    # What a commitment was made to leaves this table one code at a time, each with the draw that reveals it.
    """
    CREATE TABLE panel_secrets (
        panel uuid PRIMARY KEY REFERENCES panels (id),
        secret bytea NOT NULL
    )
    """,
    "ALTER TABLE score_sheets ADD COLUMN round integer NOT NULL DEFAULT 1",
    "ALTER TABLE score_sheets DROP CONSTRAINT score_sheets_pkey",
    "ALTER TABLE score_sheets ADD PRIMARY KEY (tender, round, member)",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
