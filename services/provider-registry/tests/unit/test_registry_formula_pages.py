"""The worked example of each formula page is worked out again, from the page itself."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from yearly_figures import figures

from provider_registry.domain import rating
from provider_registry.domain.index_values import Index, published_value
from provider_registry.domain.indices import INDICES
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


def test_every_index_has_its_page_and_every_page_its_index() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == {index.code for index in INDICES} | {"record", "README"}
    assert all(f"({index.code}.md)" in text("README") for index in INDICES)


@pytest.mark.parametrize("index", INDICES, ids=lambda index: index.code)
def test_index_page_comes_out_as_it_says(index: Index) -> None:
    page = example(index.code)
    years = [(year, figures(year, stated)) for year, stated in page["years"].items()]
    assert published_value(index.find(years)) == page["result"]
    for lines in (index.title, f"    {index.formula}\n", f"`{index.code}`"):
        assert lines in text(index.code)


@pytest.mark.parametrize("index", INDICES, ids=lambda index: index.code)
def test_index_is_not_rated_where_its_page_says_so(index: Index) -> None:
    # The run of deficits alone is known as soon as a year is.
    page = example(index.code)
    assert ("not_rated" in page) is (index.code != "deficit-run")
    if "not_rated" in page:
        found = index.find([(2025, figures(2025, page["not_rated"]["figures"]))])
        assert (found.value, list(found.missing)) == (None, page["not_rated"]["missing"])
