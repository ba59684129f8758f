"""Processes of other publishers: the files as they came, the compiled releases, and what these say."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE originals (
            sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            size bigint NOT NULL CHECK (size >= 0),
            encoding text NOT NULL CHECK (encoding IN ('identity', 'deflate')),
            content bytea NOT NULL,
            kept_at timestamptz NOT NULL,
            CHECK (encoding = 'deflate' OR sha256 = encode(sha256(content), 'hex'))
        )
    """)
    # What is worth compressing is compressed before it comes here.
    op.execute("ALTER TABLE originals ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute("""
        CREATE TABLE compiled_releases (
            digest text PRIMARY KEY CHECK (digest = encode(sha256(content), 'hex')),
            content bytea NOT NULL,
            kept_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE external_processes (
            id uuid PRIMARY KEY,
            ocid text NOT NULL UNIQUE,
            version integer NOT NULL CHECK (version > 0),
            release text NOT NULL REFERENCES compiled_releases (digest),
            document jsonb NOT NULL
        )
    """)
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what was kept is never changed';
        END $$
    """)
    for table in ("originals", "compiled_releases"):
        op.execute(f"""
            CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
