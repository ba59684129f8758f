"""The coxswain command."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table

from onebox.commands_bench import bench
from onebox.commands_draw import draw
from onebox.commands_events import events
from onebox.commands_evidence import evidence
from onebox.commands_ledger import ledger
from onebox.commands_rules import rules
from onebox.options import DEFAULT_PORT, DEFAULT_URL, ClientId, ClientSecret, TokenUrl, Url, complaints, console
from onebox.people import DEMO_SECRET, PEOPLE

app = typer.Typer(
    help="Outsource public services by open competition, and have third parties supervise them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ocds = typer.Typer(help="Open contracting data of other publishers.", no_args_is_help=True)
app.add_typer(events, name="events")
app.add_typer(bench, name="bench")
app.add_typer(rules, name="rules")
app.add_typer(draw, name="draw")
app.add_typer(evidence, name="evidence")
app.add_typer(ledger, name="ledger")
app.add_typer(ocds, name="ocds")


@app.command()
def up(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = DEFAULT_PORT,
    empty: Annotated[bool, typer.Option("--empty", help="Do not load the sample on the first start.")] = False,
) -> None:
    """Start everything on this machine, as a sandbox."""
    from onebox.listening import CannotStart  # noqa: PLC0415
    from onebox.serving import Place, serve  # noqa: PLC0415 - the services take a second to import

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
def cluster(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var/cluster"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8100,
    workers: Annotated[list[str] | None, typer.Option(metavar="SERVICE=N", help="May be given again.")] = None,
    topic_prefix: Annotated[str, typer.Option(help="What the names of all topics begin with.")] = "",
) -> None:
    """Start the same services as processes of their own over Kafka and PostgreSQL, as a sandbox."""
    from onebox.cluster.processes import worker_counts  # noqa: PLC0415 - what it imports takes a second
    from onebox.cluster.running import Place, run  # noqa: PLC0415
    from onebox.listening import CannotStart  # noqa: PLC0415

    try:
        place = Place(data.resolve(), port, worker_counts(workers or ()), topic_prefix)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--workers") from problem
    try:
        run(place, lambda: _welcome(place.url), console.print)
    except CannotStart as problem:
        complaints.print(str(problem), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem


@app.command()
def journey(
    url: Url = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    accelerate: Annotated[bool, typer.Option(help="Let a day pass in a second; a sandbox allows it.")] = True,
    patience: Annotated[float, typer.Option(min=1, help="Seconds to wait for what is promised.")] = 20,
) -> None:
    """Walk one public service through its whole life, through the public REST APIs alone."""
    from onebox.journey.run import walk  # noqa: PLC0415 - only this command needs it

    walking = walk(url, accelerate=accelerate, as_json=as_json, console=console, patience=patience)
    raise typer.Exit(asyncio.run(walking))


@ocds.command("import")
def import_files(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: releases, records, packages, JSON Lines; gz too.")
    ],
    url: Url = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    client_id: ClientId = "importer",
    client_secret: ClientSecret = DEMO_SECRET,
    token_url: TokenUrl = None,
) -> None:
    """Read contracting processes of other publishers; exit code 3 says that some were refused."""
    from onebox.credentials import Credentials  # noqa: PLC0415 - only this command needs it
    from onebox.ocds.importing import import_paths  # noqa: PLC0415 - only this command needs it

    credentials = Credentials(client_id, client_secret, token_url)
    importing = import_paths(paths, url, as_json=as_json, console=console, credentials=credentials)
    raise typer.Exit(asyncio.run(importing))


@app.command(hidden=True)
def documents(
    folder: Annotated[Path, typer.Option(help="Where the API documents stand.")] = Path("docs/api"),
    check: Annotated[bool, typer.Option("--check", help="Only compare.")] = False,
) -> None:
    """Write the OpenAPI document of every service, and the diagrams of the lifecycles beside them."""
    from onebox.documents import diagrams, openapi_documents  # noqa: PLC0415 - only this command needs it

    texts = {
        folder / f"openapi-{name}.json": json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        for name, document in openapi_documents().items()
    }
    texts[folder.parent / "lifecycles.md"] = diagrams()
    stale = []
    for file, text in texts.items():
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
