"""Count gates at, below and without the pack's minimum, for every method."""

from typing import Any

import pytest

from shared.kernel.errors import NotAllowed
from shared.rules.gates import Stage, count_gate, stage_of
from shared.rules.pack import load_pack
from shared.rules.result import RuleResult, Verdict, require

MODEL = load_pack("model")
CHINA = load_pack("cn-services")
BRITAIN = load_pack("uk-2023")


def case(method: str = "open", **facts: bool) -> dict[str, Any]:
    known = {"reserved_for_smes": False, "purchase_of_services": False, "converted_with_approval": False, **facts}
    return {"procedure.method": method, **{f"procedure.{name}": value for name, value in known.items()}}


def chinese(stage: Stage, count: int, method: str, **facts: bool) -> RuleResult:
    return count_gate(CHINA, stage, count, case(method, **facts))


@pytest.mark.parametrize(
    ("count", "verdict"),
    [(0, Verdict.FAIL), (1, Verdict.FAIL), (2, Verdict.PASS), (3, Verdict.PASS), (None, Verdict.UNRESOLVED)],
)
def test_opening_goes_on_when_two_bids_or_more_were_received(count: int | None, verdict: Verdict) -> None:
    assert count_gate(MODEL, "opening", count, case()).verdict is verdict


def test_refusal_cites_rule_and_minimum_but_not_the_count_when_bids_are_too_few() -> None:
    result = count_gate(MODEL, "opening", 1, case())
    with pytest.raises(NotAllowed) as refusal:
        require(result)
    assert refusal.value.reference == MODEL.reference("gate.opening.minimum-bids")
    assert refusal.value.satisfied_by == "At least 2 bids."
    assert "1" not in refusal.value.detail


def test_unknown_count_is_named_when_it_blocks_the_gate() -> None:
    assert count_gate(MODEL, "opening", None, case()).missing == ("bids.received",)


def test_gate_does_not_apply_when_the_pack_has_none_for_the_stage() -> None:
    result = count_gate(BRITAIN, "opening", 0, case())
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.rule.rule == "gate.opening.minimum-bids"


@pytest.mark.parametrize("stage", ["opening", "qualified", "responsive"])
@pytest.mark.parametrize(("count", "verdict"), [(2, Verdict.FAIL), (3, Verdict.PASS)])
@pytest.mark.parametrize("method", ["open", "invited"])
def test_tender_needs_three_bids_at_each_stage_when_the_pack_is_chinese(
    stage: Stage, count: int, verdict: Verdict, method: str
) -> None:
    assert chinese(stage, count, method).verdict is verdict


@pytest.mark.parametrize(
    ("pack", "verdict"), [(MODEL, Verdict.NOT_APPLICABLE), (CHINA, Verdict.NOT_APPLICABLE)], ids=["model", "china"]
)
def test_one_bid_is_opened_when_one_provider_alone_is_asked(pack: Any, verdict: Verdict) -> None:
    assert count_gate(pack, "opening", 1, case("single-source")).verdict is verdict
    for stage in ("qualified", "responsive"):
        assert count_gate(pack, stage, 1, case("single-source")).verdict is Verdict.PASS


CONSULTATION = "method.competitive-consultation.minimum-suppliers"
QUOTES = "method.competitive-negotiation.minimum-quotes"


@pytest.mark.parametrize(
    ("method", "facts", "enough", "rule"),
    [
        ("competitive-consultation", {}, 3, CONSULTATION),
        ("competitive-consultation", {"purchase_of_services": True}, 2, f"{CONSULTATION}-services"),
        ("competitive-negotiation", {}, 3, QUOTES),
        ("competitive-negotiation", {"converted_with_approval": True}, 2, f"{QUOTES}-converted"),
    ],
)
def test_method_has_its_own_number_of_bids_when_it_is_no_tender(
    method: str, facts: dict[str, bool], enough: int, rule: str
) -> None:
    assert chinese("opening", 0, method, **facts).verdict is Verdict.NOT_APPLICABLE
    assert chinese("responsive", enough, method, **facts).verdict is Verdict.PASS
    too_few = chinese("responsive", enough - 1, method, **facts)
    assert (too_few.verdict, too_few.rule) == (Verdict.FAIL, CHINA.reference(rule))


@pytest.mark.parametrize(
    "method", ["competitive-consultation", "competitive-negotiation", "single-source", "emergency"]
)
def test_nobody_is_evaluated_when_no_bid_came_whatever_the_method(method: str) -> None:
    assert chinese("qualified", 0, method).rule == CHINA.reference("gate.qualified.one-bid")


def test_reserved_purchase_needs_three_qualified_enterprises_when_its_method_asks_for_fewer() -> None:
    reserved = chinese("qualified", 2, "competitive-consultation", reserved_for_smes=True)
    assert (reserved.verdict, reserved.rule) == (Verdict.FAIL, CHINA.reference("policy.minimum-smes"))
    assert chinese("qualified", 2, "competitive-consultation").verdict is Verdict.PASS


def test_condition_that_is_not_known_blocks_only_when_the_number_depends_on_it() -> None:
    unknown = {"procedure.method": "competitive-consultation", "procedure.reserved_for_smes": False}
    assert count_gate(CHINA, "responsive", 3, unknown).verdict is Verdict.PASS
    assert count_gate(CHINA, "responsive", 2, unknown).missing == ("procedure.purchase_of_services",)


def test_rule_is_known_for_the_stage_it_is_a_gate_of() -> None:
    assert stage_of(f"{QUOTES}-converted", CHINA) == "responsive"
    assert stage_of("policy.minimum-smes", CHINA) == "qualified"
    assert stage_of("award.bid-left", MODEL) is None
    assert stage_of("gate.opening.minimum-bids", None) == "opening"
