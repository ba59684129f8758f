"""What was last told of whether each provider is eligible, and when it changes by itself."""

import json

from alembic import op
from sqlalchemy import text

from shared.kernel.ids import derived_id

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE eligibilities (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            state text NOT NULL,
            document jsonb NOT NULL,
            waiting_for text,
            due_at timestamptz,
            organisation text NOT NULL UNIQUE,
            clock_at timestamptz
        )
    """)
    op.execute("CREATE INDEX eligibilities_clock_at ON eligibilities (clock_at) WHERE clock_at IS NOT NULL")
    # Nothing was told of who was entered before: the clock does it at once.
    bind = op.get_bind()
    for organisation in bind.scalars(text("SELECT organisation FROM providers")).all():
        identifier = str(derived_id("eligibility", organisation))
        document = {"id": identifier, "version": 1, "organisation": organisation, "answers": [], "next_change": None}
        bind.execute(
            text(
                "INSERT INTO eligibilities (id, version, state, document, organisation, clock_at)"
                " VALUES (:id, 1, 'told', CAST(:document AS jsonb), :organisation, now())"
            ),
            {"id": identifier, "document": json.dumps(document), "organisation": organisation},
        )
