"""The commands on evidence packs: whether one is what was issued, and the documents with it those it names."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from onebox.options import address, complaints, console
from onebox.printing import json_text, printable
from onebox.reading import Unreadable, read_json

_EXIT_CODES = (
    "Exit codes: 0, everything is as it should be; 1, something is not; 2, the file, the folder or the feed cannot be "
    "read or is none."
)
_LARGEST = 8 * 1024 * 1024

evidence = typer.Typer(help="What providers have proved.", no_args_is_help=True)


@evidence.callback()
def _evidence() -> None:
    # One command alone would otherwise be called without its name.
    return None


@evidence.command("verify", epilog=_EXIT_CODES)
def verify(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="The pack, as GET …/evidence-pack gives it; - reads standard input."),
    ],
    documents: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the documents are, under whatever names.")
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day to hold on; without one, that of the pack.", metavar="DAY"),
    ] = None,
    digest: Annotated[str | None, typer.Option(help="The digest that the bid cites.")] = None,
    feed: Annotated[
        str | None, typer.Option(callback=address, metavar="URL", help="The Coxswain whose log is asked.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check an evidence pack: its digest, the documents it names, and whether they hold on a day."""
    from provider_registry.domain.evidence_pack_check import UnusablePackError, check  # noqa: PLC0415 - only here

    pack = _read(file)
    try:
        checked = check(
            pack,
            on=day.date() if day else _day_of(pack),
            files=None if documents is None else _digests(documents),
            cited=digest,
            issued=None if feed is None else _issued(feed, pack),
        )
    except UnusablePackError as error:
        raise _unusable(file, "it is no evidence pack") from error
    if as_json:
        rows = [{"what": one.what, "ok": one.kept} for one in checked.findings]
        document = {
            "ok": checked.kept,
            "digest": checked.digest,
            "organisation": checked.organisation,
            "findings": rows,
        }
        console.out(json_text(document, 2), highlight=False)
    else:
        console.print(Text(f"{printable(checked.organisation)}: {checked.digest}"), soft_wrap=True)
        for one in checked.findings:
            style = "" if one.kept else "red"
            console.print(Text(f"{'✓' if one.kept else '✗'} {printable(one.what)}", style=style), soft_wrap=True)
        console.print("All of it holds." if checked.kept else "Not all of it holds.")
    raise typer.Exit(0 if checked.kept else 1)


def _read(file: str) -> Any:
    try:
        return read_json(file, _LARGEST)
    except Unreadable as problem:
        raise _unusable(file, str(problem)) from problem


def _day_of(pack: Any) -> date:
    from provider_registry.domain.evidence_pack_check import UnusablePackError, day_of  # noqa: PLC0415 - only here

    try:
        return day_of(pack)
    except UnusablePackError as error:
        raise _unusable("The file", "it is no evidence pack") from error


def _digests(folder: Path) -> set[str]:
    try:
        found = set()
        for path in sorted(folder.iterdir()):
            if path.is_file():
                with path.open("rb") as content:
                    found.add(hashlib.file_digest(content, "sha256").hexdigest())
    except OSError as problem:
        raise _unusable(str(folder), problem.strerror or "it does not open") from problem
    return found


def _issued(url: str, pack: Any) -> dict[str, str]:
    import httpx  # noqa: PLC0415 - only where a feed is asked

    from onebox.replay.events import from_feed  # noqa: PLC0415
    from onebox.replay.unusable import Unusable  # noqa: PLC0415
    from shared.contracts.provider_evidence import EvidencePackIssued  # noqa: PLC0415

    organisation = pack.get("organisation") if isinstance(pack, dict) else None
    try:
        with httpx.Client(base_url=url, timeout=20, follow_redirects=True) as client:
            told = from_feed(client, "provider-registry", key=str(organisation))
            return {
                str(event.data.get("digest")): event.partitionkey
                for event in told
                if event.type == EvidencePackIssued.TYPE
            }
    except Unusable as problem:
        raise _unusable(url, "the feed does not answer as one") from problem


def _unusable(where: str, why: str) -> typer.Exit:
    complaints.print(Text(f"{printable(where)} cannot be used: {why}.", style="red"), soft_wrap=True)
    return typer.Exit(2)
