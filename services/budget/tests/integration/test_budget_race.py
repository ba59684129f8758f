"""Thirty-two at once want more than a line has, many of them twice; what is planted is found by the same check."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from budget.db import ledger
from budget.db.tables import transfers
from budget.domain.ledger import Transfer, changes
from budget.domain.reservation import ReservationRequest
from budget.messaging.publish import published
from budget.usecases import reservations
from budget.usecases.reservations import Asking, Outcome
from budget.usecases.verification import verify
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.platform.database import create_engine, is_passing
from shared.platform.gathering import Gathering
from shared.platform.work import Work

WORKERS = 32
EACH = Money(100, "EUR")


@dataclass
class Attempt:
    """One request, and what was answered."""

    request: ReservationRequest
    answer: str = ""


@dataclass
class Race:
    """A line that has 60 % of what is wanted of it; a fifth of the attempts repeat others, some with another body."""

    budget: Any
    engine: AsyncEngine
    line: UUID
    attempts: list[Attempt]
    fitting: int
    processes: Iterator[Gathering[Asking, Outcome]] = field(default_factory=lambda: iter(()))

    async def run(self, *, together: int) -> None:
        """Let the workers take the attempts, most of them in groups, every fiftieth group one by one."""
        groups = [self.attempts[start : start + together] for start in range(0, len(self.attempts), together)]
        waiting = iter(enumerate(groups))

        async def worker() -> None:
            for number, group in waiting:
                for part in [[one] for one in group] if number % 50 == 0 else [group]:
                    while not await self.is_answered(part):
                        continue

        await asyncio.gather(*(worker() for _ in range(WORKERS)))

    async def is_answered(self, asked: Sequence[Attempt]) -> bool:
        """Ask, and where the database is too busy be ready to ask again, as every client is."""
        try:
            await self.ask(asked)
        except DBAPIError as error:
            if not is_passing(error):
                raise
            return False
        return True

    async def ask(self, asked: Sequence[Attempt]) -> None:
        asking = [Asking(one.request, "p-finance") for one in asked]
        if process := next(self.processes, None):
            outcomes: Sequence[Outcome] = [await process.ask(self.line, one) for one in asking]
        else:
            async with self.transaction() as work:
                outcomes = await reservations.reserve(work, asking)
        for one, outcome in zip(asked, outcomes, strict=True):
            one.answer = outcome.refusal.code if outcome.refusal else "created" if outcome.created else "exists"

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Work]:
        async with self.engine.begin() as connection:
            yield Work(connection, self.budget.service.clock.now(), sandbox=False, publish=published)

    async def check(self) -> None:
        """Nothing is overspent, every accepted id is there once, and every answer is the one of its id."""
        async with self.engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
            assert (await verify(snapshot)).differences == ()
            rows = (await snapshot.execute(text("SELECT id, purpose, state FROM reservations"))).all()
            entered = (await snapshot.execute(text("SELECT cause_event, count(*) FROM transfers GROUP BY 1"))).all()
        balances = await self.budget.balances(str(self.line))
        assert balances.get("available", 0) == 0
        assert balances["reserved"] == balances["appropriated"] == self.fitting
        kept = {row.id: row for row in rows}
        made = {row.id for row in rows if row.state == "reserved"}
        assert {cause: number for cause, number in entered if cause is not None} == dict.fromkeys(made, 1)
        assert len(made) == self.fitting
        assert len(kept) - len(made) == len({one.request.id for one in self.attempts}) - self.fitting
        answers = Counter((one.request.id, one.request.purpose, one.answer) for one in self.attempts)
        for (identifier, purpose, answer), number in answers.items():
            if purpose != kept[identifier].purpose:
                assert answer == "exists-with-different-purpose"
            elif identifier in made:
                assert answer == "exists" or (answer, number) == ("created", 1)
            else:
                assert answer == "id-already-failed" or (answer, number) == ("insufficient-funds", 1)
        firsts = Counter(answer for _, _, answer in answers.elements())
        assert (firsts["created"], firsts["insufficient-funds"]) == (len(made), len(kept) - len(made))


@pytest.fixture
async def engine(budget: Any) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(
        str(budget.service.runtime.engine.url.render_as_string(hide_password=False)), pool_size=WORKERS
    )
    yield engine
    await engine.dispose()


def ordered(items: Sequence[Any], salt: str) -> list[Any]:
    """Put items in an order that looks like chance and is the same in every run."""
    return [items[place] for place in sorted(range(len(items)), key=lambda place: derived_id(salt, place))]


async def prepared(budget: Any, engine: AsyncEngine, number: int) -> Race:
    """Prepare so many attempts, in an order that is the same in every run."""
    wanted = number * 8 // 10
    fitting = wanted * 6 // 10
    line = UUID(await budget.appropriate(fitting))
    requests = [
        ReservationRequest(id=derived_id("race", place), line=line, amount=EACH, purpose="Rent")
        for place in range(wanted)
    ]
    again = ordered(requests, "again")[: number - wanted]
    other = [replace(one, purpose="Salaries") if place % 10 == 0 else one for place, one in enumerate(again)]
    attempts = [Attempt(one) for one in (*requests, *other)]
    return Race(budget, engine, line, ordered(attempts, "first"), fitting)


async def test_nothing_is_overspent_when_a_hundred_thousand_race_for_sixty_percent(budget: Any, engine: Any) -> None:
    race = await prepared(budget, engine, 100_000)
    await race.run(together=100)
    await race.check()


async def test_nothing_is_overspent_when_those_who_come_alone_to_two_processes_share_transactions(
    budget: Any, engine: Any
) -> None:
    race = await prepared(budget, engine, 4_000)
    race.processes = cycle(Gathering(race.transaction, reservations.reserve) for _ in range(2))
    await race.run(together=1)
    await race.check()


async def test_nothing_is_overspent_when_everybody_comes_alone(budget: Any, engine: Any) -> None:
    race = await prepared(budget, engine, 2_000)
    await race.run(together=1)
    await race.check()


Post = Callable[[AsyncConnection, Sequence[Transfer]], Any]


def writing(statement: str, *, reading: bool) -> Post:
    """Return a way to post that differs from the real one in how it moves a balance."""

    async def post(connection: AsyncConnection, entries: Sequence[Transfer]) -> Any:
        await connection.execute(transfers.insert(), [ledger._row(entry) for entry in entries])
        for line, stage, change in changes(entries):
            place = {"line": line, "stage": stage.value}
            where = "WHERE line_id = :line AND stage = :stage"
            found = await connection.scalar(text(f"SELECT amount FROM balances {where}"), place)
            if reading and found + change < 0:
                raise ledger.insufficient_funds()
            values = {"change": change, "total": found + change}
            await connection.execute(text(f"UPDATE balances SET {statement} {where}"), place | values)
        return {}

    return post


def bound_to_nothing(*_: Any) -> None:
    """Planted: whatever is asked under an id that is known, it is the same."""


async def test_the_race_finds_code_that_reads_before_it_writes(budget: Any, engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(ledger, "post", writing("amount = :total", reading=True))
    race = await prepared(budget, engine, 2_000)
    await race.run(together=1)
    with pytest.raises(AssertionError):
        await race.check()


async def test_the_race_finds_a_balance_below_zero_when_the_check_is_missing(
    budget: Any, engine: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(ledger, "post", writing("amount = amount + :change", reading=False))
    race = await prepared(budget, engine, 500)
    with pytest.raises(IntegrityError, match="balances_amount_check"):
        await race.run(together=1)
    await budget.service.execute_as_owner("ALTER TABLE balances DROP CONSTRAINT balances_amount_check")
    await race.run(together=1)
    with pytest.raises(AssertionError):
        await race.check()


async def test_the_race_finds_an_id_that_is_not_bound_to_its_body(budget: Any, engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(reservations, "expect_same", bound_to_nothing)
    race = await prepared(budget, engine, 2_000)
    await race.run(together=20)
    with pytest.raises(AssertionError):
        await race.check()
