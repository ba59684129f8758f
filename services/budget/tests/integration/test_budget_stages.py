"""The ways that money may go are the same in the code and in the database, and a reversal undoes what it names."""

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from budget.db import ledger
from budget.domain.ledger import PERMITTED, Cause, Stage, Transfer, reversal
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import opaque_id
from shared.kernel.money import Money


def moved(budget: Any, line: str, start: Stage, end: Stage, units: int) -> Transfer:
    return Transfer(
        id=opaque_id(),
        line=UUID(line),
        from_stage=start,
        to_stage=end,
        amount=Money(units * 100, "EUR"),
        reason="Because.",
        at=budget.service.clock.now(),
        cause=opaque_id(),
    )


async def post(budget: Any, *entries: Transfer) -> Any:
    async with budget.service.runtime.engine.begin() as connection:
        return await ledger.post(connection, entries)


async def enter(budget: Any, entry: Transfer) -> None:
    """Enter a transfer without moving any balance, so that only its own limits can stop it."""
    values = (entry.id, entry.line, entry.from_stage, entry.to_stage, entry.amount.minor, entry.cause, entry.reverses)
    written = ", ".join(f"'{value}'" if value is not None else "NULL" for value in values)
    await budget.service.execute(
        "INSERT INTO transfers (id, line_id, from_stage, to_stage, amount, cause_event, reverses, reason, at) "
        f"VALUES ({written}, 'Planted.', now())"
    )


def undone(budget: Any, entered: Transfer) -> Transfer:
    return reversal(entered, Cause(opaque_id(), budget.service.clock.now()), "A mistake.")


async def test_the_database_permits_the_ways_of_the_domain_when_any_two_stages_are_tried(budget: Any) -> None:
    rows = await budget.service.execute(
        "SELECT a, b, is_permitted(a, b) FROM unnest(ARRAY[{0}]) AS a, unnest(ARRAY[{0}]) AS b".format(
            ", ".join(f"'{stage}'" for stage in Stage)
        )
    )
    permitted = {(Stage(start), Stage(end)) for start, end, allowed in rows if allowed}
    assert permitted == PERMITTED


async def test_a_transfer_goes_backwards_only_when_it_reverses(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    for way in permutations(Stage, 2):
        if way not in PERMITTED:
            with pytest.raises(IntegrityError, match="transfers_check"):
                await enter(budget, moved(budget, line, *way, 1))
    await budget.check_books()


async def test_the_stages_of_a_line_are_those_of_the_domain_when_it_was_begun(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    rows = await budget.service.execute("SELECT stage FROM balances")
    assert sorted(row.stage for row in rows) == sorted(Stage)
    assert set((await budget.get(f"/v1/lines/{line}"))["balances"]) == set(Stage)


async def test_money_comes_back_when_a_transfer_is_reversed(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    mistake = moved(budget, line, Stage.AVAILABLE, Stage.RELEASED, 300)
    await post(budget, mistake)
    assert await post(budget, undone(budget, mistake)) == {UUID(line): Money(100_000, "EUR")}
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    shown = (await budget.get(f"/v1/lines/{line}/transfers"))["items"]
    assert shown[-1]["reverses"] == str(mistake.id)
    await budget.check_books()


async def test_a_reversal_is_refused_when_it_differs_from_what_it_reverses(budget: Any) -> None:
    line, other = await budget.appropriate(1_000), await budget.appropriate(1_000, code="health")
    mistake = moved(budget, line, Stage.AVAILABLE, Stage.RESERVED, 300)
    await post(budget, mistake)
    right = undone(budget, mistake)
    for wrong in (
        replace(right, amount=Money(29_999, "EUR")),
        replace(right, line=UUID(other)),
        replace(right, from_stage=Stage.COMMITTED, to_stage=Stage.AVAILABLE),
        replace(right, reverses=opaque_id()),
    ):
        with pytest.raises(IntegrityError):
            await enter(budget, wrong)
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 700, "reserved": 300}


async def test_a_transfer_is_reversed_once_when_two_try(budget: Any) -> None:
    line = await budget.appropriate(1_000)
    mistake = moved(budget, line, Stage.AVAILABLE, Stage.RELEASED, 300)
    await post(budget, mistake, moved(budget, line, Stage.AVAILABLE, Stage.RELEASED, 300))
    back = undone(budget, mistake)
    await post(budget, back)
    again = replace(back, id=opaque_id())
    backwards = replace(
        back, id=opaque_id(), from_stage=mistake.from_stage, to_stage=mistake.to_stage, reverses=back.id
    )
    for wrong in (again, backwards):
        with pytest.raises(IntegrityError):
            await enter(budget, wrong)
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 700, "released": 300}
    await budget.check_books()


async def test_lines_change_together_or_not_at_all_when_transfers_are_linked(budget: Any) -> None:
    old, new = await budget.appropriate(1_000), await budget.appropriate(500, code="health")
    chain = opaque_id()
    carried = [
        replace(moved(budget, old, Stage.AVAILABLE, Stage.RELEASED, 400), chain=chain),
        replace(moved(budget, new, Stage.APPROPRIATED, Stage.AVAILABLE, 400), chain=chain),
    ]
    left = await post(budget, *carried)
    assert left == {UUID(old): Money(60_000, "EUR"), UUID(new): Money(90_000, "EUR")}
    too_much = [
        replace(moved(budget, new, Stage.APPROPRIATED, Stage.AVAILABLE, 601), chain=opaque_id()),
        replace(moved(budget, old, Stage.AVAILABLE, Stage.RELEASED, 601), chain=opaque_id()),
    ]
    with pytest.raises(NotAllowed, match="insufficient-funds"):
        await post(budget, *too_much)
    assert await budget.balances(old) == {"appropriated": 1_000, "available": 600, "released": 400}
    assert await budget.balances(new) == {"appropriated": 900, "available": 900}
    await budget.check_books()


async def test_nobody_waits_for_ever_when_two_lines_are_named_in_either_order(budget: Any) -> None:
    lines = [await budget.appropriate(1_000), await budget.appropriate(1_000, code="health")]
    linked = [
        [moved(budget, line, Stage.AVAILABLE, Stage.RELEASED, 1) for line in lines[:: -1 if number % 2 else 1]]
        for number in range(20)
    ]
    await asyncio.gather(*(post(budget, *entries) for entries in linked))
    for line in lines:
        assert await budget.balances(line) == {"appropriated": 1_000, "available": 980, "released": 20}
    await budget.check_books()
