"""What the provider registry tells of who is eligible, as a history."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bidder_eligibilities (
            arrival bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            organisation text NOT NULL,
            since timestamptz NOT NULL,
            exclusions jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX bidder_eligibilities_organisation ON bidder_eligibilities (organisation, since, arrival)")
    op.execute("""
        CREATE TRIGGER bidder_eligibilities_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bidder_eligibilities
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_bid_change()
    """)
