"""Which documents are evidence in a challenge, or belong to a contract."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE challenge_documents (
            challenge uuid NOT NULL REFERENCES challenges (id),
            digest text NOT NULL,
            PRIMARY KEY (challenge, digest)
        );
        CREATE INDEX challenge_documents_digest ON challenge_documents (digest);
        CREATE TABLE contract_documents (
            contract uuid NOT NULL REFERENCES contracts (id),
            digest text NOT NULL,
            PRIMARY KEY (contract, digest)
        );
        CREATE INDEX contract_documents_digest ON contract_documents (digest);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE contract_documents; DROP TABLE challenge_documents")
