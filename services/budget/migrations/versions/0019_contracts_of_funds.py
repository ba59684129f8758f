"""Contracts are found in the funds that they bind, also before anything of them is owed or held."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX funds_contracts ON funds"
        " USING gin (jsonb_path_query_array(document, '$.contracts[*].contract.id') jsonb_path_ops)"
    )
