"""What the registry knew at any instant: every version of every aggregate, never changed."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE states (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            kind text NOT NULL,
            aggregate uuid NOT NULL,
            organisation text NOT NULL,
            version integer NOT NULL CHECK (version > 0),
            recorded_at timestamptz NOT NULL,
            document jsonb NOT NULL,
            UNIQUE (aggregate, version)
        )
    """)
    op.execute("CREATE INDEX states_known ON states (organisation, aggregate, version DESC)")
    # Of what came before, the present state is all that is left; the log tells when it came about.
    for table in ("providers", "track_records"):
        op.execute(f"""
            INSERT INTO states (kind, aggregate, organisation, version, recorded_at, document)
            SELECT '{table}', kept.id, kept.document ->> 'organisation', kept.version, max(events.occurred_at),
                kept.document
            FROM {table} AS kept
            JOIN events ON events.aggregate = kept.id AND events.version <= kept.version
            GROUP BY kept.id
        """)
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what was known is never changed';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER states_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON states
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
