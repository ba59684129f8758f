"""The worked example of each formula page is worked out again, from the page itself."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from provider_registry.domain import rating
from provider_registry.domain.rating import DayTotal, Observation, RatingTerms, rate
from shared.kernel.ids import derived_id
from shared.rules.derivation import half_up
from shared.rules.pack import load_pack

PAGES = Path(__file__).parents[4] / "docs" / "formulas"


def text(page: str) -> str:
    return (PAGES / f"{page}.md").read_text("utf-8")


def example(page: str) -> dict[str, Any]:
    """Return the worked example of a page."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", text(page), re.DOTALL | re.MULTILINE)
    return dict(yaml.safe_load(block))


def shown(value: Fraction | None) -> str | None:
    return None if value is None else str(half_up(value, 2))


def test_record_page_comes_out_as_it_says() -> None:
    page = example("record")
    observations = [
        Observation(derived_id("contract", number), "1", Decimal(one["score"]), one["graded_on"])
        for number, one in enumerate(page["periods"])
    ]
    peers = [DayTotal(one["day"], one["observations"], Decimal(one["scores"])) for one in page["peers"]]
    found = rate("care", observations, peers, RatingTerms.of(load_pack(page["pack"])), page["on"])
    assert page["result"] == {
        "weight": str(found.weight),
        "mean": shown(found.mean),
        "peer_mean": shown(found.peer_mean),
        "score": shown(found.score),
        "level": found.level,
    }


def test_record_page_names_the_formulas_that_are_served_and_the_rules_that_are_read() -> None:
    page = text("record")
    for formula in (rating.WEIGHT, rating.MEAN, rating.SCORE):
        assert formula in page
    for reference in RatingTerms.of(load_pack("model")).references.values():
        assert f"`{reference.rule}`" in page
