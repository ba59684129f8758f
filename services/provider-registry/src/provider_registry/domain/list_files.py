"""Lists of names as they are published: CSV with a heading, or a JSON array of the same fields."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from provider_registry.domain.screening import Entry
from shared.kernel.errors import Invalid

_MOST = 200_000
_LONGEST = 500


def read_list(content: str, form: str) -> tuple[Entry, ...]:
    """Read the entries of a list.

    Shape: fields are id, name, aliases, identifiers and country; in CSV several aliases, and several identifiers
    written scheme:number, are separated by semicolons; in JSON they are arrays.

    Raises:
        Invalid: list-malformed, list-empty, list-too-long, entry-repeated.
    """
    rows = _csv(content) if form == "csv" else _json(content)
    entries = tuple(_entry(row, place) for place, row in enumerate(rows, start=1))
    if not entries:
        raise Invalid("list-empty", "A list has entries.", pointer="/body/content")
    if len(entries) > _MOST:
        raise Invalid("list-too-long", f"A list has at most {_MOST:,} entries.", pointer="/body/content")
    if len({entry.id for entry in entries}) != len(entries):
        raise Invalid("entry-repeated", "Two entries have one id.", pointer="/body/content")
    return entries


def _csv(content: str) -> Iterator[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(content), strict=True)
    try:
        if not {"id", "name"} <= set(reader.fieldnames or ()):
            raise _malformed(0)
        for row in reader:
            yield {
                **row,
                "aliases": _parts(row.get("aliases")),
                "identifiers": [
                    dict(zip(("scheme", "id"), one.partition(":")[::2], strict=True))
                    for one in _parts(row.get("identifiers"))
                ],
            }
    except csv.Error as broken:
        raise _malformed(reader.line_num) from broken


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def _json(content: str) -> Iterator[Mapping[str, Any]]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as broken:
        raise _malformed(0) from broken
    if not isinstance(document, list):
        raise _malformed(0)
    for place, row in enumerate(document, start=1):
        if not isinstance(row, dict):
            raise _malformed(place)
        yield row


def _entry(row: Mapping[str, Any], place: int) -> Entry:
    aliases, identifiers = row.get("aliases") or [], row.get("identifiers") or []
    if not isinstance(aliases, list) or not isinstance(identifiers, list):
        raise _malformed(place)
    country = row.get("country") or None
    return Entry(
        id=_text(row.get("id"), place),
        names=tuple(_text(name, place) for name in (row.get("name"), *aliases)),
        identifiers=tuple(_identifier(one, place) for one in identifiers),
        country=_text(country, place) if country is not None else None,
    )


def _identifier(one: Any, place: int) -> tuple[str, str]:
    if not isinstance(one, dict):
        raise _malformed(place)
    return _text(one.get("scheme"), place), _text(one.get("id"), place)


def _text(value: Any, place: int) -> str:
    # A zero byte is no text to PostgreSQL.
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or "\x00" in value:
        raise _malformed(place)
    return value.strip()


def _malformed(place: int) -> Invalid:
    where = f"Entry {place}" if place else "The list"
    return Invalid("list-malformed", f"{where} is not of the form of a list.", pointer="/body/content")
