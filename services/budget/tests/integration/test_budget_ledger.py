"""The limits hold in the database itself, whoever writes and however many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from budget.domain.funds_data import FundingRequest, GradedPeriod
from budget.domain.ledger import Cause
from budget.messaging.publish import published
from budget.usecases import commands
from shared.kernel.ids import derived_id, opaque_id
from shared.kernel.money import Money
from shared.platform.database import is_passing
from shared.platform.work import Work
from shared.rules.pack import load_pack


@pytest.fixture
async def engine(budget: Any) -> Any:
    """Enough connections that twenty reservations are in flight at once."""
    engine = create_async_engine(budget.service.runtime.engine.url, pool_size=20, max_overflow=0)
    yield engine
    await engine.dispose()


async def all_at_once(engine: AsyncEngine, attempt: Callable[[AsyncConnection, int], Awaitable[None]]) -> list[Any]:
    async def alone(number: int) -> None:
        async with engine.begin() as connection:
            await attempt(connection, number)

    return await asyncio.gather(*(alone(number) for number in range(20)), return_exceptions=True)


async def test_exactly_twelve_are_reserved_when_twenty_race_for_money_for_twelve(budget: Any, engine: Any) -> None:
    line = await budget.appropriate(1_299)  # twelve times 100, and 99
    now = budget.service.clock.now()

    async def reserve(connection: AsyncConnection, number: int) -> None:
        request = FundingRequest(f"ocds-race-{number}", derived_id("race", number), UUID(line), Money(10_000, "EUR"))
        work = Work(connection, now, sandbox=False, publish=published)
        await commands.answer_request(work, request, load_pack("model"), Cause(opaque_id(), now))

    assert await all_at_once(engine, reserve) == [None] * 20
    types = await budget.types()
    assert types.count("budget.reserved.v1") == 12
    assert types.count("budget.refused.v1") == 8
    assert await budget.balances(line) == {"appropriated": 1_299, "available": 99, "reserved": 1_200}
    answers = [event.data["available"]["amount"] for event in await budget.service.published()]
    reserved = [each for each, kind in zip(answers, types, strict=True) if kind == "budget.reserved.v1"]
    assert sorted(reserved) == sorted(f"{1_299 - 100 * number}.00" for number in range(1, 13))
    await budget.check_books()


def reading_first(line: str, write: Callable[[int], str]) -> Callable[[AsyncConnection, int], Awaitable[None]]:
    """The mistake that the ledger must not make: read, decide, then write; all have read before any writes."""
    everybody_has_read = asyncio.Barrier(20)

    async def reserve(connection: AsyncConnection, _: int) -> None:
        where = f"WHERE line_id = '{line}' AND stage ="
        amount = (await connection.execute(text(f"SELECT amount FROM balances {where} 'available'"))).scalar_one()
        await everybody_has_read.wait()
        if amount >= 10_000:
            await connection.execute(text(f"UPDATE balances SET amount = {write(amount)} {where} 'available'"))
            await connection.execute(text(f"UPDATE balances SET amount = amount + 10000 {where} 'reserved'"))

    return reserve


async def test_the_check_stops_the_thirteenth_when_code_reads_before_it_subtracts(budget: Any, engine: Any) -> None:
    line = await budget.appropriate(1_299)
    results = await all_at_once(engine, reading_first(line, lambda _: "amount - 10000"))
    assert sum(isinstance(result, IntegrityError) for result in results) == 8
    assert results.count(None) == 12
    assert (await budget.balances(line))["reserved"] == 1_200


async def test_the_books_show_the_overspending_when_code_writes_what_it_computed(budget: Any, engine: Any) -> None:
    line = await budget.appropriate(1_299)
    results = await all_at_once(engine, reading_first(line, lambda amount: str(amount - 10_000)))
    assert results == [None] * 20
    assert (await budget.balances(line))["reserved"] == 2_000  # of 1,299
    with pytest.raises(AssertionError):
        await budget.check_books()


def transferring(values: str) -> str:
    return (
        "INSERT INTO transfers (id, line_id, from_stage, to_stage, amount, ocid, cause_event, reason, at) "
        f"SELECT gen_random_uuid(), id, {values}, 'Planted.', now() FROM budget_lines"
    )


@pytest.mark.parametrize("table", ["transfers", "payments"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET amount = amount + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE", "DELETE FROM {} WHERE false"],
)
async def test_what_was_entered_stays_when_somebody_tries_to_change_it(budget: Any, table: str, statement: str) -> None:
    await budget.appropriate()
    with pytest.raises(DBAPIError, match="insert-only"):
        await budget.service.execute_as_owner(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balances SET amount = -1 WHERE stage = 'available'",
        "INSERT INTO balances SELECT id, 'elsewhere', 0 FROM budget_lines",
        transferring("'appropriated', 'available', 0, NULL, NULL"),
        transferring("'appropriated', 'paid', 1, NULL, NULL"),
        transferring("'available', 'committed', 1, 'ocds-test-1', gen_random_uuid()"),
        transferring("'available', 'reserved', 1, 'ocds-test-1', NULL"),
        transferring("'available', 'reserved', 1, NULL, NULL"),
        "UPDATE funds SET reserved = 0",
        "UPDATE funds SET committed = 1",
        "UPDATE funds SET held = 1",
        "UPDATE funds SET state = 'committed'",
        "UPDATE funds SET contract_value = 1",
        "UPDATE funds SET waiting_for = 'nothing'",
    ],
)
async def test_the_database_refuses_when_a_limit_is_broken(budget: Any, procedure: Any, statement: str) -> None:
    line = await budget.appropriate()
    await budget.service.deliver("tender", procedure().requested(line, Money(100, "EUR")))
    with pytest.raises(IntegrityError):
        await budget.service.execute(statement)


async def test_a_transfer_happens_once_when_its_cause_is_handled_twice(budget: Any, engine: Any) -> None:
    line = await budget.appropriate(1_000)
    now = budget.service.clock.now()
    cause = Cause(opaque_id(), now)

    async def reserve(ocid: str) -> None:
        request = FundingRequest(ocid, derived_id(ocid), UUID(line), Money(100, "EUR"))
        async with engine.begin() as connection:
            work = Work(connection, now, sandbox=False, publish=published)
            await commands.answer_request(work, request, load_pack("model"), cause)

    await reserve("ocds-once")
    with pytest.raises(IntegrityError):
        await reserve("ocds-again")
    await budget.check_books()


async def test_a_line_is_begun_once_when_two_appropriations_race(budget: Any) -> None:
    body = {"code": "social-care", "title": "Social care", "fiscal_year": 2026}
    asked = {**body, "amount": {"amount": "100.00", "currency": "EUR"}}
    answers = await asyncio.gather(
        *(budget.service.client.post("/v1/appropriations", json=asked, headers=budget.officer()) for _ in range(6))
    )
    (begun,) = [answer for answer in answers if answer.status_code == 201]
    assert [answer.json()["code"] for answer in answers if answer is not begun] == ["line-exists"] * 5
    assert await budget.balances(begun.json()["id"]) == {"appropriated": 100, "available": 100}
    await budget.check_books()


async def test_a_contract_waits_when_a_grade_of_its_procedure_is_being_entered(
    budget: Any, procedure: Any, engine: Any
) -> None:
    case = procedure()
    line = await budget.appropriate(1_000)
    await budget.service.deliver("tender", case.requested(line, Money(10_000, "EUR")))
    graded = GradedPeriod(ocid=case.ocid, contract=case.contract, period="2026-01", provider="org-oarsmen", grade="A")
    now = budget.service.clock.now()
    async with engine.begin() as connection:
        work = Work(connection, now, sandbox=False, publish=published)
        await commands.settle(work, graded, load_pack("model"), Cause(opaque_id(), now))
        signing = asyncio.create_task(budget.service.deliver("tender", case.signed(100)))
        await asyncio.sleep(0.3)
        assert not signing.done()
    await signing
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "accrued": 100}


async def test_grades_and_contracts_meet_when_both_sources_are_read_at_once(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(100_000)
    cases = [procedure(number) for number in range(8)]
    await budget.service.deliver("tender", *(case.requested(line, Money(10_000, "EUR")) for case in cases))
    results = await asyncio.gather(
        budget.service.deliver("tender", *(case.signed(100) for case in cases)),
        budget.service.deliver("evaluation", *(case.graded("2026-01", "A") for case in reversed(cases))),
        return_exceptions=True,
    )
    # The two batches may lock each other out; that passes, and the source is read again.
    assert all(result is None or is_passing(result) for result in results)
    await budget.service.deliver("tender")
    await budget.service.deliver("evaluation")
    assert await budget.balances(line) == {"appropriated": 100_000, "available": 99_200, "accrued": 800}
    assert await budget.parked() == []
    await budget.check_books()
