"""The procedure of the golden examples as events in a file, and the command that replays it."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from typer.testing import CliRunner, Result

from onebox.cli import app
from shared.contracts import catalogue

MEALS = {event_type: data for event_type, name, data in catalogue.golden_examples() if "0001" in str(data.get("ocid"))}
EXAMPLES = {event_type: data for event_type, _, data in catalogue.golden_examples()}
COURSE = ("tender.published.v1", "tender.opened.v1", "award.proposed.v1", "award.confirmed.v1")
OCID = "ocds-coxswain-0197c39e-11d0-7b44-9f01-000000000001"
PACKS = files("shared.rules").joinpath("packs")


def event(event_type: str, data: Mapping[str, Any], position: int = 1) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(UUID(int=position)),
        "source": "urn:coxswain:tender",
        "type": event_type,
        "subject": str(data.get("tender")),
        "time": "2026-03-04T15:00:00.840000Z",
        "datacontenttype": "application/json",
        "dataschema": f"urn:coxswain:event:{event_type}",
        "partitionkey": data["ocid"],
        "sequence": f"{position:06}",
        "position": position,
        "data": data,
    }


def lines(events: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    return "".join(json.dumps(event(kind, data, number)) + "\n" for number, (kind, data) in enumerate(events, 1))


def meals(*left_out: str, **changes: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the golden procedure's events; changes are by the last word of the type."""
    return [(kind, {**MEALS[kind], **changes.get(kind.split(".")[1], {})}) for kind in COURSE if kind not in left_out]


Write = Callable[..., Path]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["rules", "replay", *map(str, words)])


def replayed(file: Path, *words: str) -> dict[str, Any]:
    ended = run("--pack", "model", "--events", file, "--json", *words)
    assert (ended.exit_code, ended.stderr) == (0, "")
    return dict(json.loads(ended.stdout))


def sentence(ended: Result) -> str:
    """See that the command gave up with one sentence, and return it."""
    assert (ended.exit_code, ended.stdout) == (2, "")
    said = ended.stderr.strip()
    assert "\n" not in said
    assert said.endswith(".")
    return said
