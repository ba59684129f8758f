"""`coxswain bench ranking`: the largest ranking there is, exactly, beside a bare loop of the same multiplications."""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.console import Console

from onebox.bench.report import Figure, percentile, show
from shared.rules.criteria import Criterion
from shared.rules.price_formulas import PRICE_FORMULAS
from shared.rules.ranking import ScoredBid
from shared.rules.scoring import rank

P50_AIM = P99_AIM = 100
_FORMULA = PRICE_FORMULAS["ratio_to_lowest"]
_WARM_UP = 3


def bench(console: Console, *, bids: int, criteria: int, runs: int, as_json: bool) -> None:
    """Measure, and print what was measured."""
    wanted, scored = procedure(bids, criteria)
    taken = _times(lambda: rank(wanted, scored, _FORMULA), runs)
    bare = _times(lambda: _bare(wanted, scored), runs)
    figures = [
        Figure(f"rank, p{percent}", 1000 * ours, "ms", aim, "one multiplication a score, sorted", 1000 * theirs)
        for percent, aim in ((50, P50_AIM), (99, P99_AIM))
        for ours, theirs in ((percentile(taken, percent), percentile(bare, percent)),)
    ]
    show(console, f"Ranking of {bids} bids by {criteria} criteria, {runs} runs", figures, as_json=as_json)


def procedure(bids: int, criteria: int) -> tuple[Sequence[Criterion], Sequence[ScoredBid]]:
    """Make up bids of which no two are alike: prices in cents, scores with four decimals as a panel's means have."""
    # Weights with two decimals that add up to 100, as a tender's do.
    share, rest = divmod(7_000, criteria - 1)
    weights = [Decimal(share + (number < rest)).scaleb(-2) for number in range(criteria - 1)]
    quality = [Criterion(f"q{number:02}", "Quality", weight, "quality") for number, weight in enumerate(weights)]
    scored = [
        ScoredBid(
            f"bid-{number:04}",
            Decimal(90_000_000 + number * 7_919 % 40_000_000).scaleb(-2),
            {
                item.id: Decimal((number * 104_729 + place * 1_299_709) % 1_000_001).scaleb(-4)
                for place, item in enumerate(quality)
            },
        )
        for number in range(bids)
    ]
    return [Criterion("price", "Price", Decimal(30), "price"), *quality], scored


def _bare(criteria: Sequence[Criterion], bids: Sequence[ScoredBid]) -> list[tuple[Decimal, str]]:
    """Do as little as gives an order: no references, no derivation, nothing exact."""
    quality = [(item.id, item.weight) for item in criteria if item.kind == "quality"]
    return sorted((sum((weight * bid.quality[name] for name, weight in quality), bid.price), bid.id) for bid in bids)


def _times(act: Callable[[], object], runs: int) -> list[float]:
    for _ in range(_WARM_UP):
        act()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return taken
