"""What is withheld is kept amount by amount, each with its reason, until it is released or forfeited."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    """
    CREATE TABLE holds (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('held', 'appealed', 'released', 'forfeited', 'partly')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        clock_at timestamptz,
        ocid text NOT NULL,
        line_id uuid NOT NULL REFERENCES budget_lines (id),
        contract uuid NOT NULL,
        period text NOT NULL,
        payee text NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        released bigint NOT NULL CHECK (released >= 0),
        forfeited bigint NOT NULL CHECK (forfeited >= 0),
        CHECK (released + forfeited <= amount),
        CHECK ((state IN ('held', 'appealed')) = (released + forfeited < amount)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX holds_due_at ON holds (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX holds_clock_at ON holds (clock_at) WHERE clock_at IS NOT NULL",
    "CREATE INDEX holds_by_contract ON holds (contract, number)",
    # What is held already was held for the grade alone. Nobody was told of an appeal: its time begins now.
    """
    INSERT INTO holds (id, version, state, document, waiting_for, due_at, ocid, line_id, contract, period, payee,
                       currency, amount, released, forfeited)
    SELECT one.id, 1, 'held',
           jsonb_build_object(
               'id', one.id, 'version', 1, 'ocid', ocid, 'line', line_id,
               'contract', contract -> 'contract' -> 'id', 'period', milestone -> 'period',
               'payee', contract -> 'contract' -> 'payee', 'reason', 'shortcoming',
               'text', 'Held for the grade of the period.', 'amount', milestone -> 'held',
               'released', jsonb_build_object('minor', 0, 'currency', currency),
               'forfeited', jsonb_build_object('minor', 0, 'currency', currency),
               'condition', jsonb_build_object('when', 'decision', 'grade', NULL, 'days', NULL),
               'grade', milestone -> 'grade',
               'share', round((milestone -> 'payable' ->> 'minor')::numeric
                              / (milestone -> 'amount' ->> 'minor')::numeric, 4)::text,
               'notified_at', now(), 'appeal_until', now() + interval '14 days', 'decision_due', due_at,
               'release_at', NULL, 'state', 'held', 'appealed_at', NULL, 'grounds', NULL, 'proposal', NULL),
           'a decision on what is held', due_at, ocid, line_id, (contract -> 'contract' ->> 'id')::uuid,
           milestone ->> 'period', contract -> 'contract' ->> 'payee', currency,
           (milestone -> 'held' ->> 'minor')::bigint, 0, 0
    FROM funds
    CROSS JOIN jsonb_array_elements(document -> 'contracts') AS contract
    CROSS JOIN jsonb_array_elements(contract -> 'milestones') AS milestone
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE milestone IS NOT NULL) AS one
    WHERE (milestone -> 'held' ->> 'minor')::bigint > 0
    """,
    "UPDATE funds SET waiting_for = NULL, due_at = NULL, document = document - 'decision_due'",
    "ALTER TABLE pending_grades ADD COLUMN kpis jsonb NOT NULL DEFAULT '{}'",
    "ALTER TABLE pending_grades ALTER COLUMN kpis DROP DEFAULT",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
