"""A ceiling over all later years together, and what contracts promise under it; without one nothing is refused."""

from alembic import op

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    """
    CREATE TABLE ceilings_in_total (
        ceilings_id uuid PRIMARY KEY REFERENCES ceilings (id),
        ceiling bigint CHECK (ceiling >= 0),
        promised bigint NOT NULL CHECK (promised >= 0),
        CHECK (promised <= ceiling)
    )
    """,
    """
    INSERT INTO ceilings_in_total (ceilings_id, promised)
        SELECT ceilings_id, sum(promised) FROM ceilings_by_year GROUP BY ceilings_id
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
