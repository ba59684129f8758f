"""Columns that tenders are searched by, worked out by the database from the document, so that they cannot differ."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Drafts are not public and so in no list.
_LISTED = "WHERE state <> 'draft'"
_STATEMENTS = (
    # An instant in a document names its offset, so that reading it depends on no setting.
    """
    CREATE FUNCTION instant_of(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS 'SELECT $1::timestamptz'
    """,
    """
    ALTER TABLE tenders
        ADD COLUMN service text GENERATED ALWAYS AS (document #>> '{service,code}') STORED,
        ADD COLUMN method text
            GENERATED ALWAYS AS (coalesce(document #>> '{content,procurement,method}', 'open')) STORED,
        ADD COLUMN pack text GENERATED ALWAYS AS (document ->> 'pack') STORED,
        ADD COLUMN currency text GENERATED ALWAYS AS (document #>> '{content,value,currency}') STORED,
        ADD COLUMN value_minor bigint GENERATED ALWAYS AS ((document #>> '{content,value,minor}')::bigint) STORED,
        ADD COLUMN closes_at timestamptz GENERATED ALWAYS AS (instant_of(document ->> 'closes_at')) STORED
    """,
    # Whatever is asked for in whatever combination is found without reading a document.
    f"""
    CREATE INDEX tenders_listed ON tenders (id)
        INCLUDE (state, buyer, service, method, pack, currency, value_minor, closes_at) {_LISTED}
    """,
    f"CREATE INDEX tenders_buyer ON tenders (buyer, id) {_LISTED}",
    f"CREATE INDEX tenders_service ON tenders (service, id) {_LISTED}",
    f"CREATE INDEX tenders_method ON tenders (method, id) {_LISTED}",
    f"CREATE INDEX tenders_pack ON tenders (pack, id) {_LISTED}",
    f"CREATE INDEX tenders_value ON tenders (currency, value_minor) {_LISTED}",
    f"CREATE INDEX tenders_closes_at ON tenders (closes_at) {_LISTED}",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
