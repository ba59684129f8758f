"""The books are looked through from outside: whatever was planted in them is found."""

from typing import Any

import pytest

from budget.domain.ledger import Stage
from budget.domain.verification import Check
from budget.usecases.verification import Verification, verify
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

AVAILABLE, RESERVED, COMMITTED = Stage.AVAILABLE, Stage.RESERVED, Stage.COMMITTED


async def looked_through(budget: Any) -> Verification:
    async with budget.service.runtime.engine.connect() as connection:
        return await verify(await connection.execution_options(isolation_level="REPEATABLE READ"))


@pytest.fixture
async def line(budget: Any, procedure: Any) -> str:
    """A line with a contract that is bound, in part delivered, and a reservation of a finance system."""
    line = await budget.appropriate(10_000)
    case = procedure()
    await budget.service.deliver("tender", case.requested(line, Money(600_000, "EUR")), case.signed(1_000, 2_000))
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    await budget.pay_all()
    body = {"line": line, "amount": {"amount": "500.00", "currency": "EUR"}, "purpose": "Rent"}
    path = f"/v1/reservations/{derived_id('test-rent')}"
    assert (await budget.service.client.put(path, json=body, headers=budget.officer())).status_code == 201
    return str(line)


async def test_nothing_differs_when_the_books_are_right(budget: Any, line: str) -> None:
    other = await budget.appropriate(700, code="health")
    found = await looked_through(budget)
    assert found.differences == ()
    assert found.lines == len({line, other})
    assert found.transfers == sum(
        [len((await budget.get(f"/v1/lines/{one}/transfers"))["items"]) for one in (line, other)]
    )


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (
            "UPDATE balances SET amount = amount + 1 WHERE stage = 'available'",
            [(Check.TRANSFERS, AVAILABLE), (Check.STAGES, Stage.APPROPRIATED)],
        ),
        (
            """
            UPDATE balances SET amount = amount + CASE stage WHEN 'available' THEN 1 ELSE -1 END
            WHERE stage IN ('available', 'reserved')
            """,
            [(Check.TRANSFERS, AVAILABLE), (Check.TRANSFERS, RESERVED), (Check.HOLDERS, RESERVED)],
        ),
        (
            """
            INSERT INTO transfers (id, line_id, from_stage, to_stage, amount, cause_event, reason, at)
            SELECT gen_random_uuid(), id, 'reserved', 'committed', 1, gen_random_uuid(), 'Planted.', now()
            FROM budget_lines
            """,
            [(Check.TRANSFERS, RESERVED), (Check.TRANSFERS, COMMITTED)],
        ),
        ("UPDATE reservations SET state = 'released', ended_at = now()", [(Check.HOLDERS, RESERVED)]),
        ("UPDATE funds SET paid = paid - 1", [(Check.HOLDERS, Stage.ACCRUED)]),
        ("DELETE FROM funds", [(Check.HOLDERS, stage) for stage in Stage if stage in {"committed", "held"}]),
        ("DELETE FROM balances WHERE stage = 'held'", [(Check.TRANSFERS, Stage.HELD)]),
    ],
)
async def test_what_was_planted_is_found(
    budget: Any, line: str, planted: str, expected: list[tuple[Check, Stage]]
) -> None:
    await budget.service.execute(planted)
    found = await looked_through(budget)
    assert {str(one.line) for one in found.differences} == {line}
    assert set(expected) <= {(one.check, one.stage) for one in found.differences}
    assert found.differing[found.differences[0].line].code == "social-care"
    assert all(one.balance != one.expected for one in found.differences)
