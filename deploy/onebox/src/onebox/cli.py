"""The coxswain command."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from onebox.people import DEMO_SECRET, PEOPLE

DEFAULT_PORT = 8000
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

app = typer.Typer(
    help="Outsource public services by open competition, and have third parties supervise them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
events = typer.Typer(help="The public event log.", no_args_is_help=True)
ocds = typer.Typer(help="Open contracting data of other publishers.", no_args_is_help=True)
app.add_typer(events, name="events")
app.add_typer(ocds, name="ocds")
console = Console()
complaints = Console(stderr=True)

Url = Annotated[str, typer.Option(help="The address of a running Coxswain.")]


@app.command()
def up(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = DEFAULT_PORT,
    empty: Annotated[bool, typer.Option("--empty", help="Do not load the sample on the first start.")] = False,
) -> None:
    """Start everything on this machine, as a sandbox."""
    from onebox.serving import CannotStart, Place, serve  # noqa: PLC0415 - the services take a second to import

    async def once_ready(place: Place) -> None:
        if not empty:
            from onebox.sample import load_sample  # noqa: PLC0415 - only where the sample is wanted

            await load_sample(place, console)
        _welcome(place.url)

    try:
        serve(Place(data.resolve(), port), once_ready, console.print)
    except CannotStart as problem:
        complaints.print(str(problem), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem


@app.command()
def journey(
    url: Url = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    accelerate: Annotated[bool, typer.Option(help="Let a day pass in a second; a sandbox allows it.")] = True,
) -> None:
    """Walk one public service through its whole life, through the public REST APIs alone."""
    from onebox.journey.run import walk  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(asyncio.run(walk(url, accelerate=accelerate, as_json=as_json, console=console)))


@events.command("tail")
def tail(
    url: Url = DEFAULT_URL,
    service: Annotated[list[str] | None, typer.Option(help="Only this service; may be given again.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this position.")] = 0,
    follow: Annotated[bool, typer.Option(help="Go on as events come.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one CloudEvent a line.")] = False,
) -> None:
    """Print events as they happen."""
    from onebox.tail import tail_events  # noqa: PLC0415 - only this command needs it

    services = tuple(service or ("tender", "budget", "evaluation", "provider-registry"))
    code = asyncio.run(tail_events(url, services, after=after, follow=follow, as_json=as_json, console=console))
    raise typer.Exit(code)


@ocds.command("import")
def import_files(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: releases, records, packages, JSON Lines; gz too.")
    ],
    url: Url = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    client_id: Annotated[str, typer.Option(envvar="COXSWAIN_CLIENT_ID", help="Who imports.")] = "importer",
    client_secret: Annotated[
        str, typer.Option(envvar="COXSWAIN_CLIENT_SECRET", help="Better given by the environment.", show_default=False)
    ] = DEMO_SECRET,
    token_url: Annotated[
        str | None, typer.Option(envvar="COXSWAIN_TOKEN_URL", help="The token endpoint of your own issuer.")
    ] = None,
) -> None:
    """Read contracting processes of other publishers; exit code 3 says that some were refused."""
    from onebox.ocds.importing import import_paths  # noqa: PLC0415 - only this command needs it
    from onebox.ocds.service import Credentials  # noqa: PLC0415 - only this command needs it

    credentials = Credentials(client_id, client_secret, token_url)
    importing = import_paths(paths, url, as_json=as_json, console=console, credentials=credentials)
    raise typer.Exit(asyncio.run(importing))


@app.command(hidden=True)
def documents(
    folder: Annotated[Path, typer.Option(help="Where the API documents stand.")] = Path("docs/api"),
    check: Annotated[bool, typer.Option("--check", help="Only compare.")] = False,
) -> None:
    """Write the OpenAPI document of every service."""
    from onebox.documents import openapi_documents  # noqa: PLC0415 - only this command needs it

    stale = []
    for name, document in openapi_documents().items():
        file = folder / f"openapi-{name}.json"
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        if check and (not file.exists() or file.read_text("utf-8") != text):
            stale.append(str(file))
        elif not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    if stale:
        complaints.print(f"Not up to date: {', '.join(stale)}. Run `make documents`.")
        raise typer.Exit(1)


def _welcome(url: str) -> None:
    doors = Table.grid(padding=(0, 2))
    for what, where in (
        ("Portal", url),
        ("API of each service", f"{url}/tender/docs  {url}/budget/docs"),
        ("", f"{url}/evaluation/docs  {url}/provider-registry/docs"),
        ("Event feed", f"{url}/tender/v1/events (and each of the others)"),
        ("Access tokens", f"POST {url}/identity/token, secret “{DEMO_SECRET}” for: {PEOPLE[2].client_id},"),
        ("", ", ".join(person.client_id for person in PEOPLE if person is not PEOPLE[2])),
        ("Try", f"coxswain journey --url {url}"),
    ):
        doors.add_row(f"[bold]{what}[/bold]", where)
    console.print(
        Panel(doors, title="Coxswain is up: a sandbox on this machine", subtitle="Ctrl-C stops it", expand=False)
    )


def main() -> None:
    """Run the command."""
    app()
