"""Reports as tables for spreadsheets, and as pages to be printed; both are made of the rows of the JSON."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from budget.api import pages
from budget.api.report_schemas import Report

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of a report: what each is called by, the amounts it is made of, and the amount that it is a part of.

    Shape: names of the rows' fields; without a whole, the largest bar of the currency is.
    """

    label: str
    parts: tuple[str, ...]
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, ready to be drawn."""

    label: str
    amount: str
    parts: tuple[tuple[str, Decimal, Decimal], ...]


def as_csv(report: Report[Any], row: type[BaseModel]) -> Response:
    """Write the rows for a spreadsheet; amounts are plain decimals of the currency in its own column."""
    rows = [_cells(one.model_dump(mode="json")) for one in report.rows]
    # A kind of adjustment that no row has is no column; what every row has comes in the order of the form.
    names = list(dict.fromkeys([*(name for one in rows for name in one), *(() if rows else row.model_fields)]))
    out = io.StringIO()
    table = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows)
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8; header=present")


def as_page(report: Report[Any], row: type[BaseModel], chart: Chart) -> Response:
    """Write the rows as a page that is printed as it is seen."""
    columns = [(name, name.replace("_", " "), field.description or "") for name, field in row.model_fields.items()]
    rows = [one.model_dump(mode="json") for one in report.rows]
    return pages.page(
        "report.html",
        title=report.title,
        as_of=report.as_of,
        columns=[column for column in columns if column[0] not in {"line", "currency"}],
        rows=[{name: _shown(value) for name, value in one.items()} for one in rows],
        bars=_bars(rows, chart),
        parts=[name.replace("_", " ") for name in chart.parts],
    )


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, list):
            cells |= {f"{name}.{part['kind']}": part["amount"]["amount"] for part in value}
        elif isinstance(value, dict):
            cells[name] = value["amount"]
        else:
            text = "" if value is None else str(value)
            cells[name] = f"'{text}" if text.startswith(_FORMULA) else text
    return cells


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(f"{part['kind'].replace('-', ' ')} {_shown(part['amount'])}" for part in value) or "—"
    if isinstance(value, dict):
        return pages.published_amount(value)
    return "—" if value is None else str(value)


def _bars(rows: Sequence[Mapping[str, Any]], chart: Chart) -> list[Bar]:
    sums = [sum(Decimal(row[part]["amount"]) for part in chart.parts) for row in rows]
    largest: dict[str, Decimal] = {}
    for row, amount in zip(rows, sums, strict=True):
        largest[row["currency"]] = max(largest.get(row["currency"], Decimal(0)), Decimal(amount))
    bars = []
    for row, amount in zip(rows, sums, strict=True):
        whole = Decimal(row[chart.whole]["amount"]) if chart.whole else largest[row["currency"]]
        widths, start = [], Decimal(0)
        for part in chart.parts:
            width = _percent(Decimal(row[part]["amount"]), whole)
            widths.append((part.replace("_", " "), start, width))
            start += width
        bars.append(Bar(str(row[chart.label]), f"{Decimal(amount):,} {row['currency']}", tuple(widths)))
    return bars


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (max(part, Decimal(0)) * 100 / whole).quantize(Decimal("0.01")) if whole > 0 else Decimal(0)
