"""Tender and budget, killed in the middle of what they do: what they agree on is agreed once."""

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("faults")

KILLS = 20
HUNDRED_DAYS_AS_A_SECOND = 8_640_000
# The end of a batch takes a while, so that kills come when everything is done and nothing is committed.
SLOWLY = """
    CREATE FUNCTION take_a_while() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
    CREATE TRIGGER slowly BEFORE UPDATE ON cursors FOR EACH ROW
        WHEN (OLD.position <> NEW.position) EXECUTE FUNCTION take_a_while();
"""


async def test_funds_are_reserved_once_when_services_are_killed_over_and_over(town: Any) -> None:
    for name in town.urls:
        await town.alter(name, SLOWLY)

    async def kill_over_and_over() -> None:
        for number in range(KILLS):
            name = ("tender", "budget")[number % 2]
            # At any moment, or at the worst one: a busy machine hardly ever meets that by chance.
            await (asyncio.sleep(number * 37 % 100 / 500) if number % 4 < 2 else town.midway(name, seconds=2))
            await town.restart(name)

    line = await town.published_amid(kill_over_and_over)
    town.assert_agreed_once(line)
    # Numbers that an undone transaction had taken are missing: some kills did come in the middle.
    undone = [int(town.sql(name, "SELECT max(serial) - count(*) FROM events;")[0]) for name in town.urls]
    assert sum(undone) > 0


async def test_nothing_happens_when_every_event_is_delivered_again(town: Any) -> None:
    async def no_trouble() -> None:
        return

    line = await town.published_amid(no_trouble)
    await town.kill_all()
    before = {name: town.dump(name) for name in town.urls}
    for name in town.urls:
        assert len(before[name]["key_positions"]) > 0
        await town.alter(name, "UPDATE cursors SET position = 0;")
        await town.start(name)
    await town.converged()
    await town.kill_all()
    assert {name: town.dump(name) for name in town.urls} == before
    town.assert_agreed_once(line)


async def test_publication_waits_and_is_reported_when_the_budget_does_not_answer(town: Any) -> None:
    line = await town.funded_line(1_000)
    draft = await town.drafted(line, 1_000, acceleration=HUNDRED_DAYS_AS_A_SECOND)
    await town.converged()
    await town.kill("budget")
    await town.ask_to_publish(draft)
    async with asyncio.timeout(60), town.client("tender") as client:
        while not (overdue := (await client.get("/v1/overdue")).json()):  # noqa: ASYNC110 - time passes by itself
            await asyncio.sleep(0.05)
    assert [(item["id"], item["waiting_for"]) for item in overdue] == [(draft["id"], "the budget's answer")]
    await town.start("budget")
    await town.converged()
    assert town.sql("tender", "SELECT state FROM tenders;") == ["active"]
