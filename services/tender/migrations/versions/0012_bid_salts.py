"""What makes the digests of envelopes unguessable; bids of before have digests of the envelope alone."""

from alembic import op

revision = "0012"
down_revision = "0011"

_OWN = (
    # A bid is never altered; the default gives those that are there an empty salt, with which their digests hold.
    "ALTER TABLE bids ADD COLUMN salt text NOT NULL DEFAULT '', ADD COLUMN technical_salt text DEFAULT ''",
    "ALTER TABLE bids ALTER COLUMN salt DROP DEFAULT, ALTER COLUMN technical_salt DROP DEFAULT",
    "ALTER TABLE bids ADD CONSTRAINT technical_has_salt CHECK (technical IS NULL OR technical_salt IS NOT NULL)",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
