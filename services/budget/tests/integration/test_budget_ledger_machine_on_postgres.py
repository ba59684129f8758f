"""The same machine with the real tables: what unit tests imitate in twenty lines is the database here."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from ledger_machine import AT, EXPIRED, Ledger
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from budget.db import ledger
from budget.domain.ledger import Stage, Transfer
from budget.domain.line import Line
from budget.domain.reservation import ReservationRequest
from budget.messaging.publish import published
from budget.usecases import reservations
from budget.usecases.reservations import Asking
from shared.kernel.errors import DomainError
from shared.platform.database import create_engine
from shared.platform.work import Work
from shared.testing.depth import examples
from shared.testing.postgres import PostgresForTests


class PostgresBooks:
    """The ledger's own functions, each call in a transaction of its own."""

    def __init__(self, runner: asyncio.Runner, engine: AsyncEngine) -> None:
        self.runner, self.engine = runner, engine
        self.lines: list[Line] = []

    def open(self, line: Line) -> None:
        self.lines.append(line)
        self.committed(lambda connection: ledger.line_for_change(connection, line))

    def enter(self, entries: Sequence[Transfer]) -> bool:
        with contextlib.suppress(DomainError, IntegrityError):
            self.committed(lambda connection: ledger.post(connection, entries))
            return True
        return False

    def ask(self, request: ReservationRequest) -> str:
        (outcome,) = self.committed(
            lambda connection: reservations.reserve(work(connection, AT), [Asking(request, "p-finance")])
        )
        if outcome.refusal is not None:
            return str(outcome.refusal.code)
        return "created" if outcome.created else "exists"

    def end(self, identifier: UUID, *, expired: bool) -> bool:
        def ending(connection: AsyncConnection) -> Coroutine[Any, Any, Any]:
            if expired:
                return reservations.let_time_act(work(connection, EXPIRED), identifier)
            return reservations.release(work(connection, AT), identifier, "Not needed.")

        with contextlib.suppress(DomainError):
            self.committed(ending)
            return True
        return False

    def balances(self) -> dict[tuple[UUID, Stage], int]:
        found = self.committed(lambda connection: ledger.balances_of(connection, self.lines))
        return {(line, stage): one.minor for line, stages in found.items() for stage, one in stages.items()}

    def transfers(self) -> list[Transfer]:
        return [
            entry
            for line in self.lines
            for entry in self.committed(
                lambda connection, line=line: ledger.transfers_of_line(connection, line.id, None, 1_000)
            )
        ]

    def committed(self, act: Any) -> Any:
        async def run() -> Any:
            async with self.engine.begin() as connection:
                return await act(connection)

        return self.runner.run(run())


def work(connection: AsyncConnection, now: Any) -> Work:
    return Work(connection, now, sandbox=False, publish=published)


@pytest.fixture
def books(postgres: PostgresForTests, budget_template: str) -> Iterator[tuple[asyncio.Runner, AsyncEngine]]:
    url = postgres.new_database(budget_template)
    with asyncio.Runner() as runner:
        engine = create_engine(url, pool_size=1)
        yield runner, engine
        runner.run(engine.dispose())
    postgres.drop(url)


def test_the_ledger_is_as_the_clerk_has_it_when_it_is_kept_in_the_database(
    books: tuple[asyncio.Runner, AsyncEngine],
) -> None:
    run_state_machine_as_test(
        lambda: Ledger(PostgresBooks(*books)),
        settings=settings(
            max_examples=examples(20),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
