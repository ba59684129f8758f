"""Supervisors, supervision files, and the read model of contracts."""

from alembic import op

from shared.platform import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in tables.statements("0001"):
        op.execute(statement)
    op.execute("""
        CREATE TABLE supervisors (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            organisation text NOT NULL UNIQUE
        )
    """)
    op.execute("""
        CREATE TABLE supervision_files (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            ocid text NOT NULL
        )
    """)
    op.execute("CREATE INDEX supervision_files_due_at ON supervision_files (due_at) WHERE waiting_for IS NOT NULL")
    op.execute("""
        CREATE TABLE contract_facts (
            event_id uuid PRIMARY KEY,
            ocid text NOT NULL,
            occurred_at timestamptz NOT NULL,
            sandbox boolean NOT NULL,
            kind text NOT NULL,
            document jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX contract_facts_ocid ON contract_facts (ocid)")
    op.execute("""
        CREATE TABLE contracts (
            id uuid PRIMARY KEY,
            ocid text NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL
        )
    """)
