"""The commands on rules: questions in plain JSON, answered on this machine alone, as the services answer them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from onebox.options import DEFAULT_URL, ClientSecret, TokenUrl, address, complaints, console
from onebox.people import DEMO_SECRET
from onebox.printing import json_text, printable
from onebox.reading import Unreadable, read_json

_EXIT_CODES = (
    "Exit codes: 0, it is answered; 1, the input makes no sense, and a JSON problem says why; "
    "2, the file cannot be read or is no JSON."
)
File = Annotated[str, typer.Argument(metavar="FILE.json", help="A JSON document; - reads standard input.")]

rules = typer.Typer(help="Put questions to the rules, without a server.", no_args_is_help=True)


@rules.command("score", epilog=_EXIT_CODES)
def score(file: File) -> None:
    """Rank bids by a formula, with the derivation of every figure."""
    from shared.rules.questions.scoring import answer  # noqa: PLC0415 - only this command needs it

    _print_answer(answer, file)


@rules.command("abnormally-low", epilog=_EXIT_CODES)
def abnormally_low(file: File) -> None:
    """Find the bids that are so low that their bidders have to be asked."""
    from shared.rules.questions.abnormally_low import answer  # noqa: PLC0415 - only this command needs it

    _print_answer(answer, file)


@rules.command("deadline", epilog=_EXIT_CODES)
def deadline(file: File) -> None:
    """Reckon the last day of a period, step by step."""
    from shared.rules.questions.deadlines import answer  # noqa: PLC0415 - only this command needs it

    _print_answer(answer, file)


@rules.command("payment", epilog=_EXIT_CODES)
def payment(file: File) -> None:
    """Settle a period's amount by a payment formula: what is paid, held and deducted."""
    from shared.rules.questions.payment import answer  # noqa: PLC0415 - only this command needs it

    _print_answer(answer, file)


@rules.command("check", epilog=_EXIT_CODES)
def check(file: File) -> None:
    """Hold facts to every rule of a pack that can be checked on facts."""
    from shared.rules.questions.checks import answer  # noqa: PLC0415 - only this command needs it

    _print_answer(answer, file)


@rules.command(
    "replay",
    epilog="Exit codes: 0, it is replayed, and what could not be is listed; 2, what was given is of no use.",
)
def replay(
    pack: Annotated[str, typer.Option(metavar="PACK", help="A pack's id, id@version, or a YAML file of one.")],
    url: Annotated[
        str | None, typer.Option(callback=address, help=f"A running Coxswain; {DEFAULT_URL} unless a file is given.")
    ] = None,
    events: Annotated[Path | None, typer.Option(metavar="FILE.jsonl", help="CloudEvents, one a line.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the whole report here.")] = None,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw a chart; .vl.json keeps it as Vega-Lite.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="RULE=VALUE", help="Set a rule otherwise; bounds as 10..40.")
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=NUMBER",
            help="A parameter of the formula; ceiling, floor and k are shares of each lot's value.",
        ),
    ] = None,
    withheld: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help="Rankings that are not public, as the tender service shows them."),
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option(envvar="COXSWAIN_CLIENT_ID", help="Who asks the tender service for rankings that are not public."),
    ] = None,
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Decide past awards again under other rules, from the events; a ranking that was kept is held to its digest."""
    from onebox.credentials import Credentials  # noqa: PLC0415 - what it imports takes a second
    from onebox.replay import withheld as kept  # noqa: PLC0415
    from onebox.replay.run import run  # noqa: PLC0415
    from onebox.replay.unusable import Unusable  # noqa: PLC0415

    if url is not None and events is not None:
        raise typer.BadParameter("give either --url or --events")
    try:
        whole: kept.Show = kept.show_nothing
        if withheld is not None:
            whole = kept.from_file(withheld)
        elif client_id is not None and events is None:
            whole = kept.from_service(url or DEFAULT_URL, Credentials(client_id, client_secret, token_url))
        run(
            pack,
            events or url or DEFAULT_URL,
            settings=settings or (),
            parameters=parameters or (),
            whole=whole,
            out=out,
            chart=chart,
            as_json=as_json,
            console=console,
        )
    except Unusable as problem:
        complaints.print(Text(printable(str(problem)), style="red"), soft_wrap=True)
        raise typer.Exit(2) from problem


def _print_answer(answer: Callable[[Any], dict[str, Any]], file: str) -> None:
    from shared.kernel.errors import DomainError  # noqa: PLC0415 - what these import takes a second
    from shared.platform.problems import describe  # noqa: PLC0415

    document = _read(file)
    try:
        found = answer(document)
    except DomainError as refusal:
        problem = json.loads(bytes(describe(refusal).body))
        # Nothing was traced.
        del problem["trace_id"]
        console.out(json_text(problem, 2), highlight=False)
        raise typer.Exit(1) from refusal
    console.out(json_text(found, 2), highlight=False)


def _read(file: str) -> Any:
    from shared.platform.edge import LARGEST_BODY  # noqa: PLC0415 - what it imports takes a second

    try:
        return read_json(file, LARGEST_BODY)
    except Unreadable as problem:
        complaints.print(Text(f"{printable(file)} cannot be read: {problem}.", style="red"), soft_wrap=True)
        raise typer.Exit(2) from problem
