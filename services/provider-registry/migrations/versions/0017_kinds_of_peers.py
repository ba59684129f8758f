"""Providers are compared with those of the same kind of legal form, of which there are many forms now."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE index_values RENAME COLUMN legal_form TO kind")
