"""Final quotes, sealed: every one that came, and who left before they were due."""

from alembic import op

revision = "0017"
down_revision = "0016"

_OWN = (
    """
    CREATE TABLE final_quotes (
        id uuid PRIMARY KEY,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        tender uuid NOT NULL REFERENCES tenders (id),
        round integer NOT NULL,
        bid uuid NOT NULL REFERENCES bids (id),
        status text NOT NULL,
        received_at timestamptz NOT NULL,
        digest text,
        salt text,
        scheme text,
        envelope bytea,
        receipt text NOT NULL,
        CONSTRAINT sealed_as_a_whole CHECK (num_nonnulls(digest, salt, scheme, envelope) IN (0, 4)),
        CONSTRAINT only_quotes_are_sealed CHECK ((status = 'submitted') = (envelope IS NOT NULL))
    )
    """,
    "CREATE INDEX final_quotes_bid ON final_quotes (bid, round, arrival)",
    "CREATE INDEX final_quotes_tender ON final_quotes (tender, round, bid, arrival)",
    """
    CREATE TRIGGER final_quotes_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON final_quotes
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
    """,
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
