"""A chart of a replay in the grammar of graphics (Vega-Lite), drawn as SVG where the library for it is installed."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onebox.replay.unusable import Unusable

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_COLOURS = {"unchanged": "#8a8f98", "other-winner": "#b3541e", "draw": "#6b4fa0", "unsuccessful": "#1f4e79"}
_MISSING = (
    "A chart as SVG takes the package vl-convert-python, which is not installed: install onebox[charts], or name a "
    "file that ends in .vl.json."
)


def write_chart(document: Mapping[str, Any], file: Path) -> None:
    """Write the chart: as its Vega-Lite document where the name ends in .json, otherwise as SVG.

    Raises:
        Unusable: if the library is missing, or the file cannot be written.
    """
    described = json.dumps(describe(document), ensure_ascii=False, indent=2) + "\n"
    text = described if file.suffix == ".json" else _svg(described)
    try:
        file.write_text(text, "utf-8")
    except OSError as problem:
        raise Unusable(f"{file} cannot be written: {problem.strerror or 'it does not open'}.") from problem


def describe(document: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the chart: of each lot the winner's price and quality, joined where another bid would have won."""
    pack = document["pack"]
    # A lot without a value has no place on the axis.
    shown = [lot for lot in document["lots"] if float(lot["value"])]
    lots = [lot for lot in shown if lot["after"] is not None]
    lost = [lot for lot in shown if lot["after"] is None]
    scale = {"zero": False, "nice": True, "padding": 12}
    quality = {"field": "quality", "type": "quantitative", "title": "quality of the winner, 0 to 100", "scale": scale}
    # Amounts of several currencies and sizes have no common axis.
    title = "price of the winner, percent of the lot's value"
    price = {"field": "price", "type": "quantitative", "title": title, "scale": scale}
    outcome = {
        "field": "outcome",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
    }
    return {
        "$schema": _SCHEMA,
        "title": {
            "text": f"Awards replayed under {pack['id']}@{pack['version']}",
            "subtitle": f"Lots: {len(lots) + len(lost)}. Formula: {pack['formula']}. Hollow: as it was awarded.",
        },
        "width": 560,
        "height": 380,
        "layer": [
            {
                "data": {"values": [_pair(lot) for lot in lots if lot["outcome"] != "unchanged"]},
                "mark": {"type": "rule", "strokeWidth": 1.2, "opacity": 0.7},
                "encoding": {
                    "x": {**price, "field": "price_before"},
                    "y": {**quality, "field": "quality_before"},
                    "x2": {"field": "price"},
                    "y2": {"field": "quality"},
                    "color": outcome,
                },
            },
            {
                "data": {"values": [_point(lot, "before") for lot in (*lots, *lost)]},
                "mark": {"type": "point", "filled": False, "size": 60},
                "encoding": {"x": price, "y": quality, "color": outcome},
            },
            {
                "data": {"values": [_point(lot, "after") for lot in lots]},
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {"x": price, "y": quality, "color": outcome},
            },
        ],
    }


def _point(lot: Mapping[str, Any], when: str) -> dict[str, Any]:
    return {**_figures(lot, when, ""), "outcome": lot["outcome"], "procedure": lot["title"]}


def _pair(lot: Mapping[str, Any]) -> dict[str, Any]:
    return {**_figures(lot, "before", "_before"), **_figures(lot, "after", ""), "outcome": lot["outcome"]}


def _figures(lot: Mapping[str, Any], when: str, suffix: str) -> dict[str, float]:
    # A picture is not exact; the figures are in the report.
    winner = lot[when]
    percent = 100 * float(winner["price"]) / float(lot["value"])
    return {f"price{suffix}": percent, f"quality{suffix}": float(winner["quality"])}


def _svg(described: str) -> str:
    try:
        library = importlib.import_module("vl_convert")
    except ModuleNotFoundError as missing:
        raise Unusable(_MISSING) from missing
    return str(library.vegalite_to_svg(described))
