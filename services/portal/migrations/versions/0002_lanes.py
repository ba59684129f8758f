"""The tables every service has beside its own, second version: lanes, key positions, the relay."""

from alembic import op

from shared.platform import tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in tables.statements("0002"):
        op.execute(statement)
