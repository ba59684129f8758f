"""`coxswain rules replay`: read, decide again, tell."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpx
from rich.console import Console

from onebox.printing import json_text
from onebox.replay.chart import write_chart
from onebox.replay.events import from_feed, from_file
from onebox.replay.history import read_history
from onebox.replay.printing import show
from onebox.replay.terms import read_terms
from onebox.replay.unusable import Unusable
from onebox.replay.withheld import Show
from shared.contracts.event import Event
from shared.rules.replay_report import report
from shared.rules.replaying import replay


def run(
    pack: str,
    source: str | Path,
    *,
    settings: Sequence[str],
    parameters: Sequence[str],
    whole: Show,
    out: Path | None,
    chart: Path | None,
    as_json: bool,
    console: Console,
) -> None:
    """Replay what a file or a running system (by its address) tells, with what `whole` shows of kept rankings.

    Raises:
        Unusable: if anything that was given is of no use.
    """
    terms = read_terms(pack, settings, parameters)
    history = read_history(_some(_events(source), source), whole)
    found = replay(history.decided, history.ended, terms, history.left_out)
    document = report(found)
    if out is not None:
        _write(out, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    if chart is not None:
        write_chart(document, chart)
    if as_json:
        console.out(json_text(document, 2), highlight=False)
    else:
        show(console, document)


def _events(source: str | Path) -> Iterable[Event]:
    if isinstance(source, Path):
        yield from from_file(source)
        return
    with httpx.Client(base_url=source, timeout=30) as client:
        yield from from_feed(client)


def _some(events: Iterable[Event], source: str | Path) -> Iterable[Event]:
    count = 0
    for count, event in enumerate(events, 1):  # noqa: B007 - counted to know whether there was one
        yield event
    if not count:
        raise Unusable(f"{source} holds no event.")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as problem:
        raise Unusable(f"{file} cannot be written: {problem.strerror or 'it does not open'}.") from problem
