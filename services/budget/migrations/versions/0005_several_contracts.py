"""Several contracts in one contracting process, and money that a contract gives back."""

from alembic import op

revision = "0005"
down_revision = "0002"

STATEMENTS = (
    # What one contract binds moves into a list; until now there was one contract at most.
    """
    UPDATE funds SET document = (document - '{contract,milestones,committed,accrued,paid,held}'::text[])
        || jsonb_build_object('contracts', CASE
            WHEN coalesce(document -> 'contract', 'null') = 'null' THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_object(
                'contract', document -> 'contract',
                'milestones', document -> 'milestones',
                'committed', document -> 'committed',
                'accrued', document -> 'accrued',
                'paid', document -> 'paid',
                'held', document -> 'held'
            ))
        END)
    """,
    "ALTER TABLE funds DROP CONSTRAINT funds_check",
    "ALTER TABLE funds DROP CONSTRAINT funds_contract_value_check",
    # While some lots have their contract, what the others need is still set aside.
    """
    ALTER TABLE funds
        ADD CONSTRAINT funds_reserved_state_check
            CHECK (CASE state WHEN 'reserved' THEN reserved > 0 WHEN 'committed' THEN true ELSE reserved = 0 END),
        ADD CONSTRAINT funds_contract_value_check CHECK (contract_value >= 0)
    """,
    "ALTER TABLE transfers DROP CONSTRAINT transfers_check",
    """
    ALTER TABLE transfers ADD CONSTRAINT transfers_check CHECK ((from_stage, to_stage) IN (
        ('appropriated', 'available'), ('available', 'reserved'), ('reserved', 'available'),
        ('reserved', 'committed'), ('committed', 'available'), ('committed', 'accrued'),
        ('accrued', 'paid'), ('accrued', 'held')
    ))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
