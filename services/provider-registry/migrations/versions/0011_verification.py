"""Declarations, documents of evidence, professionals, and the evidence packs that were issued."""

from alembic import op

revision = "0011"
down_revision = "0010"

_AGGREGATE = """
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    document jsonb NOT NULL,
    waiting_for text,
    due_at timestamptz,
    organisation text NOT NULL
"""

STATEMENTS = (
    f"CREATE TABLE declarations ({_AGGREGATE}, pack text NOT NULL, UNIQUE (organisation, pack))",
    f"""
    CREATE TABLE documents (
        {_AGGREGATE},
        clock_at timestamptz,
        digest text NOT NULL,
        CHECK (state IN ('entered', 'accepted', 'rejected', 'withdrawn', 'expired')),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX documents_organisation ON documents (organisation)",
    "CREATE UNIQUE INDEX documents_digest ON documents (digest) WHERE state IN ('entered', 'accepted')",
    "CREATE INDEX documents_due_at ON documents (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX documents_clock_at ON documents (clock_at) WHERE clock_at IS NOT NULL",
    """
    CREATE TABLE document_contents (
        digest text PRIMARY KEY,
        media_type text NOT NULL,
        size bigint NOT NULL CHECK (size > 0),
        uploaded_at timestamptz NOT NULL
    )
    """,
    f"CREATE TABLE professionals ({_AGGREGATE})",
    "CREATE INDEX professionals_organisation ON professionals (organisation)",
    "CREATE INDEX professionals_hours ON professionals USING gin ((document -> 'hours') jsonb_path_ops)",
    """
    CREATE TABLE certificate_numbers (
        issuer text NOT NULL,
        certificate_number text NOT NULL,
        professional uuid NOT NULL REFERENCES professionals (id),
        PRIMARY KEY (issuer, certificate_number)
    )
    """,
    f"CREATE TABLE workforces ({_AGGREGATE}, UNIQUE (organisation))",
    f"""
    CREATE TABLE evidence_packs (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        {_AGGREGATE},
        digest text NOT NULL UNIQUE
    )
    """,
    "CREATE INDEX evidence_packs_organisation ON evidence_packs (organisation, number)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
