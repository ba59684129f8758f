"""Yearly reports, and the indices that providers are compared by."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """
    CREATE TABLE yearly_reports (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL,
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz
    )
    """,
    "CREATE INDEX yearly_reports_due_at ON yearly_reports (due_at) WHERE waiting_for IS NOT NULL",
    """
    CREATE TABLE index_values (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation text NOT NULL,
        year integer NOT NULL,
        legal_form text NOT NULL,
        size_band text,
        recorded_at timestamptz NOT NULL,
        values jsonb NOT NULL
    )
    """,
    "CREATE INDEX index_values_latest ON index_values (year, organisation, number DESC)",
    """
    CREATE TRIGGER index_values_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON index_values
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
