"""Looks the budget's ledger through, as it stands at one instant, and prints what differs."""

import json

from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from budget.domain.verification import Difference
from budget.usecases.verification import Verification, verify
from shared.contracts.fields import money_text
from shared.kernel.money import Money
from shared.platform.database import create_engine


class Unverifiable(Exception):  # noqa: N818 - told to a person
    """Why the books could not be looked through: a sentence."""


async def verified(database: str) -> Verification:
    """Look through the books in one transaction that sees one instant and cannot write.

    Raises:
        Unverifiable: if the database does not answer, or is not the budget's.
    """
    try:
        engine = create_engine(database)
    except SQLAlchemyError as problem:
        raise Unverifiable("That is no address of a database.") from problem
    try:
        async with engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await verify(snapshot)
    except (SQLAlchemyError, OSError, ValueError) as problem:
        # The message of a driver may quote the address, and with it the password.
        raise Unverifiable(f"The budget's database cannot be looked through ({type(problem).__name__}).") from problem
    finally:
        await engine.dispose()


def show(console: Console, found: Verification, *, as_json: bool) -> None:
    """Print what was looked through, and each balance that is not what it should be."""
    if as_json:
        document = {
            "lines": found.lines,
            "transfers": found.transfers,
            "differences": [_written(found, one) for one in found.differences],
        }
        console.print(json.dumps(document), soft_wrap=True, highlight=False)
        return
    console.print(f"{found.transfers:,} transfers of {found.lines:,} lines.", highlight=False)
    if not found.differences:
        console.print("Every balance is what its transfers add up to, and what is set aside, bound and owed.")
        return
    table = Table(title="What differs", title_justify="left")
    for name in ("line", "year", "stage", "held to", "balance", "expected"):
        table.add_column(name, justify="right" if name in {"balance", "expected"} else "left")
    for one in found.differences:
        row = _written(found, one)
        table.add_row(
            str(row["code"] or row["line"]),
            str(row["fiscal_year"] or ""),
            one.stage.value,
            one.check.value,
            _figure(row["balance"]),
            _figure(row["expected"]),
        )
    console.print(table)


def _written(found: Verification, one: Difference) -> dict[str, object]:
    line = found.differing.get(one.line)
    return {
        "line": str(one.line),
        "code": line.code if line else None,
        "fiscal_year": line.fiscal_year if line else None,
        "stage": one.stage.value,
        "check": one.check.value,
        "balance": money_text(Money(one.balance, line.currency)) if line else one.balance,
        "expected": money_text(Money(one.expected, line.currency)) if line else one.expected,
    }


def _figure(amount: object) -> str:
    return f"{amount['amount']} {amount['currency']}" if isinstance(amount, dict) else str(amount)
