"""Framework agreements under a ceiling, and quotes for orders, sealed."""

from alembic import op

revision = "0011"
down_revision = "0010"

_OWN = (
    """
    CREATE TABLE frameworks (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        tender uuid NOT NULL REFERENCES tenders (id),
        ceiling_minor bigint NOT NULL,
        called_off_minor bigint NOT NULL,
        clock_at timestamptz,
        CONSTRAINT called_off_within_ceiling CHECK (called_off_minor BETWEEN 0 AND ceiling_minor)
    )
    """,
    "CREATE INDEX frameworks_due_at ON frameworks (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX frameworks_clock_at ON frameworks (clock_at) WHERE clock_at IS NOT NULL",
    """
    CREATE TABLE quotes (
        id uuid PRIMARY KEY,
        arrival bigint GENERATED ALWAYS AS IDENTITY,
        framework uuid NOT NULL REFERENCES frameworks (id),
        competition uuid NOT NULL,
        supplier text NOT NULL,
        supplier_name text NOT NULL,
        received_at timestamptz NOT NULL,
        digest text NOT NULL,
        scheme text NOT NULL,
        envelope bytea NOT NULL
    )
    """,
    "CREATE INDEX quotes_competition ON quotes (competition, supplier, arrival)",
    """
    CREATE TRIGGER quotes_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON quotes
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
    """,
    # What is read may be a bid or a quote.
    "ALTER TABLE sealed_reads DROP CONSTRAINT sealed_reads_bid_fkey",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
