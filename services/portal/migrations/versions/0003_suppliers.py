"""A procedure with several lots has several suppliers, and is found by each of them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE procedures ADD COLUMN suppliers text[] NOT NULL DEFAULT '{}'")
    # Another publisher's ids name nobody in our registry.
    op.execute("""
        UPDATE procedures SET suppliers = ARRAY(SELECT jsonb_array_elements(document -> 'suppliers') ->> 'id')
        WHERE NOT external
    """)
    op.execute("ALTER TABLE procedures ALTER COLUMN suppliers DROP DEFAULT")
    op.execute("CREATE INDEX procedures_suppliers ON procedures USING gin (suppliers)")
    # Its index goes with it.
    op.execute("ALTER TABLE procedures DROP COLUMN supplier")
