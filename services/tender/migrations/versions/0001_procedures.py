"""Plans, tenders, bids, score sheets, contracts."""

from alembic import op

from shared.platform import tables

revision = "0001"
down_revision = None

_AGGREGATE = """
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    state text NOT NULL,
    document jsonb NOT NULL,
    waiting_for text,
    due_at timestamptz
"""
_OWN = (
    f"CREATE TABLE plans ({_AGGREGATE}, buyer text NOT NULL)",
    f"CREATE TABLE tenders ({_AGGREGATE}, buyer text NOT NULL)",
    "CREATE INDEX tenders_due_at ON tenders (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX tenders_state ON tenders (state, id)",
    f"CREATE TABLE contracts ({_AGGREGATE}, supplier text NOT NULL)",
    "CREATE INDEX contracts_due_at ON contracts (due_at) WHERE waiting_for IS NOT NULL",
    """
    CREATE TABLE bidders (
        organisation text PRIMARY KEY,
        name text NOT NULL,
        verified_at timestamptz,
        valid_until date
    )
    """,
    """
    CREATE TABLE bids (
        id uuid PRIMARY KEY,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        tender uuid NOT NULL REFERENCES tenders (id),
        lot text NOT NULL,
        bidder text NOT NULL,
        bidder_name text NOT NULL,
        received_at timestamptz NOT NULL,
        digest text NOT NULL,
        scheme text NOT NULL,
        envelope bytea NOT NULL,
        receipt text NOT NULL
    )
    """,
    "CREATE INDEX bids_tender ON bids (tender, bidder, arrival)",
    """
    CREATE TABLE sealed_reads (
        id uuid PRIMARY KEY,
        bid uuid NOT NULL REFERENCES bids (id),
        person text NOT NULL,
        purpose text NOT NULL,
        read_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE score_sheets (
        tender uuid NOT NULL REFERENCES tenders (id),
        member text NOT NULL,
        given_at timestamptz NOT NULL,
        document jsonb NOT NULL,
        PRIMARY KEY (tender, member)
    )
    """,
    # A bid that was received is never altered or taken away, and neither is the trace that it was read.
    """
    CREATE FUNCTION refuse_bid_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was received stays as it was received';
    END $$
    """,
    """
    CREATE TRIGGER bids_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bids
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
    """,
    """
    CREATE TRIGGER sealed_reads_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed_reads
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
    """,
)


def upgrade() -> None:
    for statement in (*tables.statements("0001"), *_OWN):
        op.execute(statement)
