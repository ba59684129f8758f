"""`coxswain bench screening`: providers held against a list of names, beside comparing every name with every other."""

import time
from collections.abc import Sequence

from rapidfuzz import fuzz, process
from rich.console import Console

from onebox.bench.providers import made_up_name
from onebox.bench.report import Figure, show
from provider_registry.domain.screening import Entry, ListIndex, Part, Screened, comparable
from shared.rules.pack import load_pack

AIM = 60_000
_ONE_IN_LISTED = 100
_SAMPLE = 200


def bench(console: Console, *, providers: int, names: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    least = int(load_pack("model").number("screening.similarity"))
    entries = [Entry(id=str(place), names=(made_up_name(place, "list"),)) for place in range(names)]
    screened = [_provider(place, entries) for place in range(providers)]
    began = time.perf_counter()
    index = ListIndex(entries)
    found = [index.screen(one, least) for one in screened]
    taken = time.perf_counter() - began
    missed = [place for place in range(0, providers, _ONE_IN_LISTED) if not found[place]]
    if missed:
        raise RuntimeError(f"{len(missed)} listed providers were not found, so the figures say nothing.")
    all_with_all = _all_with_all(screened, entries, least)
    title = f"{providers:,} providers held against a list of {names:,} names"
    beside = "rapidfuzz, each with each"
    figures = [
        Figure("making the index and all providers", 1000 * taken, "ms", AIM, beside, 1000 * all_with_all),
        Figure("one provider", 1000 * taken / providers, "ms", None, beside, 1000 * all_with_all / providers),
    ]
    show(console, title, figures, as_json=as_json)


def _provider(place: int, entries: Sequence[Entry]) -> Screened:
    """Make up a provider; one in a hundred is on the list, with its words in another order and a slip in one."""
    name = made_up_name(place, "provider")
    if place % _ONE_IN_LISTED == 0:
        words = entries[place % len(entries)].names[0].split()
        name = " ".join([words[2], words[0], f"{words[1][:-1]}x"])
    return Screened(((Part.NAME, name),), ())


def _all_with_all(screened: Sequence[Screened], entries: Sequence[Entry], least: int) -> float:
    """Return how long it would take to compare every name with every other, from a sample of the providers."""
    texts = [comparable(entry.names[0]) for entry in entries]
    sample = screened[:: max(1, len(screened) // _SAMPLE)]
    began = time.perf_counter()
    for one in sample:
        for _, name in one.names:
            process.extract(comparable(name), texts, scorer=fuzz.ratio, score_cutoff=least, limit=None)
    return (time.perf_counter() - began) * len(screened) / len(sample)
