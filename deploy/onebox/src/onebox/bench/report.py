"""Prints figures beside what the bare parts reach, and beside what is aimed at."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; the peer was measured in the same run, on the same servers."""

    what: str
    value: float
    unit: str
    aim: float | None
    peer: str = ""
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """What part of the peer's figure it is."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool:
        """Tell whether the aim is reached, if there is one: rates are to be high, times short."""
        if self.aim is None:
            return True
        return self.value <= self.aim if self.unit == "ms" else self.value >= self.aim


def percentile(taken: Sequence[float], percent: int) -> float:
    """Return the time within which so many of a hundred were done."""
    return statistics.quantiles(taken, n=100, method="inclusive")[percent - 1]


def show(console: Console, title: str, figures: list[Figure], *, as_json: bool) -> None:
    """Print the figures."""
    cores = os.cpu_count()
    if as_json:
        rows = [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
        console.print(json.dumps({"title": title, "cores": cores, "figures": rows}), soft_wrap=True, highlight=False)
        return
    table = Table(title=f"{title}, {cores} cores", title_justify="left")
    for name, justify in (
        ("what", "left"),
        ("figure", "right"),
        ("aim", "right"),
        ("beside it", "left"),
        ("ratio", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # rich names them in a Literal
    for figure in figures:
        beside = f"{figure.peer}: {figure.peer_value:,.0f} {figure.unit}" if figure.peer_value else ""
        ratio = f"{figure.ratio:.2f}" if figure.ratio else ""
        aim = ""
        if figure.aim is not None:
            aim = f"{'≤' if figure.unit == 'ms' else '≥'} {figure.aim:,.0f}{'' if figure.met else ' (missed)'}"
        table.add_row(figure.what, f"{figure.value:,.0f} {figure.unit}", aim, beside, ratio)
    console.print(table)
