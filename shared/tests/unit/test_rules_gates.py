"""Count gates at, below and without the pack's minimum."""

import pytest

from shared.kernel.errors import NotAllowed
from shared.rules.gates import Stage, count_gate
from shared.rules.pack import load_pack
from shared.rules.result import Verdict, require

MODEL = load_pack("model")
CHINA = load_pack("cn-services")


@pytest.mark.parametrize(
    ("count", "verdict"),
    [(0, Verdict.FAIL), (1, Verdict.FAIL), (2, Verdict.PASS), (3, Verdict.PASS), (None, Verdict.UNRESOLVED)],
)
def test_opening_goes_on_when_two_bids_or_more_were_received(count: int | None, verdict: Verdict) -> None:
    assert count_gate(MODEL, "opening", count).verdict is verdict


def test_refusal_cites_rule_and_minimum_but_not_the_count_when_bids_are_too_few() -> None:
    result = count_gate(MODEL, "opening", 1)
    with pytest.raises(NotAllowed) as refusal:
        require(result)
    assert refusal.value.reference == MODEL.reference("gate.opening.minimum-bids")
    assert refusal.value.satisfied_by == "At least 2 bids."
    assert "1" not in refusal.value.detail


def test_unknown_count_is_named_when_it_blocks_the_gate() -> None:
    assert count_gate(MODEL, "opening", None).missing == ("bids.received",)


def test_gate_does_not_apply_when_the_pack_has_none_for_the_stage() -> None:
    result = count_gate(load_pack("uk-2023"), "opening", 0)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert result.rule.rule == "gate.opening.minimum-bids"


@pytest.mark.parametrize("stage", ["opening", "qualified", "responsive"])
@pytest.mark.parametrize(("count", "verdict"), [(2, Verdict.FAIL), (3, Verdict.PASS)])
def test_tender_needs_three_bids_at_each_stage_when_the_pack_is_chinese(
    stage: Stage, count: int, verdict: Verdict
) -> None:
    assert count_gate(CHINA, stage, count).verdict is verdict
    assert count_gate(CHINA, stage, count, "invited").verdict is verdict


def test_gate_of_tenders_does_not_apply_when_the_method_is_a_consultation() -> None:
    # Government's purchase of services goes on with two providers in a consultation, by a rule of its own.
    assert count_gate(CHINA, "responsive", 2, "competitive-consultation").verdict is Verdict.NOT_APPLICABLE
