"""A verdict that is not a pass never goes by unseen."""

import pytest

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.result import RuleResult, Verdict, require

RULE = RuleReference("gate.opening.minimum-bids", "Some Act, s. 1")


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NOT_APPLICABLE])
def test_nothing_is_raised_when_the_rule_passes_or_does_not_apply(verdict: Verdict) -> None:
    require(RuleResult(verdict, RULE, "Fine."))


def test_refusal_cites_the_rule_and_the_way_out_when_it_fails() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require(RuleResult(Verdict.FAIL, RULE, "Too few bids.", "At least 2 bids."), "too-few-bids")
    assert (refusal.value.code, refusal.value.detail) == ("too-few-bids", "Too few bids.")
    assert (refusal.value.reference, refusal.value.satisfied_by) == (RULE, "At least 2 bids.")


def test_code_is_the_rule_id_with_dashes_when_the_caller_gives_none() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require(RuleResult(Verdict.FAIL, RULE, "Too few bids."))
    assert refusal.value.code == "gate-opening-minimum-bids"


def test_missing_facts_are_named_when_the_rule_is_unresolved() -> None:
    result = RuleResult(Verdict.UNRESOLVED, RULE, "Not known.", missing=("count", "estimate"))
    with pytest.raises(NotAllowed) as refusal:
        require(result, "too-few-bids")
    assert refusal.value.code == "facts-missing"
    assert refusal.value.detail == "The rule cannot be decided without: count, estimate."
    assert refusal.value.reference == RULE


@pytest.mark.parametrize("verdict", Verdict)
def test_result_is_refused_when_missing_facts_and_verdict_disagree(verdict: Verdict) -> None:
    missing = () if verdict is Verdict.UNRESOLVED else ("count",)
    with pytest.raises(ValueError, match="names the missing facts"):
        RuleResult(verdict, RULE, "Odd.", missing=missing)
