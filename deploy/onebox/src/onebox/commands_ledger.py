"""The commands on the budget's ledger, read from its database."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from onebox.options import complaints, console

_EXIT_CODES = (
    "Exit codes: 0, the books are right; 1, something differs, and what is said; 2, they could not be looked through."
)

ledger = typer.Typer(help="Hold the budget's ledger to account.", no_args_is_help=True)


@ledger.command("verify", epilog=_EXIT_CODES)
def verify(
    database: Annotated[
        str | None,
        typer.Option(envvar="BUDGET_DATABASE_URL", help="The budget's database.", show_envvar=True),
    ] = None,
    data: Annotated[Path, typer.Option(help="Without it: the folder of a one-box that runs here.")] = Path("var"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Add up every transfer and compare with every balance, and the funds of all processes with both."""
    from onebox.verifying import Unverifiable, show, verified  # noqa: PLC0415 - what they import takes a second
    from shared.platform.embedded_postgres import DataFolderProblem, running_url  # noqa: PLC0415

    try:
        found = asyncio.run(verified(database or running_url(data.resolve(), "budget")))
    except (DataFolderProblem, Unverifiable) as problem:
        complaints.print(str(problem), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem
    show(console, found, as_json=as_json)
    raise typer.Exit(1 if found.differences else 0)
