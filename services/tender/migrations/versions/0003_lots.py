"""Each lot has its own course and its own awards; time acts on procedures."""

from alembic import op

revision = "0003"
down_revision = "0002"

_OWN = (
    "ALTER TABLE tenders ADD COLUMN clock_at timestamptz",
    "CREATE INDEX tenders_clock_at ON tenders (clock_at) WHERE clock_at IS NOT NULL",
    "DROP INDEX bids_tender",
    "CREATE INDEX bids_tender ON bids (tender, lot, bidder, arrival)",
    # Until now a tender had one lot, whose award stood beside it, and the prices were opened with the bids: one that is
    # being evaluated still is, and the opening of its prices finds none that is sealed.
    """
    UPDATE tenders SET
        state = CASE state WHEN 'standstill' THEN 'award' WHEN 'awarded' THEN 'complete' ELSE state END,
        document = (document - 'award') || jsonb_build_object(
            'status', CASE state WHEN 'standstill' THEN 'award' WHEN 'awarded' THEN 'complete' ELSE state END,
            'prices_opened_at', document -> 'opened_at',
            'bids', (
                SELECT coalesce(jsonb_agg(bid || jsonb_build_object('lot', document #> '{content,lots,0,id}')), '[]')
                FROM jsonb_array_elements(document -> 'bids') AS bid
            ),
            'lots', CASE WHEN document ->> 'published_at' IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(
                jsonb_build_object(
                    'id', document #> '{content,lots,0,id}',
                    'status', CASE state WHEN 'awarded' THEN 'complete' WHEN 'unsuccessful' THEN 'unsuccessful'
                                         WHEN 'cancelled' THEN 'cancelled' ELSE 'active' END,
                    'awards', CASE WHEN jsonb_typeof(document -> 'award') = 'object' THEN jsonb_build_array(
                        (document -> 'award') || jsonb_build_object(
                            'lot', document #> '{content,lots,0,id}',
                            'bid', (
                                SELECT bid -> 'bid' FROM jsonb_array_elements(document -> 'bids') AS bid
                                WHERE bid #> '{bidder,id}' = document #> '{award,supplier,id}' LIMIT 1
                            ),
                            'ranking', '[]'::jsonb,
                            'confirmation_due', coalesce(document -> 'due_at', 'null'::jsonb),
                            'status', CASE state WHEN 'awarded' THEN 'active' WHEN 'cancelled' THEN 'cancelled'
                                                 ELSE 'pending' END
                        )
                    ) ELSE '[]'::jsonb END
                )
            ) END
        )
    """,
    """
    UPDATE tenders SET document = jsonb_set(
        document, '{lots,0,awards,0,confirmation_due}', document #> '{lots,0,awards,0,standstill_ends_at}'
    ) WHERE document #> '{lots,0,awards,0,confirmation_due}' = 'null'::jsonb
    """,
)


def upgrade() -> None:
    for statement in _OWN:
        op.execute(statement)
