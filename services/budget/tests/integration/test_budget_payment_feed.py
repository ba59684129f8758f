"""The feed of payments, read while others pay: whoever goes on from where they were misses nothing."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from budget.db import payment_feed, payments
from budget.domain.payment_fact import Fact
from shared.kernel.ids import opaque_id
from shared.kernel.money import Money
from shared.platform.paging import write_cursor

PROCESSES, PARTS = 6, 5
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""


async def approved(budget: Any, procedure: Any) -> list[str]:
    """Owe 100 euros each in several contracting processes, so that payments do not wait for each other."""
    line = await budget.appropriate(100_000)
    for number in range(1, PROCESSES + 1):
        told = procedure(number)
        await budget.service.deliver("tender", told.requested(line, Money(10_000, "EUR")), told.signed(100))
        await budget.service.deliver("evaluation", told.graded("2026-01", "A"))
    orders = [one["id"] for one in (await budget.get("/v1/payment-orders"))["items"]]
    for order in orders:
        assert (await budget.approve(order)).status_code == 200
    return orders


async def read_until(budget: Any, expected: int) -> list[Any]:
    """Follow the feed in small steps until so many facts have come."""
    seen: list[Any] = []
    after = 0
    while len(seen) < expected:
        page = await budget.get(f"/v1/payment-feed?after={after}&limit=3")
        seen += page["items"]
        after = page["next"]
        await asyncio.sleep(0)
    return seen


async def test_a_reader_misses_nothing_while_many_pay(budget: Any, procedure: Any) -> None:
    orders = await approved(budget, procedure)
    reader = asyncio.create_task(read_until(budget, PROCESSES * PARTS))
    answers = await asyncio.gather(
        *(budget.pay(order, Money(10_000 // PARTS, "EUR")) for _ in range(PARTS) for order in orders)
    )
    assert {answer.status_code for answer in answers} == {201}
    seen = await asyncio.wait_for(reader, 30)
    assert {one["payment"] for one in seen} == {answer.json()["id"] for answer in answers}
    places = [one["place"] for one in seen]
    assert places == sorted(set(places))


async def test_a_fact_waits_for_the_one_before_it_to_be_committed(budget: Any, procedure: Any) -> None:
    """Numbers are given before the commit: unless it waits, a later one could be read first, and the earlier never."""
    first, second, *_ = await approved(budget, procedure)
    made = [(await budget.pay(order, Money(100, "EUR"))).json() for order in (first, second)]
    at = budget.service.clock.now()
    engine = budget.service.runtime.engine
    async with engine.connect() as earlier, engine.connect() as later:
        await payment_feed.add_facts(earlier, Fact.SENT, [UUID(made[0]["id"])], at)
        waiting = asyncio.create_task(payment_feed.add_facts(later, Fact.SENT, [UUID(made[1]["id"])], at))
        async with asyncio.timeout(20):
            while not (await budget.service.execute(WAITING)).scalar_one():
                continue
        assert [one["fact"] for one in (await budget.get("/v1/payment-feed"))["items"]] == ["made", "made"]
        await earlier.commit()
        await waiting
        await later.commit()
    told = (await budget.get("/v1/payment-feed"))["items"][2:]
    assert [one["payment"] for one in told] == [payment["id"] for payment in made]


async def test_pages_of_payments_miss_nothing_that_has_the_lower_number_and_is_committed_later(
    budget: Any, procedure: Any
) -> None:
    first, second, *_ = await approved(budget, procedure)
    known = UUID((await budget.pay(first, Money(100, "EUR"))).json()["id"])
    async with budget.service.runtime.engine.connect() as slow:
        payment = await payments.find_payment(slow, known)
        assert payment is not None
        late = replace(payment, id=opaque_id())
        await payments.add_payment(slow, late)
        await budget.pay(second, Money(100, "EUR"))
        page = await budget.get("/v1/payments?limit=2")
        await payment_feed.add_facts(slow, Fact.MADE, [late.id], budget.service.clock.now())
        await slow.commit()
    last = page["items"][-1]["id"]
    assert [one["id"] for one in (await budget.get(f"/v1/payments?cursor={write_cursor(last)}"))["items"]] == [
        str(late.id)
    ]
