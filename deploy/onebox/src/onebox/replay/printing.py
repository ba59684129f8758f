"""Shows a replay in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from onebox.printing import printable

_OUTCOMES = {
    "unchanged": "same winner",
    "other-winner": "another winner",
    "draw": "a lot decides",
    "unsuccessful": "unsuccessful",
}
_MOST_ROWS = 50


def show(console: Console, document: Mapping[str, Any]) -> None:
    """Print what would have changed first, and what cannot be told last."""
    pack, counts = document["pack"], document["counts"]
    parameters = "".join(f", {name} {value}" for name, value in pack["parameters"].items())
    console.print(
        Text(
            printable(f"Replayed under {pack['title']}: {pack['id']}@{pack['version']}, {pack['formula']}{parameters}.")
        )
    )
    changed = [lot for lot in document["lots"] if lot["outcome"] != "unchanged"]
    if changed:
        _show_changed(console, changed)
    _show_inquiries(console, document["lots"])
    _show_ended(console, document["unsuccessful"])
    _show_assumptions(console, document["lots"])
    console.print(
        f"{counts['replayed']} replayed: {counts['unchanged']} with the same winner, {counts['other_winner']} with "
        f"another, {counts['draw']} to be drawn, {counts['unsuccessful']} unsuccessful; "
        f"{counts['new_inquiries']} with a new inquiry into a low price.",
        highlight=False,
        soft_wrap=True,
    )
    for total in document["totals"]:
        console.print(Text(_in_words(total)), soft_wrap=True)
    if document["not_replayed"]:
        _show_not_replayed(console, document["not_replayed"])


def _show_changed(console: Console, lots: Sequence[Mapping[str, Any]]) -> None:
    table = Table(title=f"{len(lots)} that would have ended otherwise", title_justify="left")
    for name in ("procedure", "outcome", "winner", "points", "price", "difference"):
        table.add_column(name, justify="right" if name in {"points", "price", "difference"} else "left")
    for lot in lots[:_MOST_ROWS]:
        before, after = lot["before"], lot["after"]
        percent = f" ({lot['price_difference_percent']} %)" if after else ""
        table.add_row(
            Text(printable(_named(lot))),
            _OUTCOMES[lot["outcome"]],
            Text(f"{printable(before['bidder'])}\n{printable(after['bidder']) if after else 'nobody'}"),
            f"{before['total']}\n{after['total'] if after else ''}",
            f"{before['price']}\n{after['price'] if after else ''} {lot['currency']}",
            f"{lot['price_difference']}{percent}" if after else "",
        )
    console.print(table)
    if len(lots) > _MOST_ROWS:
        console.print(f"{len(lots) - _MOST_ROWS} more are in the JSON (--json, --out).", highlight=False)


def _show_inquiries(console: Console, lots: Sequence[Mapping[str, Any]]) -> None:
    for lot in lots:
        before = {inquiry["bid"] for inquiry in lot["inquiries_before"] or ()}
        new = [inquiry for inquiry in lot["inquiries"] if inquiry["bid"] not in before]
        if new:
            rules = sorted({rule for inquiry in new for rule in inquiry["rules"]})
            told = f"{_named(lot)}: {len(new)} more to be asked for a low price, by {', '.join(rules)}."
            console.print(Text(printable(told)), soft_wrap=True)


def _show_ended(console: Console, ended: Sequence[Mapping[str, Any]]) -> None:
    for lot in ended:
        went_on = "would have gone on; its bids are sealed" if lot["outcome"] == "went-on" else "still unsuccessful"
        console.print(Text(printable(f"{_named(lot)}: {lot['bids']} bids, {went_on}.")), soft_wrap=True)


def _show_assumptions(console: Console, lots: Sequence[Mapping[str, Any]]) -> None:
    counted: dict[str, int] = {}
    for lot in lots:
        for assumption in lot["assumptions"]:
            counted[assumption] = counted.get(assumption, 0) + 1
    for assumption, count in counted.items():
        console.print(Text(printable(f"In {count}: {assumption}"), style="yellow"), soft_wrap=True)


def _show_not_replayed(console: Console, left_out: Sequence[Mapping[str, Any]]) -> None:
    table = Table(title=f"{len(left_out)} that cannot be replayed", title_justify="left")
    for name in ("procedure", "code", "reason"):
        table.add_column(name)
    for item in left_out[:_MOST_ROWS]:
        table.add_row(Text(printable(_named(item))), item["code"], Text(printable(item["reason"])))
    console.print(table)
    if len(left_out) > _MOST_ROWS:
        console.print(f"{len(left_out) - _MOST_ROWS} more are in the JSON (--json, --out).", highlight=False)


def _named(item: Mapping[str, Any]) -> str:
    lot = f", lot {item['lot']}" if item["lot"] else ""
    return f"{item['title'] or item['ocid']}{lot}"


def _in_words(total: Mapping[str, Any]) -> str:
    percent = f" ({total['difference_percent']} %)" if total["difference_percent"] is not None else ""
    return (
        f"{total['currency']}: {total['awarded_before']} awarded, {total['awarded_after']} after; difference where "
        f"both have a winner {total['difference']}{percent}; no longer awarded {total['no_longer_awarded']}."
    )
