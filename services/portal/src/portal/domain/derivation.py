"""Derivations of events as tables that a reader can work out again by hand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# An event's keys have no order: what a step is about is read first, and what it comes to last.
_SUBJECTS = ("rank", "bid", "kpi", "criterion", "title", "severity")
_ANSWERS = {"true": "yes", "false": "no"}
_RESULTS = ("exact", "points", "percent", "score", "total", "grade")


@dataclass(frozen=True, slots=True)
class StepTable:
    """Hold the steps of one kind.

    Shape: every row has a cell for every column, empty where the step says nothing.
    """

    step: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def step_tables(derivation: Iterable[Mapping[str, Any]]) -> tuple[StepTable, ...]:
    """Gather the steps of a derivation by kind, in the order in which the kinds first occur."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for step in derivation:
        kinds.setdefault(str(step.get("step", "")), []).append(step)
    return tuple(_table(kind, steps) for kind, steps in kinds.items())


def _table(kind: str, steps: list[Mapping[str, Any]]) -> StepTable:
    found = dict.fromkeys(key for step in steps for key in step if key != "step")
    columns = tuple(sorted(found, key=_place))
    return StepTable(kind, columns, tuple(tuple(_text(step.get(column)) for column in columns) for step in steps))


def _place(column: str) -> int:
    if column in _SUBJECTS:
        return _SUBJECTS.index(column) - len(_SUBJECTS)
    return _RESULTS.index(column) + 1 if column in _RESULTS else 0


def _text(value: Any) -> str:
    if value is None:
        return ""
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _ANSWERS.get(written, written)
