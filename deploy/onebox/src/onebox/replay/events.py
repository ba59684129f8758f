"""Where the events come from: a file of JSON Lines, or the feed of a running system."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from onebox.replay.unusable import Unusable
from shared.contracts.event import MOST_BYTES, Event

_LONGEST_LINE = MOST_BYTES + 64 * 1024
_PAGE = 500


def from_file(file: Path) -> Iterator[Event]:
    """Read CloudEvents, one a line, as `coxswain events tail --json` prints them.

    Raises:
        Unusable: if the file cannot be read, or a line is no event.
    """
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE + 1), b""), 1):
                if len(line) > _LONGEST_LINE or line.strip():
                    yield _event(line, f"{file}, line {number},")
    except OSError as problem:
        raise Unusable(f"{file} cannot be read: {problem.strerror or 'it does not open'}.") from problem


def from_feed(client: httpx.Client, service: str = "tender", *, key: str | None = None) -> Iterator[Event]:
    """Read all that a service has told, or told of one key.

    Raises:
        Unusable: if it does not answer, or not as a feed does.
    """
    after, only = 0, {} if key is None else {"key": key}
    while True:
        try:
            response = client.get(f"/{service}/v1/events", params={"after": after, "limit": _PAGE, **only})
            response.raise_for_status()
            page = response.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise Unusable(f"The feed cannot be read at {client.base_url} ({type(problem).__name__}).") from problem
        if not isinstance(page, list):
            raise Unusable(f"What {client.base_url} answers is no feed of events.")
        if not page:
            return
        for document in page:
            event = _read(document, f"What {client.base_url} answers")
            yield event
            after = max(after, event.position)


def _event(line: bytes, where: str) -> Event:
    if len(line) > _LONGEST_LINE:
        raise Unusable(f"{where} is longer than any event.")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise Unusable(f"{where} is not JSON.") from problem
    return _read(document, where)


def _read(document: Any, where: str) -> Event:
    try:
        return Event.model_validate(document)
    except ValidationError as problem:
        raise Unusable(f"{where} is no event.") from problem
