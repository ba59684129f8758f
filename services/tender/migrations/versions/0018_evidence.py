"""Which documents are evidence in a challenge, or belong to a contract."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for thing in ("challenge", "contract"):
        op.execute(
            f"""
            CREATE TABLE {thing}_documents (
                {thing} uuid NOT NULL REFERENCES {thing}s (id),
                digest text NOT NULL,
                PRIMARY KEY ({thing}, digest)
            )
            """
        )
        op.execute(f"CREATE INDEX {thing}_documents_digest ON {thing}_documents (digest)")


def downgrade() -> None:
    op.execute("DROP TABLE contract_documents")
    op.execute("DROP TABLE challenge_documents")
