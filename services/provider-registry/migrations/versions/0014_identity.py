"""Several registration numbers of one provider, and entries that may be of one organisation."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE provider_identifiers (
            scheme text NOT NULL,
            id text NOT NULL,
            organisation text NOT NULL,
            PRIMARY KEY (scheme, id)
        )
    """)
    op.execute("CREATE INDEX provider_identifiers_organisation ON provider_identifiers (organisation)")
    op.execute("""
        INSERT INTO provider_identifiers (scheme, id, organisation)
        SELECT document -> 'identifier' ->> 'scheme', document -> 'identifier' ->> 'id', organisation FROM providers
    """)
    op.execute("ALTER TABLE providers DROP COLUMN identifier")
    op.execute("""
        CREATE TABLE name_keys (
            key text NOT NULL,
            organisation text NOT NULL,
            PRIMARY KEY (key, organisation)
        )
    """)
    op.execute("CREATE INDEX name_keys_organisation ON name_keys (organisation)")
    op.execute("""
        CREATE TABLE duplicates (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            organisation text NOT NULL,
            other text NOT NULL,
            score integer NOT NULL
        )
    """)
    op.execute("CREATE INDEX duplicates_state_score ON duplicates (state, score DESC, id)")
