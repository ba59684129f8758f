"""What makes the digests of quotes unguessable; quotes of before have digests of the envelope alone."""

from alembic import op

revision = "0015"
down_revision = "0014"

_OWN = (
    # A quote is never altered; the default gives those that are there an empty salt, with which their digests hold.
    "ALTER TABLE quotes ADD COLUMN salt text NOT NULL DEFAULT ''",
    "ALTER TABLE quotes ALTER COLUMN salt DROP DEFAULT",
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
