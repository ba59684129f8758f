"""What of evaluations is not public by the rule pack, by the digest that everybody is told."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE withheld (
            digest text PRIMARY KEY,
            tender uuid NOT NULL REFERENCES tenders (id),
            salt text NOT NULL,
            content jsonb NOT NULL,
            kept_at timestamptz NOT NULL
        )
        """
    )
    # A digest proves nothing of what could be changed together with it.
    op.execute(
        """
        CREATE TRIGGER withheld_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON withheld
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE withheld")
