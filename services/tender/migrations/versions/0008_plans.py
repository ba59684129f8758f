"""Plans with a life of their own; exceptions, invitations, the publicity of single sources."""

from alembic import op

revision = "0008"
down_revision = "0007"

_AGGREGATE = """
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    document jsonb NOT NULL,
    waiting_for text,
    due_at timestamptz
"""
_OWN = (
    # Whatever was planned so far was public at once.
    "UPDATE plans SET state = 'scheduled' WHERE state = 'planned'",
    "CREATE INDEX plans_state ON plans (state, id)",
    "CREATE INDEX plans_due_at ON plans (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX tenders_plan ON tenders ((document ->> 'plan'))",
    f"CREATE TABLE exceptions ({_AGGREGATE}, tender uuid NOT NULL REFERENCES tenders (id))",
    "CREATE INDEX exceptions_tender ON exceptions (tender)",
    "CREATE INDEX exceptions_due_at ON exceptions (due_at) WHERE waiting_for IS NOT NULL",
    f"CREATE TABLE invitations ({_AGGREGATE})",
    f"CREATE TABLE publicities ({_AGGREGATE}, tender uuid NOT NULL REFERENCES tenders (id))",
    "CREATE INDEX publicities_tender ON publicities (tender, id)",
    "CREATE INDEX publicities_due_at ON publicities (due_at) WHERE waiting_for IS NOT NULL",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
