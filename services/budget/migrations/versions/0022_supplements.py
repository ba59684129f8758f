"""The sources of what supplementary budgets added to a line."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE budget_lines ADD COLUMN supplements jsonb NOT NULL DEFAULT '[]'")
