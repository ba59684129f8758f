"""Where organisations are paid."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    """
    CREATE TABLE payee_accounts (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        organisation text NOT NULL UNIQUE,
        CHECK ((state = 'proposed') = (waiting_for IS NOT NULL)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX payee_accounts_due_at ON payee_accounts (due_at) WHERE waiting_for IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
