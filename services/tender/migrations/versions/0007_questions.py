"""Questions, amendments, interest and notices."""

from alembic import op

revision = "0007"
down_revision = "0006"

_AGGREGATE = """
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    document jsonb NOT NULL,
    waiting_for text,
    due_at timestamptz,
    tender uuid NOT NULL REFERENCES tenders (id)
"""
_STATEMENTS = (
    f"CREATE TABLE questions ({_AGGREGATE}, asker text NOT NULL)",
    "CREATE INDEX questions_tender ON questions (tender, id)",
    "CREATE INDEX questions_due_at ON questions (due_at) WHERE waiting_for IS NOT NULL",
    f"CREATE TABLE amendments ({_AGGREGATE})",
    "CREATE INDEX amendments_tender ON amendments (tender, id)",
    "CREATE INDEX amendments_due_at ON amendments (due_at) WHERE waiting_for IS NOT NULL",
    """
    CREATE TABLE asker_secrets (
        tender uuid PRIMARY KEY REFERENCES tenders (id),
        secret bytea NOT NULL
    )
    """,
    """
    CREATE TABLE interests (
        tender uuid NOT NULL REFERENCES tenders (id),
        organisation text NOT NULL,
        registered_at timestamptz NOT NULL,
        PRIMARY KEY (tender, organisation)
    )
    """,
    """
    CREATE TABLE notices (
        id uuid PRIMARY KEY,
        organisation text NOT NULL,
        tender uuid NOT NULL REFERENCES tenders (id),
        kind text NOT NULL,
        subject uuid NOT NULL,
        closes_at timestamptz,
        given_at timestamptz NOT NULL,
        read_at timestamptz
    )
    """,
    "CREATE INDEX notices_organisation ON notices (organisation, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
