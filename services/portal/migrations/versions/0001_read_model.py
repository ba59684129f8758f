"""The timeline, and the summaries of procedures and providers."""

from alembic import op

from shared.platform import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in tables.statements("0001"):
        op.execute(statement)
    op.execute("""
        CREATE TABLE timeline (
            event_id uuid PRIMARY KEY,
            source text NOT NULL,
            position bigint NOT NULL,
            type text NOT NULL,
            key text NOT NULL,
            ocid text,
            plan text,
            "time" timestamptz NOT NULL,
            sandbox boolean NOT NULL,
            event jsonb NOT NULL,
            UNIQUE (source, position)
        )
    """)
    op.execute("CREATE INDEX timeline_ocid ON timeline (ocid) WHERE ocid IS NOT NULL")
    op.execute("CREATE INDEX timeline_plan ON timeline (plan) WHERE plan IS NOT NULL")
    op.execute("CREATE INDEX timeline_key ON timeline (key)")
    op.execute("""
        CREATE TABLE procedures (
            ocid text PRIMARY KEY,
            external boolean NOT NULL,
            sandbox boolean NOT NULL,
            state text NOT NULL,
            title text,
            buyer text,
            supplier text,
            last_event_at timestamptz NOT NULL,
            document jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX procedures_place ON procedures (external, last_event_at DESC, ocid DESC)")
    op.execute("CREATE INDEX procedures_supplier ON procedures (supplier) WHERE supplier IS NOT NULL")
    op.execute("""
        CREATE TABLE providers (
            organisation text PRIMARY KEY,
            document jsonb NOT NULL
        )
    """)
