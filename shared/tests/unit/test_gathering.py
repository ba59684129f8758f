"""Those who ask at the same time share a transaction, and none of them notices the others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Invalid
from shared.platform.gathering import MOST, Gathering
from shared.platform.work import Work

LINE = "line"


@dataclass
class Transactions:
    """Writes down what each transaction carried out; it commits when it may."""

    committed: list[list[str]] = field(default_factory=list)
    begun: list[list[str]] = field(default_factory=list)
    may_commit: asyncio.Event = field(default_factory=asyncio.Event)
    refused: dict[str, Exception] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        yield Work(None, datetime(2026, 3, 2, tzinfo=UTC), sandbox=False, publish=None)  # type: ignore[arg-type]
        await self.may_commit.wait()
        self.committed.append(self.begun[-1])

    async def carry_out(self, _: Work, asked: Sequence[str]) -> Sequence[str]:
        self.begun.append(list(asked))
        await asyncio.sleep(0)
        for one in asked:
            if one in self.refused:
                raise self.refused[one]
        return [one.upper() for one in asked]


@pytest.fixture
def transactions() -> Transactions:
    return Transactions()


@pytest.fixture
def gathering(transactions: Transactions) -> Gathering[str, str]:
    return Gathering(transactions.begin, transactions.carry_out)


async def asking(gathering: Gathering[str, str], *asked: str, lane: str = LINE) -> list[asyncio.Task[str]]:
    """Ask for each, and return once all that can happen has happened."""
    tasks = [asyncio.create_task(gathering.ask(lane, one)) for one in asked]
    for _ in range(10):
        await asyncio.sleep(0)
    return tasks


def failed(*tasks: asyncio.Task[str]) -> list[Any]:
    return [task.exception() for task in tasks]


async def test_one_who_comes_alone_waits_for_nobody(gathering: Gathering[str, str], transactions: Transactions) -> None:
    transactions.may_commit.set()
    assert await gathering.ask(LINE, "a") == "A"
    assert await gathering.ask(LINE, "b") == "B"
    assert transactions.committed == [["a"], ["b"]]


async def test_those_who_come_while_a_transaction_runs_share_the_next(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    first = await asking(gathering, "a")
    others = await asking(gathering, "c", "b", "d")
    assert transactions.begun == [["a"]]
    transactions.may_commit.set()
    assert await asyncio.gather(*first, *others) == ["A", "C", "B", "D"]
    assert transactions.committed == [["a"], ["c", "b", "d"]]


async def test_nobody_is_answered_before_the_commit(gathering: Gathering[str, str], transactions: Transactions) -> None:
    tasks = await asking(gathering, "a", "b")
    assert transactions.begun == [["a", "b"]]
    assert not any(task.done() for task in tasks)
    transactions.may_commit.set()
    assert await asyncio.gather(*tasks) == ["A", "B"]


async def test_lanes_do_not_wait_for_each_other(gathering: Gathering[str, str], transactions: Transactions) -> None:
    await asking(gathering, "a")
    await asking(gathering, "b", lane="another")
    assert transactions.begun == [["a"], ["b"]]


async def test_a_transaction_has_a_bound(gathering: Gathering[str, str], transactions: Transactions) -> None:
    first = await asking(gathering, "first")
    others = await asking(gathering, *(f"n{number}" for number in range(MOST + 1)))
    transactions.may_commit.set()
    await asyncio.gather(*first, *others)
    assert [len(each) for each in transactions.committed] == [1, MOST, 1]


async def test_one_who_is_cancelled_before_it_begins_is_not_carried_out(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    first = await asking(gathering, "a")
    b, c = await asking(gathering, "b", "c")
    b.cancel()
    transactions.may_commit.set()
    assert await asyncio.gather(*first, c) == ["A", "C"]
    assert transactions.committed == [["a"], ["c"]]


async def test_others_do_not_notice_when_one_is_cancelled_amid_the_transaction(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    a, b = await asking(gathering, "a", "b")
    a.cancel()
    transactions.may_commit.set()
    assert await b == "B"
    assert a.cancelled()
    assert transactions.committed == [["a", "b"]]
    assert await gathering.ask(LINE, "c") == "C"


async def test_each_stands_for_itself_when_all_fail_together(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    transactions.may_commit.set()
    transactions.refused["b"] = Invalid("event-too-large", "Too large.")
    a, b, c = await asking(gathering, "a", "b", "c")
    assert (await a, await c) == ("A", "C")
    assert failed(b) == [transactions.refused["b"]]
    assert transactions.begun == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert transactions.committed == [["a"], ["c"]]


async def test_all_are_told_when_the_database_is_gone(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    transactions.may_commit.set()
    gone = transactions.refused["b"] = DBAPIError("COMMIT", {}, OSError(), connection_invalidated=True)
    a, b = await asking(gathering, "a", "b")
    assert failed(a, b) == [gone, gone]
    assert transactions.begun == [["a", "b"]]
    assert await gathering.ask(LINE, "c") == "C"


async def test_nobody_waits_for_ever_when_the_process_ends(
    gathering: Gathering[str, str], transactions: Transactions
) -> None:
    a, b = [*await asking(gathering, "a"), *await asking(gathering, "b")]
    for task in gathering._at_work:
        task.cancel()
    await asyncio.gather(a, b, return_exceptions=True)
    assert (a.cancelled(), b.cancelled(), transactions.committed) == (True, True, [])
