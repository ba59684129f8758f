"""Facts put to a whole pack, as an outsider does."""

import json
from typing import Any

import pytest

from shared.kernel.errors import Invalid
from shared.rules.pack import available_packs, load_pack
from shared.rules.questions.checks import answer

MEMBERS = {"rule", "title", "result", "source", "mark", "verified", "fact", "found", "bound", "missing"}


def results(pack: str, facts: Any, **more: Any) -> dict[str, dict[str, Any]]:
    return {entry["rule"]: entry for entry in answer({"pack": pack, "facts": facts, **more})["results"]}


@pytest.mark.parametrize("pack_id", available_packs())
def test_every_check_is_unresolved_and_nothing_passes_when_no_fact_is_known(pack_id: str) -> None:
    found = answer({"pack": pack_id, "facts": {}})
    assert found["passed"] is False
    assert {entry["result"] for entry in found["results"]} == {"UNRESOLVED"}
    assert all(entry["missing"] and set(entry) == MEMBERS for entry in found["results"])
    assert len(found["results"]) == sum(rule.check is not None for rule in load_pack(pack_id).rules.values())


def test_result_shows_what_was_compared_when_a_gate_fails() -> None:
    facts = {"bids": {"received": 2}, "procedure": {"method": "open"}}
    assert results("cn-services", facts)["gate.opening.minimum-bids"] == {
        "rule": "gate.opening.minimum-bids",
        "title": "Bids are opened only if at least this many were received",
        "result": "FAIL",
        "source": "Government Procurement Law (政府采购法), art. 36; Order 87, art. 41",
        "mark": "read",
        "verified": True,
        "fact": "bids.received",
        "found": "2",
        "bound": "3",
        "missing": [],
    }


def test_result_is_to_be_verified_when_the_source_was_not_read() -> None:
    facts = {
        "procedure": {"method": "competitive-consultation", "purchase_of_services": True},
        "bids": {"responsive": 2},
    }
    found = results("cn-services", facts)["method.competitive-consultation.minimum-suppliers-services"]
    assert (found["result"], found["mark"], found["verified"]) == ("PASS", "second-hand", False)


def test_missing_facts_are_named_when_a_rule_is_unresolved() -> None:
    found = results("cn-services", {"procedure": {"method": "invited"}})
    assert found["gate.opening.minimum-bids"]["missing"] == ["bids.received"]
    assert found["method.invited.pool-factor"]["missing"] == ["procedure.invitee_pool", "procedure.invitees"]


# A procedure of the model pack from beginning to end, with nothing to complain of.
SOUND: dict[str, Any] = {
    "award": {"notified": "2026-04-01"},
    "bid": {"price": "900000.00", "received_before_deadline": True, "abnormally_low": False},
    "bidder": {"verified": True},
    "bids": {"received": 3, "qualified": 3, "responsive": 2},
    "committee": {"members": 5, "drawn_at_random": True, "members_without_declaration": 0},
    "change": {"proposed": True, "ground": "needs-changed"},
    "expert": {"admitted": True, "of_purchaser": False, "panels": 1},
    "complaint": {"raised": False},
    "contract": {
        "assigned": False,
        "changes_total": "90000.00",
        "original_value": "900000.00",
        "pending_changes": 1,
        "signed": "2026-04-20",
        "suspended_days": 60,
        "term_years_with_options": "3.5",
        "value": "900000.00",
    },
    "criteria": {"price_weight": 40, "weights_total": 100},
    "deficiency": {"found": False},
    "evaluation": {"quality_locked_before_prices": True},
    "payment": {"accepted": "2026-06-01", "paid": "2026-06-30"},
    "procedure": {
        "changed": False,
        "deadline": "2026-03-23",
        "documents_from": "2026-03-02",
        "documents_until": "2026-03-23",
        "estimate": "1000000.00",
        "from_plan": True,
        "funds_reserved": True,
        "method": "open",
        "published": "2026-03-02",
    },
    "question": {"raised": False},
    "questions": {"unanswered": 0, "unanswered_of_asker": 5},
    "result_notice": {"from": "2026-04-01", "until": "2026-04-02"},
    "roles": {"Firm A": ["provider"], "Ms Weber": ["committee-member", "committee-chair"]},
    "security": {"bid": "20000.00", "performance": "90000.00"},
    "service": {"categories": [], "in_catalogue": True, "on_negative_list": False},
    "standstill": {"ended": "2026-04-11"},
    "supervisor": {
        "drawn_at_random": True,
        "independent": True,
        "may_deduct": True,
        "pay_depends_on_findings": False,
        "type": "type-a",
    },
    "supplier": {"debarred": False},
    "suspension": {"ordered": False},
    "termination": {"proposed": True, "ground": "need-ended", "notified": "2026-06-01", "last_day": "2026-07-01"},
}


def test_question_passes_when_every_rule_passes_or_does_not_apply() -> None:
    found = answer({"pack": "model", "facts": SOUND})
    assert {entry["result"] for entry in found["results"]} == {"PASS", "NOT_APPLICABLE"}
    assert found["passed"] is True


@pytest.mark.parametrize(
    ("group", "fact", "value", "rules"),
    [
        ("bids", "received", 1, {"gate.opening.minimum-bids"}),
        ("bid", "price", "1000000.01", {"bid-within-estimate"}),
        ("contract", "signed", "2026-04-11", {"standstill"}),
        ("contract", "changes_total", "90000.01", {"contract-change.cap"}),
        ("procedure", "deadline", "2026-03-20", {"tender-period"}),
        ("contract", "suspended_days", 61, {"contract-suspension.cap"}),
        ("change", "ground", "because", {"contract-change.grounds"}),
        ("termination", "ground", "because", {"contract-termination.grounds"}),
        ("termination", "last_day", "2026-06-30", {"contract-termination.notice"}),
        ("supervisor", "type", "type-b", {"supervisor-type.deducting"}),
    ],
)
def test_question_fails_by_one_rule_when_one_fact_is_wrong(group: str, fact: str, value: Any, rules: set[str]) -> None:
    found = answer({"pack": "model", "facts": SOUND | {group: SOUND[group] | {fact: value}}})
    assert {entry["rule"] for entry in found["results"] if entry["result"] == "FAIL"} == rules
    assert found["passed"] is False


def test_question_does_not_pass_when_one_fact_is_missing() -> None:
    found = answer({"pack": "model", "facts": SOUND | {"suspension": {}}})
    unresolved = {entry["rule"]: entry["missing"] for entry in found["results"] if entry["result"] == "UNRESOLVED"}
    assert unresolved == {"suspension-cap": ["suspension.ordered"]}
    assert found["passed"] is False


@pytest.mark.parametrize(("on", "applies"), [("2026-09-30", False), ("2026-10-01", True)])
def test_rule_is_checked_when_it_is_in_force_on_the_day_the_procedure_started(on: str, applies: bool) -> None:
    assert ("method.emergency.addition-cap" in results("cn-services", {}, on=on)) is applies


def test_holidays_count_when_the_question_names_them() -> None:
    facts = {"question": {"raised": True, "asked": "2026-03-26", "answered": "2026-04-07"}}
    assert results("cn-services", facts)["question-answer"]["result"] == "FAIL"
    qingming = ["2026-04-04", "2026-04-05", "2026-04-06"]
    found = results("cn-services", facts, holidays=qingming)["question-answer"]
    assert (found["result"], found["found"], found["bound"]) == ("PASS", "2026-04-07", "2026-04-07")


def test_answer_is_plain_json_when_facts_of_every_type_are_known() -> None:
    facts = {
        "roles": {"A": ["bidder", "committee-member"]},
        "criteria": {"price_weight": 30, "price_scored": True},
        "service": {"categories": ["financing"], "in_catalogue": True},
        "procedure": {"method": "open", "published": "2026-03-02", "deadline": "2026-03-23"},
        "committee": {"members": 5, "experts": 3},
    }
    found = answer({"pack": "cn-services", "facts": facts})
    assert json.loads(json.dumps(found)) == found
    by_rule = {entry["rule"]: entry for entry in found["results"]}
    assert by_rule["incompatible.bidder"]["found"] == ["A"]
    assert by_rule["price-weight"]["bound"] == {"min": "10", "max": "100"}
    assert by_rule["negative-list.financing"]["result"] == "FAIL"
    assert by_rule["committee.expert-share"]["bound"] == "10/3"


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        pytest.param(None, "value-invalid", "", id="no-object"),
        pytest.param({"pack": "model"}, "field-missing", "/facts", id="no-facts"),
        pytest.param({"pack": "nowhere", "facts": {}}, "pack-unknown", "/pack", id="pack"),
        pytest.param({"pack": "model", "facts": {}, "more": 1}, "unknown-field", "/more", id="unknown-member"),
        pytest.param({"pack": "model", "facts": []}, "facts-not-an-object", "/facts", id="facts"),
        pytest.param(
            {"pack": "model", "facts": {"bids": {"received": "2"}}},
            "fact-of-another-type",
            "/facts/bids/received",
            id="type",
        ),
        pytest.param({"pack": "model", "facts": {"bid": {"cost": 1}}}, "fact-unknown", "/facts/bid/cost", id="fact"),
        pytest.param({"pack": "model", "facts": {}, "on": "2025-12-31"}, "pack-not-in-force", "/on", id="too-early"),
        pytest.param({"pack": "eu-light", "facts": {}, "on": "2028-01-01"}, "pack-not-in-force", "/on", id="too-late"),
    ],
)
def test_question_is_refused_with_its_pointer_when_it_makes_no_sense(document: Any, code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answer(document)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
