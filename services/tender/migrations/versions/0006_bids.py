"""Two envelopes to a bid, its drafts, every act of its life as a row, and what was refused."""

from alembic import op

revision = "0006"
down_revision = "0005"

_INSERT_ONLY = """
    CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
"""
_OWN = (
    "ALTER TABLE bids RENAME COLUMN envelope TO financial",
    """
    ALTER TABLE bids ADD COLUMN technical bytea, ADD COLUMN technical_digest text,
        ADD CONSTRAINT technical_has_digest CHECK ((technical IS NULL) = (technical_digest IS NULL))
    """,
    """
    CREATE TABLE bid_acts (
        id uuid PRIMARY KEY,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        bid uuid NOT NULL REFERENCES bids (id),
        status text NOT NULL,
        at timestamptz NOT NULL,
        receipt text
    )
    """,
    "CREATE INDEX bid_acts_bid ON bid_acts (bid, arrival)",
    # Until now the last bid of an organisation counted, and the ones before it were replaced by it.
    """
    INSERT INTO bid_acts (id, bid, status, at, receipt)
        SELECT gen_random_uuid(), id, 'submitted', received_at, receipt FROM bids ORDER BY arrival
    """,
    """
    INSERT INTO bid_acts (id, bid, status, at)
        SELECT gen_random_uuid(), id, 'replaced', next_at FROM (
            SELECT id, arrival, lead(received_at) OVER (PARTITION BY tender, bidder ORDER BY arrival) AS next_at
            FROM bids
        ) AS followed WHERE next_at IS NOT NULL ORDER BY arrival
    """,
    "ALTER TABLE bids DROP COLUMN receipt",
    "ALTER TABLE sealed_reads ADD COLUMN envelope text NOT NULL DEFAULT 'financial'",
    "ALTER TABLE sealed_reads ALTER COLUMN envelope DROP DEFAULT",
    """
    CREATE TABLE opened_envelopes (
        bid uuid NOT NULL REFERENCES bids (id),
        envelope text NOT NULL,
        content bytea,
        opened_at timestamptz NOT NULL,
        PRIMARY KEY (bid, envelope)
    )
    """,
    # A draft is its bidder's own, and changes as often as it likes.
    """
    CREATE TABLE bid_drafts (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        tender uuid NOT NULL REFERENCES tenders (id),
        lot text NOT NULL,
        bidder text NOT NULL,
        scheme text NOT NULL,
        financial bytea,
        technical bytea,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX bid_drafts_bidder ON bid_drafts (bidder, id)",
    "CREATE INDEX bids_bidder ON bids (bidder, id)",
    """
    CREATE TABLE bid_refusals (
        id uuid PRIMARY KEY,
        tender uuid NOT NULL REFERENCES tenders (id),
        bidder text NOT NULL,
        code text NOT NULL,
        refused_at timestamptz NOT NULL,
        signed text NOT NULL
    )
    """,
    "CREATE INDEX bid_refusals_bidder ON bid_refusals (bidder, refused_at)",
    """
    CREATE TABLE documents (
        digest text NOT NULL,
        organisation text NOT NULL,
        media_type text NOT NULL,
        size bigint NOT NULL,
        uploaded_at timestamptz NOT NULL,
        PRIMARY KEY (digest, organisation)
    )
    """,
    "CREATE INDEX documents_organisation ON documents (organisation, uploaded_at)",
    """
    CREATE TABLE tender_documents (
        tender uuid NOT NULL REFERENCES tenders (id),
        digest text NOT NULL,
        title text NOT NULL,
        attached_at timestamptz NOT NULL,
        PRIMARY KEY (tender, digest)
    )
    """,
    "CREATE INDEX tender_documents_digest ON tender_documents (digest)",
    """
    CREATE TABLE bid_documents (
        bid uuid NOT NULL REFERENCES bids (id),
        digest text NOT NULL,
        confidential boolean NOT NULL,
        PRIMARY KEY (bid, digest)
    )
    """,
    "CREATE INDEX bid_documents_digest ON bid_documents (digest)",
    # Whether somebody was verified is asked at an instant, also long after it.
    """
    CREATE TABLE bidder_verifications (
        arrival bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation text NOT NULL,
        since timestamptz NOT NULL,
        valid_until date
    )
    """,
    "CREATE INDEX bidder_verifications_organisation ON bidder_verifications (organisation, since, arrival)",
    """
    INSERT INTO bidder_verifications (organisation, since, valid_until)
        SELECT organisation, verified_at, valid_until FROM bidders WHERE verified_at IS NOT NULL
    """,
    *(
        _INSERT_ONLY.format(table=table)
        for table in ("bid_acts", "opened_envelopes", "bid_refusals", "bidder_verifications")
    ),
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
