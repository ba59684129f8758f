"""What time does to contracts by itself."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "ALTER TABLE contracts ADD COLUMN clock_at timestamptz",
    "CREATE INDEX contracts_clock_at ON contracts (clock_at) WHERE clock_at IS NOT NULL",
    # Until now every contract was under the model pack, whose days are those of UTC; hastened ones keep their days.
    """
    UPDATE contracts SET
        clock_at = (document #>> '{milestones,-1,end}')::date::timestamp AT TIME ZONE 'UTC' + interval '1 day',
        document = jsonb_set(document, '{ends_at}', to_jsonb(to_char(
            (document #>> '{milestones,-1,end}')::date + 1, 'YYYY-MM-DD"T00:00:00Z"')))
    WHERE state = 'active'
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
