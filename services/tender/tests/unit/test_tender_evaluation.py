"""By what bids are compared follows from the method of evaluation that is stated, as far as the pack admits it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.rules.pack import available_packs, load_pack
from tender.domain.award import rank_bids
from tender.domain.evaluation import check_evaluation, formula_of
from tender.domain.events import AwardProposed
from tender.domain.parts import AwardCriterion
from tender.domain.procurement import Procurement

PRICE = AwardCriterion("price", "Price", "price", Decimal(100))
FREE = replace(PRICE, weight=Decimal(0))
CARE = AwardCriterion("care", "Quality of care", "quality", Decimal(60))
STAFF = AwardCriterion("staff", "Staff", "quality", Decimal(40))
SCORED = (replace(PRICE, weight=Decimal(30)), replace(CARE, weight=Decimal(70)))
LOWEST = Procurement(facts={"evaluation": {"method": "lowest-price"}})
STATE_PRICED = Procurement(facts={"procedure": {"state_priced": True}})
# The worked vector of the formulas: three prices and three qualities.
OFFERS = [("lot-1", "alder", "900000"), ("lot-1", "birch", "1000000"), ("lot-1", "cedar", "1200000")]


def refusal_of(criteria: tuple[AwardCriterion, ...], procurement: Procurement, pack: str) -> tuple[str, str] | None:
    try:
        check_evaluation(criteria, procurement, load_pack(pack))
    except DomainError as refused:
        return refused.code, refused.reference.rule if refused.reference else ""
    return None


@pytest.mark.parametrize("pack", available_packs())
def test_lowest_price_decides_where_the_pack_lets_the_price_weigh_everything(pack: str) -> None:
    admitted = pack in {"cn-services", "eu-light"}
    assert refusal_of((PRICE,), LOWEST, pack) == (None if admitted else ("price-weight-out-of-bounds", "price-weight"))
    assert formula_of((PRICE,), LOWEST, load_pack(pack)).name == "lowest_price"
    # Scoring goes by the pack's own formula, whether it is stated or not.
    stated = Procurement(facts={"evaluation": {"method": "comprehensive-scoring"}})
    for procurement in (stated, Procurement()):
        assert refusal_of(SCORED, procurement, pack) is None
        assert formula_of(SCORED, procurement, load_pack(pack)).name == "ratio_to_lowest"


def test_method_is_refused_when_it_is_none_or_the_criteria_contradict_it() -> None:
    pack = load_pack("eu-light")
    with pytest.raises(Invalid, match="evaluation-method-contradicted") as refusal:
        check_evaluation(SCORED, LOWEST, pack)
    assert refusal.value.satisfied_by == "The price as the only criterion, or another method of evaluation."
    with pytest.raises(Invalid, match="evaluation-method-contradicted"):
        check_evaluation((CARE, STAFF), LOWEST, pack)
    with pytest.raises(Invalid, match="evaluation-method-unknown"):
        check_evaluation((PRICE,), Procurement(facts={"evaluation": {"method": "guess"}}), pack)


@pytest.mark.parametrize("criteria", [(CARE, STAFF), (FREE, CARE, STAFF)], ids=["left-out", "weighs-nothing"])
@pytest.mark.parametrize("pack", available_packs())
def test_quality_alone_decides_where_the_price_is_fixed_or_the_state_sets_it(
    pack: str, criteria: tuple[AwardCriterion, ...]
) -> None:
    code = "weight-not-positive" if FREE in criteria else "price-criterion-not-single"
    refused = (code, "weights-total" if FREE in criteria else "price-weight")
    fixed, set_by_the_state = pack == "eu-light", pack in {"eu-light", "cn-services"}
    assert refusal_of(criteria, Procurement(), pack) == (None if fixed else refused)
    assert refusal_of(criteria, STATE_PRICED, pack) == (None if set_by_the_state else refused)
    assert formula_of(criteria, STATE_PRICED, load_pack(pack)).name == "quality_only"


def test_refusal_says_where_the_price_may_be_left_out() -> None:
    said = {
        "model": "The price is a criterion.",
        "cn-services": "The price is left out only where procedure.state_priced holds.",
    }
    for pack, where in said.items():
        with pytest.raises(NotAllowed) as refusal:
            check_evaluation((CARE, STAFF), Procurement(), load_pack(pack))
        assert refusal.value.satisfied_by == f"One criterion of the kind price. {where}"


def priced(walk: Any, criteria: tuple[AwardCriterion, ...], procurement: Procurement, **quality: str) -> Any:
    procedure = walk().opened(*OFFERS).qualified().scored(quality).priced()
    tender = procedure.tender
    content = replace(tender.content, criteria=criteria, procurement=procurement)
    # The panel of the walk scores one criterion; here it has scored each of these alike.
    kinds = [item.id for item in criteria if item.kind == "quality"]
    procedure.scores = tuple(replace(score, criterion=kind) for score in procedure.scores for kind in kinds)
    procedure.tender = replace(tender, content=content)
    return procedure


def totals(procedure: Any) -> dict[str, Decimal]:
    names = {str(bid.bid): bid.bidder.id for bid in procedure.tender.bids}
    ranking = rank_bids(procedure.tender, procedure.tender.bids, procedure.scores, load_pack("cn-services"))
    return {names[place.id]: place.total for place in ranking.bids}


def test_lowest_evaluated_price_is_first_whatever_the_formula_of_the_pack(walk: Any) -> None:
    procedure = priced(walk, (PRICE,), LOWEST)
    expected = {"alder": Decimal(900000), "birch": Decimal(1000000), "cedar": Decimal(1200000)}
    assert list(totals(procedure).items()) == list(expected.items())
    # A fifth off the price of a small enterprise: 1,000,000 is compared as 800,000, below 900,000.
    bids = tuple(
        replace(bid, deduction=Decimal("0.2")) if bid.bidder.id == "birch" else bid for bid in procedure.tender.bids
    )
    procedure.tender = replace(procedure.tender, bids=bids)
    assert list(totals(procedure).items()) == [
        ("birch", Decimal(800000)),
        ("alder", Decimal(900000)),
        ("cedar", Decimal(1200000)),
    ]


def test_best_quality_is_first_when_the_price_is_no_criterion(walk: Any) -> None:
    procedure = priced(walk, (CARE, STAFF), STATE_PRICED, alder="78", birch="88", cedar="93")
    # 60 and 40 hundredths of the same score are the score itself.
    assert list(totals(procedure).items()) == [("cedar", Decimal(93)), ("birch", Decimal(88)), ("alder", Decimal(78))]


@pytest.mark.parametrize(
    ("criteria", "procurement", "formula", "winner"),
    [((PRICE,), LOWEST, "lowest_price", "alder"), ((CARE, STAFF), STATE_PRICED, "quality_only", "cedar")],
)
def test_award_names_the_formula_that_ranked_its_bids(
    walk: Any, criteria: tuple[AwardCriterion, ...], procurement: Procurement, formula: str, winner: str
) -> None:
    procedure = priced(walk, criteria, procurement, alder="78", birch="88", cedar="93").proposed()
    event = next(event for event in procedure.events if isinstance(event, AwardProposed))
    assert (event.formula, event.supplier.id) == (formula, winner)
    assert {place.price_points for place in event.ranking} == {Decimal(0)}
    assert next(step["formula"] for step in event.derivation if step["step"] == "price-formula") == formula
