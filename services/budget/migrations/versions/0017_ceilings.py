"""Ceilings of what contracts may promise of later years' budgets."""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    CREATE TABLE ceilings (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('proposed', 'set')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        CHECK ((state = 'proposed') = (waiting_for IS NOT NULL)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    """
    CREATE TABLE ceilings_by_year (
        ceilings_id uuid NOT NULL REFERENCES ceilings (id),
        year integer NOT NULL,
        ceiling bigint NOT NULL,
        promised bigint NOT NULL CHECK (promised >= 0),
        PRIMARY KEY (ceilings_id, year),
        CHECK (promised <= ceiling)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
