"""Reservations that finance systems make themselves, each under an id of its own; refused ones are kept too."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    # A refused reservation may name a line that does not exist, so none references its line.
    """
    CREATE TABLE reservations (
        id uuid PRIMARY KEY,
        line_id uuid NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        purpose text NOT NULL,
        expires_at timestamptz,
        state text NOT NULL CHECK (state IN ('reserved', 'refused', 'released', 'expired')),
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        ended_at timestamptz,
        refusal text,
        clock_at timestamptz,
        CHECK ((state = 'refused') = (refusal IS NOT NULL)),
        CHECK ((state IN ('released', 'expired')) = (ended_at IS NOT NULL)),
        CHECK (clock_at IS NULL OR (state = 'reserved' AND clock_at = expires_at))
    )
    """,
    "CREATE INDEX reservations_clock_at ON reservations (clock_at) WHERE clock_at IS NOT NULL",
    "CREATE INDEX reservations_open ON reservations (line_id) WHERE state = 'reserved'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
