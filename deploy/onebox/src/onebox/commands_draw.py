"""The commands on draws: whether a published draw comes out the same when it is drawn again, on this machine alone."""

from typing import Annotated, Any

import typer
from rich.text import Text

from onebox.options import complaints, console
from onebox.printing import json_text, printable
from onebox.reading import Unreadable, parsed, read_json

_EXIT_CODES = (
    "Exit codes: 0, every draw is as published; 1, one is not; 2, the file or the beacon cannot be read or is none."
)
_LARGEST = 8 * 1024 * 1024

draw = typer.Typer(help="Draw again what was drawn.", no_args_is_help=True)


@draw.callback()
def _draw() -> None:
    # One command alone would otherwise be called without its name.
    return None


@draw.command("verify", epilog=_EXIT_CODES)
def verify(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The record, as GET …/panel/record gives it; - reads standard input.")
    ],
    beacon: Annotated[
        str | None,
        typer.Option(metavar="FILE|URL", help="The beacon's round as the beacon itself publishes it (drand's JSON)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Replay a draw from its public record: commitment, beacon, order, who was passed over, who was replaced."""
    from shared.kernel.draw_record import UnusableRecordError  # noqa: PLC0415 - only this command needs it
    from shared.kernel.draw_record import verify as findings_of  # noqa: PLC0415

    record = _read_file(file)
    rounds = [] if beacon is None else [_read_beacon(beacon)]
    try:
        findings = findings_of(record, rounds)
    except UnusableRecordError as error:
        raise _unusable(file, "it is no record of draws") from error
    told = any(finding.what == "the beacon itself tells the same" for finding in findings)
    if rounds and not told:
        raise _unusable(str(beacon), "it is of no round that the record names")
    kept = all(finding.kept for finding in findings)
    if as_json:
        rows = [{"draw": one.draw, "what": one.what, "ok": one.kept} for one in findings]
        console.out(json_text({"ok": kept, "findings": rows}, 2), highlight=False)
    else:
        for one in findings:
            style = None if one.kept else "red"
            console.print(Text(f"{'✓' if one.kept else '✗'} draw {one.draw}: {one.what}", style=style or ""))
        console.print("As published." if kept else "Not as published.")
    raise typer.Exit(0 if kept else 1)


def _read_file(where: str) -> Any:
    try:
        return read_json(where, _LARGEST)
    except Unreadable as problem:
        raise _unusable(where, str(problem)) from problem


def _read_beacon(where: str) -> Any:
    if not where.startswith(("http://", "https://")):
        return _read_file(where)
    import httpx  # noqa: PLC0415 - only where a beacon is asked

    try:
        response = httpx.get(where, timeout=20, follow_redirects=True)
        response.raise_for_status()
    # An address that cannot be encoded is no address either.
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:
        raise _unusable(where, "the beacon does not answer") from problem
    try:
        return parsed(response.content, _LARGEST)
    except Unreadable as problem:
        raise _unusable(where, str(problem)) from problem


def _unusable(where: str, why: str) -> typer.Exit:
    complaints.print(Text(f"{printable(where)} cannot be used: {why}.", style="red"), soft_wrap=True)
    return typer.Exit(2)
