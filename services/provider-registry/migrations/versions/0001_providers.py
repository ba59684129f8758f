"""Providers and their track records."""

from alembic import op

from shared.platform import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in tables.statements("0001"):
        op.execute(statement)
    op.execute("""
        CREATE TABLE providers (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            organisation text NOT NULL UNIQUE,
            identifier text NOT NULL UNIQUE
        )
    """)
    op.execute("CREATE INDEX providers_due_at ON providers (due_at) WHERE waiting_for IS NOT NULL")
    op.execute("""
        CREATE TABLE track_records (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz
        )
    """)
