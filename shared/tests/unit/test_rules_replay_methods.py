"""Lots whose office chose by what they were compared are decided again by the same, where the other pack admits it."""

from decimal import Decimal

import pytest

from shared.rules.criteria import Criterion
from shared.rules.pack import load_pack
from shared.rules.replay import DecidedBid, DecidedLot, Terms
from shared.rules.replay_report import report
from shared.rules.replaying import replay, replay_lot

PRICES = {"A": "900000", "B": "1000000", "C": "1200000"}
QUALITIES = {"A": "78", "B": "88", "C": "93"}


def decided(criterion: Criterion, totals: dict[str, str], winner: str, formula: str) -> DecidedLot:
    """Return a lot that was decided by one criterion, with the prices and qualities of the worked vector."""
    scored = criterion.kind == "quality"
    bids = (
        DecidedBid(
            name,
            f"{name} Ltd",
            Decimal(PRICES[name]),
            {criterion.id: Decimal(QUALITIES[name])} if scored else {},
            Decimal(0),
            Decimal(total),
        )
        for name, total in totals.items()
    )
    return DecidedLot(
        ocid="ocds-coxswn-1",
        title="Home care",
        lot=None,
        currency="CNY",
        estimate=Decimal(1250000),
        method="open",
        pack="cn-services",
        pack_version="1.2.0",
        criteria=(criterion,),
        formula=formula,
        parameters={},
        bids=tuple(bids),
        received=3,
        winner=winner,
    )


LOWEST = decided(Criterion("price", "Price", Decimal(100), "price"), PRICES, "A", "lowest_price")
QUALITY = decided(Criterion("quality", "Quality", Decimal(100), "quality"), QUALITIES, "C", "quality_only")


@pytest.mark.parametrize("pack", ["cn-services", "eu-light"])
@pytest.mark.parametrize(
    ("lot", "formula", "weight"),
    [(LOWEST, "lowest_price", 100), (QUALITY, "quality_only", 0)],
)
def test_method_of_evaluation_stays_when_the_other_pack_admits_it(
    pack: str, lot: DecidedLot, formula: str, weight: int
) -> None:
    again = replay_lot(lot, Terms(load_pack(pack), {}))
    assert (again.formula, again.outcome, again.winner) == (formula, "unchanged", lot.winner)
    assert (again.price_weight_before, again.price_weight) == (weight, weight)
    assert report(replay([lot], [], Terms(load_pack(pack), {})))["lots"][0]["formula"] == formula


def test_price_weighs_the_least_when_the_other_pack_does_not_let_quality_alone_decide() -> None:
    # Weight 10 of the price: 10 + 0.9 * 78, 9 + 0.9 * 88, 7.5 + 0.9 * 93.
    again = replay_lot(QUALITY, Terms(load_pack("model"), {}))
    assert (again.formula, again.price_weight, again.winner) == ("ratio_to_lowest", 10, "C")
    assert {place.id: place.total for place in again.ranking} == {
        "A": Decimal("80.2"),
        "B": Decimal("88.2"),
        "C": Decimal("91.2"),
    }


def test_lot_is_named_as_not_replayed_when_the_other_pack_has_more_than_the_price_scored() -> None:
    (left_out,) = replay([LOWEST], [], Terms(load_pack("model"), {})).not_replayed
    assert left_out.code == "quality-missing"
