"""`coxswain ledger verify` on a real database."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from budget.domain.line import new_line
from budget.main import create
from budget.settings import Settings
from onebox.box import REPOSITORY
from onebox.cli import app
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import running

AMOUNT = {"amount": "5000.00", "currency": "EUR"}
PLANTED = "UPDATE balances SET amount = amount - 100 WHERE stage = 'available'"


@pytest.fixture
def database(postgres: PostgresForTests) -> Iterator[str]:
    """A ledger with one line of 5,000.00 EUR."""
    migrations = REPOSITORY / "services" / "budget" / "migrations"
    url = postgres.new_database(postgres.template("budget", lambda owner: migrate(migrations, owner)))
    with asyncio.Runner() as runner:
        runner.run(appropriate(url))
    yield url
    postgres.drop(url)


async def appropriate(url: str) -> None:
    async with running(create, Settings, url) as budget:
        body = {"code": "social-care", "title": "Social care", "fiscal_year": 2026, "amount": AMOUNT}
        headers = budget.headers("p-finance", "org-city", "finance-officer")
        answer = await budget.client.post("/v1/appropriations", json=body, headers=headers)
        assert answer.status_code == 201, answer.text


async def plant(url: str) -> None:
    async with running(create, Settings, url) as budget:
        await budget.execute(PLANTED)


def verify(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["ledger", "verify", *words], env=environment)


def test_the_books_are_right_when_nothing_was_planted(database: str) -> None:
    ended = verify("--json", BUDGET_DATABASE_URL=database)
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout) == {"lines": 1, "transfers": 1, "differences": []}
    assert "1 transfers of 1 lines" in verify("--database", database).stdout


def test_what_was_planted_is_told_when_a_balance_was_changed(database: str) -> None:
    with asyncio.Runner() as runner:
        runner.run(plant(database))
    ended = verify("--database", database, "--json")
    assert ended.exit_code == 1
    found: list[dict[str, Any]] = json.loads(ended.stdout)["differences"]
    assert found[0] == {
        "line": str(new_line(code="social-care", title="", fiscal_year=2026, currency="EUR").id),
        "code": "social-care",
        "fiscal_year": 2026,
        "stage": "available",
        "check": "transfers",
        "balance": {"amount": "4999.00", "currency": "EUR"},
        "expected": {"amount": "5000.00", "currency": "EUR"},
    }
    assert [(one["stage"], one["check"]) for one in found] == [("available", "transfers"), ("appropriated", "stages")]
    table = verify("--database", database)
    assert table.exit_code == 1
    assert "4999.00 EUR" in table.stdout


def test_nothing_is_said_of_the_books_when_they_cannot_be_looked_through(
    database: str, postgres: PostgresForTests, tmp_path: Path
) -> None:
    empty = postgres.new_database()
    for words in (
        ("--database", empty),
        ("--database", database.replace(database.rpartition("/")[2], "no-such-database")),
        ("--database", "nonsense"),
        ("--data", str(tmp_path)),
    ):
        ended = verify(*words)
        assert (ended.exit_code, ended.stdout) == (2, ""), ended.output
    postgres.drop(empty)
