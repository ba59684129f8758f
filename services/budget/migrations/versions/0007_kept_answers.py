"""The tables every service has beside its own, third version: answers that are forgotten."""

from alembic import op

from shared.platform import tables

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for statement in tables.statements("0003"):
        op.execute(statement)
