"""A rule held to facts: pass, fail, not applicable, unresolved."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import NotAllowed
from shared.rules.checks import Check, check_rule, check_rules, plain_number, shown
from shared.rules.facts import Facts, read_facts
from shared.rules.pack import RulePack, load_pack
from shared.rules.result import Verdict, require

CHINA, EUROPE, UK, MODEL = (load_pack(pack_id) for pack_id in ("cn-services", "eu-light", "uk-2023", "model"))
PASS, FAIL, NOT_APPLICABLE, UNRESOLVED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNRESOLVED


def checked(pack: RulePack, rule_id: str, facts: Any) -> Check:
    return check_rule(pack.rule(rule_id), read_facts(facts), pack.calendar)


def committee(members: int, **procedure: Any) -> dict[str, Any]:
    known = {"method": "open", "estimate": "500000", "complex": False, "large_social_impact": False}
    return {"committee": {"members": members}, "procedure": known | procedure}


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        # Ten million is large already: the rule says "and above".
        pytest.param(committee(6, estimate="10000000"), FAIL, id="large-budget"),
        pytest.param(committee(7, estimate="10000000"), PASS, id="seven-for-a-large-budget"),
        pytest.param(committee(5, estimate="9999999.99"), NOT_APPLICABLE, id="just-below"),
        pytest.param(committee(5, complex=True), FAIL, id="complex"),
        pytest.param(committee(5, large_social_impact=True), FAIL, id="social-impact"),
        pytest.param(committee(5, complex=None), UNRESOLVED, id="complexity-not-known"),
        pytest.param(committee(5, complex=None, large_social_impact=True), FAIL, id="one-reason-is-enough"),
        pytest.param(committee(5, method="competitive-consultation"), NOT_APPLICABLE, id="consultation"),
    ],
)
def test_large_committee_is_asked_for_when_one_of_three_reasons_holds(facts: Any, verdict: Verdict) -> None:
    assert checked(CHINA, "committee.minimum-members-large", facts).result.verdict is verdict


@pytest.mark.parametrize(("members", "experts"), [(5, 4), (7, 5), (9, 6)])
def test_two_thirds_are_experts_when_rounded_up(members: int, experts: int) -> None:
    for known, verdict in ((experts, PASS), (experts - 1, FAIL)):
        facts = {"committee": {"members": members, "experts": known}, "procedure": {"method": "open"}}
        assert checked(CHINA, "committee.expert-share", facts).result.verdict is verdict


@pytest.mark.parametrize(
    ("changes", "verdict"), [("105000", PASS), ("105001", FAIL), ("105000.01", FAIL), ("-5000", PASS)]
)
def test_changes_stay_within_a_tenth_when_all_are_counted_together(changes: str, verdict: Verdict) -> None:
    contract = {"original_value": "1050000", "changes_total": changes}
    result = checked(CHINA, "contract-change.cap", {"contract": contract}).result
    assert result.verdict is verdict
    assert CHINA.rule("contract-change.cap").aggregation == "aggregate"


def test_change_is_held_to_half_of_the_contract_each_time_when_the_ground_is_european() -> None:
    for value, verdict in (("500000", PASS), ("500000.01", FAIL)):
        facts = {
            "change": {"ground": "additional-services", "value": value},
            "contract": {"updated_value": "1000000"},
        }
        assert checked(EUROPE, "contract-change.additional-services", facts).result.verdict is verdict
    assert EUROPE.rule("contract-change.additional-services").aggregation == "per-change"


@pytest.mark.parametrize(("value", "verdict"), [("5000000", NOT_APPLICABLE), ("5000000.01", FAIL)])
def test_indicators_are_asked_for_when_the_contract_is_above_five_million(value: str, verdict: Verdict) -> None:
    facts = {
        "contract": {"value": value, "kpis": 2, "kpis_inappropriate": False},
        "procedure": {"method": "open", "regime": "full"},
    }
    assert checked(UK, "kpi.minimum", facts).result.verdict is verdict


@pytest.mark.parametrize(
    ("procedure", "verdict"),
    [
        ({"regime": "full"}, FAIL),
        ({"regime": "light"}, NOT_APPLICABLE),
        ({"regime": "light", "adopted_rules": ["standstill"]}, FAIL),
        ({"regime": "light", "adopted_rules": ["kpi.minimum"]}, NOT_APPLICABLE),
        ({}, UNRESOLVED),
    ],
)
def test_standstill_binds_a_light_touch_contract_when_it_was_adopted(procedure: Any, verdict: Verdict) -> None:
    # Eight working days from Monday 2 March end with Wednesday the 11th, and the contract is signed on that day.
    facts = {
        "award": {"notified": "2026-03-02"},
        "contract": {"signed": "2026-03-11"},
        "procedure": {"standstill_exempt": False, **procedure},
    }
    found = checked(UK, "standstill", facts)
    assert found.result.verdict is verdict
    assert found.result.missing == (("procedure.regime",) if verdict is UNRESOLVED else ())


def test_contract_is_signed_after_the_standstill_when_its_last_day_is_over() -> None:
    facts = {"award": {"notified": "2026-03-02"}, "procedure": {"regime": "full", "standstill_exempt": False}}
    passed = checked(UK, "standstill", facts | {"contract": {"signed": "2026-03-12"}})
    assert (passed.result.verdict, passed.found, passed.bound) == (PASS, date(2026, 3, 12), date(2026, 3, 11))


def test_clarification_is_late_when_it_is_nearer_to_the_deadline_than_the_rule_says() -> None:
    for last_change, verdict in (("2026-03-08", PASS), ("2026-03-09", FAIL)):
        facts = {"procedure": {"changed": True, "last_change": last_change, "deadline": "2026-03-23"}}
        assert checked(CHINA, "clarification", facts).result.verdict is verdict


def test_deadline_waits_for_the_next_working_day_when_the_last_one_is_off() -> None:
    # Day 20 from Monday 2 March is Sunday the 22nd.
    for deadline, verdict in (("2026-03-22", FAIL), ("2026-03-23", PASS)):
        facts = {"procedure": {"method": "open", "published": "2026-03-02", "deadline": deadline}}
        assert checked(CHINA, "tender-period", facts).result.verdict is verdict


def test_party_is_named_when_it_holds_roles_that_exclude_each_other() -> None:
    facts = {"roles": {"Firm A": ["provider"], "Firm B": ["supervisor", "provider"]}}
    found = checked(MODEL, "incompatible.supervisor", facts)
    assert (found.result.verdict, found.found) == (FAIL, ("Firm B",))
    assert found.bound[0] == "supervisor"
    assert checked(MODEL, "incompatible.supervisor", {"roles": {"Firm A": ["provider"]}}).result.verdict is PASS


def test_designer_may_provide_when_one_provider_alone_is_asked() -> None:
    facts = {"roles": {"Firm A": ["designer", "provider"]}, "procedure": {"method": "open"}}
    assert checked(CHINA, "incompatible.provider", facts).result.verdict is FAIL
    facts["procedure"] = {"method": "single-source"}
    assert checked(CHINA, "incompatible.provider", facts).result.verdict is NOT_APPLICABLE


def test_rule_does_not_apply_when_it_is_switched_off_or_has_no_check() -> None:
    off = replace(MODEL.rule("bidder-verified"), value=False)
    assert check_rule(off, {"bidder.verified": False}, MODEL.calendar).result.verdict is NOT_APPLICABLE
    assert check_rule(MODEL.rule("opening"), {}, MODEL.calendar).result.verdict is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("rule_id", "facts", "satisfied_by"),
    [
        ("gate.opening.minimum-bids", {"bids": {"received": 1}, "procedure": {"method": "open"}}, "At least 2 bids."),
        ("price-weight", {"criteria": {"price_weight": "61"}}, "Within 10 to 60 points."),
        ("bidder-verified", {"bidder": {"verified": False}}, "It holds."),
        ("supervisor-type.deducting", {"supervisor": {"may_deduct": True, "type": "type-b"}}, "One of: type-a."),
        (
            "bid-security-cap",
            {"security": {"bid": "20001"}, "procedure": {"estimate": "1000000"}},
            "At most 0.02 share of procedure.estimate.",
        ),
        (
            "bid-within-estimate",
            {"bid": {"price": "2"}, "procedure": {"estimate": "1"}},
            "At most all of procedure.estimate.",
        ),
        (
            "standstill",
            {"award": {"notified": "2026-03-02"}, "contract": {"signed": "2026-03-12"}},
            "After the end of 10 D since award.notified.",
        ),
        (
            "incompatible.bidder",
            {"roles": {"A": ["bidder", "purchaser-staff"]}},
            "Never together: bidder with committee-member, purchaser-staff.",
        ),
    ],
)
def test_refusal_cites_rule_and_what_would_satisfy_it_when_it_fails(
    rule_id: str, facts: Any, satisfied_by: str
) -> None:
    result = checked(MODEL, rule_id, facts).result
    with pytest.raises(NotAllowed) as refusal:
        require(result)
    assert refusal.value.code == rule_id.replace(".", "-")
    assert refusal.value.reference == MODEL.reference(rule_id)
    assert refusal.value.satisfied_by == satisfied_by
    assert refusal.value.detail == f"The rule is not met: {MODEL.rule(rule_id).title}."


KNOWN: dict[str, Any] = {
    "bids.received": Fraction(3),
    "procedure.method": "open",
    "procedure.regime": "full",
    "procedure.complex": True,
    "procedure.estimate": Fraction(10_000_000),
    "procedure.published": date(2026, 3, 2),
    "procedure.deadline": date(2026, 3, 23),
    "committee.members": Fraction(7),
    "committee.experts": Fraction(5),
}


@given(st.sampled_from([CHINA, EUROPE, UK, MODEL]), st.sets(st.sampled_from(sorted(KNOWN))))
def test_verdict_stays_when_it_was_reached_with_fewer_facts(pack: RulePack, left_out: set[str]) -> None:
    fewer: Facts = {path: value for path, value in KNOWN.items() if path not in left_out}
    for some, every in zip(
        check_rules(pack.rules, fewer, pack.calendar), check_rules(pack.rules, KNOWN, pack.calendar), strict=True
    ):
        assert some.result.verdict in {every.result.verdict, UNRESOLVED}
        assert not set(some.result.missing) & set(fewer)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(5), "5"),
        (Fraction(0), "0"),
        (Fraction(21_001, 2), "10500.5"),
        (Fraction(-1, 20), "-0.05"),
        (Fraction(10, 3), "10/3"),
    ],
)
def test_number_is_exact_when_shown(value: Fraction, text: str) -> None:
    assert plain_number(value) == text
    assert Fraction(text) == value


def test_compared_values_are_json_when_shown() -> None:
    values = (date(2026, 3, 2), (Fraction(10), Fraction(1, 2)), ("open", "invited"), True, "open", None)
    expected = ["2026-03-02", {"min": "10", "max": "0.5"}, ["open", "invited"], True, "open", None]
    assert [shown(value) for value in values] == expected
