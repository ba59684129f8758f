"""The secrets that the commitments to draws of invitees are made to."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE invitation_secrets (
            invitation uuid PRIMARY KEY REFERENCES invitations (id),
            secret bytea NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE invitation_secrets")
