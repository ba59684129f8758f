"""What is owed becomes an order that one person approves and another one pays."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE TABLE payment_orders (
        number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        state text NOT NULL CHECK (state IN ('due', 'approved', 'paid')),
        document jsonb NOT NULL,
        waiting_for text,
        due_at timestamptz,
        ocid text NOT NULL,
        line_id uuid NOT NULL REFERENCES budget_lines (id),
        contract uuid NOT NULL,
        period text NOT NULL,
        payee text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('period', 'release', 'advance', 'interest')),
        currency text NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        paid bigint NOT NULL CHECK (paid >= 0),
        CHECK (paid <= amount),
        CHECK ((state = 'paid') = (paid = amount)),
        CHECK ((waiting_for IS NULL) = (due_at IS NULL))
    )
    """,
    "CREATE INDEX payment_orders_due_at ON payment_orders (due_at) WHERE waiting_for IS NOT NULL",
    "CREATE INDEX payment_orders_by_contract ON payment_orders (contract, number)",
    # What was paid until now was paid as soon as it was accepted, on an order of its own that nobody had to approve.
    """
    INSERT INTO payment_orders (id, version, state, document, ocid, line_id, contract, period, payee, kind, currency,
                                amount, paid)
    SELECT id, 1, 'paid',
           jsonb_build_object(
               'id', id, 'version', 1, 'kind', 'period', 'ocid', ocid, 'line', line_id, 'contract', contract,
               'period', period, 'payee', payee,
               'amount', jsonb_build_object('minor', amount, 'currency', currency),
               'paid', jsonb_build_object('minor', amount, 'currency', currency),
               'grade', grade, 'share', share::text, 'accepted_at', paid_at, 'due_at', paid_at,
               'derivation', '[]'::jsonb, 'state', 'paid', 'approved_by', NULL, 'approved_at', NULL),
           ocid, line_id, contract, period, payee, 'period', currency, amount, amount
    FROM payments ORDER BY number
    """,
    "ALTER TABLE payments DROP CONSTRAINT payments_contract_period_key",
    # Payments are insert-only for everybody; only the owner of the tables can say what the earlier ones were made on.
    "ALTER TABLE payments DISABLE TRIGGER payments_insert_only",
    """
    ALTER TABLE payments
        ADD COLUMN order_id uuid REFERENCES payment_orders (id),
        ADD COLUMN reference text,
        ADD COLUMN paid_by text NOT NULL DEFAULT 'the platform'
    """,
    "UPDATE payments SET order_id = id",
    "ALTER TABLE payments ALTER COLUMN order_id SET NOT NULL, ALTER COLUMN paid_by DROP DEFAULT",
    "ALTER TABLE payments ENABLE TRIGGER payments_insert_only",
    "CREATE INDEX payments_by_order ON payments (order_id)",
    # Of a graded period, what is payable is not yet what is paid.
    """
    UPDATE funds SET document = jsonb_set(document, '{contracts}', coalesce((
        SELECT jsonb_agg(contract || jsonb_build_object('milestones', (
            SELECT jsonb_agg((milestone - 'paid') || jsonb_build_object('payable', milestone -> 'paid') ORDER BY place)
            FROM jsonb_array_elements(contract -> 'milestones') WITH ORDINALITY AS one (milestone, place)
        )) ORDER BY number)
        FROM jsonb_array_elements(document -> 'contracts') WITH ORDINALITY AS each (contract, number)
    ), '[]'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
