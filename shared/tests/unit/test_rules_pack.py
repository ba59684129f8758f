"""The model pack's values and how they are read."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest

from shared.kernel.calendar import Period
from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.loader import read_document
from shared.rules.pack import available_packs, load_pack, pack_document, pinned_pack, read_pack
from shared.rules.price_formulas import price_formula

MODEL = load_pack("model")


def days(n: int) -> Period:
    return Period(n, "D", "excluded", "next-working-day")


def working_days(n: int) -> Period:
    return Period(n, "WD", "excluded", "none")


def statutory(n: int) -> Period:
    return Period(n, "WD", "excluded", "next-working-day")


PERIODS = {
    "tender-period": days(20),
    "standstill": days(10),
    "contract-signing": days(30),
    "contract-change.signing": working_days(20),
    "contract-assignment.decision": working_days(20),
    "hold-appeal": working_days(10),
    "capacity.application-decision": working_days(20),
    "yearly-report.confirmation": working_days(20),
    "declaration.validity": Period(365, "D", "excluded", "none"),
    "evidence.expiry-notice": Period(30, "D", "excluded", "none", "backward"),
    "evidence.expiry-reminder": Period(7, "D", "excluded", "none", "backward"),
    "past-performance.reply": Period(14, "D", "excluded", "none"),
    "hold-appeal-decision": working_days(10),
    "performance-security-return": working_days(10),
    "contract-handover.completion": working_days(10),
    "contract-termination.notice": Period(30, "D", "excluded", "none"),
    "payment": days(30),
    "funding-answer": working_days(2),
    "answer-to-question": working_days(3),
    "amendment-publication": working_days(2),
    "opening": working_days(1),
    "qualification": working_days(5),
    "scoring": working_days(10),
    "award-proposal": working_days(10),
    "award-confirmation": working_days(5),
    "supervisor-assignment": working_days(10),
    "inspection-report": working_days(20),
    "period-acceptance": working_days(10),
    "verification": working_days(10),
    "plan-approval": working_days(10),
    "exception-decision": working_days(5),
    "documents-available": statutory(5),
    "clarification": Period(5, "D", "excluded", "none", "backward"),
    "result-notice": statutory(1),
    "question-window": statutory(7),
    "question-answer": statutory(7),
    "complaint-window": statutory(15),
    "complaint-decision": statutory(30),
    "suspension-cap": days(30),
    "deficiency-window": statutory(2),
    "method.single-source.publicity": statutory(5),
    "final-quotes.period": statutory(2),
    "method.single-source.objection-review": statutory(5),
    "abnormally-low.explanation-period": statutory(3),
    "framework.competition-period": statutory(3),
    "framework.joining-decision": working_days(7),
    "committee.draw-term": working_days(2),
    "committee.acceptance": working_days(2),
    "committee.report-signing": Period(3, "D", "excluded", "none"),
    "case.reply-period": statutory(10),
    "case.decision-period": statutory(20),
    "exclusion.self-cleaning-decision": statutory(20),
    "debarment.appeal": days(30),
    "suspension.longest": days(180),
    "screening.review": statutory(5),
}
FLAGS = {
    "bid-deadline",
    "bidder-verified",
    "consortium.one-bid-per-lot",
    "service-in-catalogue",
    "service-not-on-negative-list",
    "tender-from-plan",
    "funds-reserved-before-publication",
    "bid-within-estimate",
    "second-person.verification",
    "second-person.merge",
    "second-person.publication",
    "second-person.qualification",
    "second-person.award",
    "supervisor-independent",
    "supervisor-pay",
    "supervisor-drawn-at-random",
    "method.other-than-open.reason-recorded",
    "final-quotes.talks",
    "method.invited.drawn-at-random",
    "exclusion.debarred",
    "quality-locked-before-prices",
    "abnormally-low.mean-includes-self",
    "abnormally-low.judgement",
    "abnormally-low.explanation-requested",
    "award.advantages-told",
    "award.ranking-public",
    "award.bid-left",
    "framework.ceiling",
    "committee.parity",
    "committee.drawn-at-random",
    "committee.expert-admitted",
    "committee.expert-independent",
    "second-person.expert",
    "contract-assignment-refused",
    "second-person.contract",
    "second-person.hold",
    "case.decided-by-another-body",
    "case.appeal-to-another-body",
    "case.reply-heard",
    "exclusion.taxes",
    "exclusion.self-cleaning-heard",
    "second-person.yearly-report",
    "second-person.application",
    "bidder-eligible",
    "bidder-eligible.unresolved-admitted",
    "qualification.age-alone",
    "screening.open-match-blocks",
    "second-person.match",
}
NUMBERS = {
    "gate.opening.minimum-bids": "2",
    "gate.qualified.minimum-bids": "1",
    "gate.responsive.minimum-bids": "1",
    "gate.qualified.one-bid": "1",
    "gate.responsive.one-bid": "1",
    "weights-total": "100",
    "consortium.shares": "100",
    "questions-unanswered": "0",
    "questions-per-asker": "5",
    "bid-security-cap": "0.02",
    "performance-security-cap": "0.10",
    "abnormally-low.mean": "0.50",
    "abnormally-low.second-lowest": "0.50",
    "abnormally-low.ceiling": "0.45",
    "method.invited.minimum-invitees": "3",
    "method.competitive-consultation.minimum-suppliers": "3",
    "framework.minimum-winners": "2",
    "method.invited.pool-factor": "2",
    "method.invited.draw-witnesses": "2",
    "framework.term-cap": "4",
    "committee.minimum-members": "3",
    "committee.conflicts-declared": "0",
    "committee.beacon-lead": "10",
    "committee.workload": "20",
    "contract-change.cap": "0.10",
    "contract-change.pending-cap": "1",
    "contract-term.cap": "4",
    "indices.minimum-peers": "5",
    "past-performance.expiry": "3",
    "past-performance.half-life": "365",
    "past-performance.minimum-observations": "3",
    "past-performance.shrinkage": "5",
    "contract-suspension.cap": "60",
    "case.evidence": "1",
    "screening.similarity": "90",
    "payment.advance": "0.30",
    "exclusion.mandatory": "5",
    "exclusion.discretionary": "3",
}
CHOICES = {
    "method.permitted",
    "final-quotes",
    "method.invited.ground",
    "method.single-source.ground",
    "framework.stage-two",
    "negative-list.inherently-governmental",
    "tie-break",
    "supervisor-type.deducting",
    "supervisor-type.advisory",
    "contract-change.grounds",
    "contract-termination.grounds",
    "contract-handover.items",
    "performance-security-kinds",
    "exclusion.mandatory-grounds",
    "exclusion.discretionary-grounds",
    "evidence.purposes",
}
FLAGS |= {"second-person.evidence"}
INCOMPATIBLE = {
    f"incompatible.{role}"
    for role in (
        "provider",
        "bidder",
        "agency-staff",
        "purchaser-representative",
        "specification-writer",
        "award-proposer",
        "demand-author",
        "purchase-handler",
        "supervisor",
        "complaint-decider",
    )
}
TABLES = {"price-weight", "supervisor-accredited", "grading", "payment-by-grade", "payment-formula"} | INCOMPATIBLE
TABLES |= {"past-performance.scale", "debarment.term", "declaration.criteria"}
TEXTS = {
    "price-formula": "ratio_to_lowest",
    "committee.decision": "majority",
    "bidder-verified.instant": "deadline",
}


def test_no_exception_is_possible_when_a_rule_does_not_say_so() -> None:
    exceptable = {rule.id for rule in MODEL.rules.values() if rule.exceptable}
    assert exceptable == {
        "documents-available",
        "method.invited.minimum-invitees",
        "framework.term-cap",
        "contract-term.cap",
    }
    # A pack that puts its own rule in the place of the model's says anew whether it may be excepted.
    assert load_pack("cn-services").rule("procurement-intention").exceptable
    assert not load_pack("cn-services").rule("contract-term.cap").exceptable


def test_model_has_these_rules_and_no_others_when_loaded() -> None:
    assert set(MODEL.rules) == PERIODS.keys() | FLAGS | NUMBERS.keys() | CHOICES | TABLES | TEXTS.keys()


@pytest.mark.parametrize("rule_id", PERIODS)
def test_period_has_its_length_and_convention_when_read(rule_id: str) -> None:
    assert MODEL.period(rule_id) == PERIODS[rule_id]


def test_period_ends_on_the_packs_calendar_and_is_hastened_when_asked() -> None:
    # 10 days after Monday 2 March end with the 12th; from 09:00 that is 10.625 days, hastened 10.625 seconds.
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert MODEL.ends_at("standstill", start) == datetime(2026, 3, 13, tzinfo=UTC)
    assert MODEL.ends_at("standstill", start, 86_400) == start + timedelta(seconds=10.625)


def test_flags_numbers_and_choices_have_the_model_values_when_read() -> None:
    assert all(MODEL.flag(rule_id) for rule_id in FLAGS)
    assert {rule_id: str(MODEL.number(rule_id)) for rule_id in NUMBERS} == NUMBERS
    assert {rule_id: MODEL.text(rule_id) for rule_id in TEXTS} == TEXTS
    assert all(MODEL.choice(rule_id) for rule_id in CHOICES)
    assert MODEL.choice("tie-break") == ("lower-price", "draw")
    assert MODEL.table("price-weight") == {"min": 10, "max": 60}
    assert MODEL.table("supervisor-accredited") == {"standard": "ISO/IEC 17020", "types": ("A",)}


def test_inequalities_are_those_of_the_rules_when_read() -> None:
    assert MODEL.rule("bid-deadline").inequality == "strict"
    assert MODEL.rule("bid-within-estimate").inequality == "inclusive"
    assert MODEL.rule("tender-period").inequality == "inclusive"


def test_standstill_cites_the_model_law_when_referred_to() -> None:
    source = "UNCITRAL Model Law on Public Procurement (2011), art. 22"
    assert MODEL.reference("standstill") == RuleReference("standstill", source)
    assert MODEL.rule("standstill").mark == "from-memory"


def test_own_values_say_so_when_the_mark_is_model() -> None:
    other = {rule.id: rule.mark for rule in MODEL.rules.values() if rule.source != "Coxswain model pack"}
    assert {rule.mark for rule in MODEL.rules.values() if rule.id not in other} == {"model"}
    assert other == {
        "standstill": "from-memory",
        "supervisor-accredited": "second-hand",
        "negative-list.inherently-governmental": "model",
        "method.other-than-open.reason-recorded": "from-memory",
        "method.invited.ground": "from-memory",
        "method.competitive-consultation.minimum-suppliers": "from-memory",
        "final-quotes": "from-memory",
        "final-quotes.talks": "from-memory",
        "abnormally-low.judgement": "from-memory",
        "abnormally-low.explanation-requested": "from-memory",
        "past-performance.expiry": "model",
        "past-performance.reply": "model",
        "past-performance.scale": "model",
    }
    assert not any(rule.verified for rule in MODEL.rules.values())


def test_rules_take_the_packs_effect_when_they_have_none_of_their_own() -> None:
    assert {(rule.effective_from, rule.effective_to) for rule in MODEL.rules.values()} == {(date(2026, 1, 1), None)}


def test_rule_has_its_own_effect_when_it_states_one() -> None:
    document = pack_document("model")
    document["effective"] = {"from": "2026-02-01", "to": "2026-12-31"}
    document["rules"]["standstill"]["effective"] = {"from": "2025-01-01", "to": "2027-12-31"}
    rule = read_pack(document).rule("standstill")
    assert (rule.effective_from, rule.effective_to) == (date(2025, 1, 1), date(2027, 12, 31))


def test_number_is_exact_when_it_has_decimals() -> None:
    document = pack_document("model")
    document["rules"]["supplement"] = {
        "title": "A supplement is at most this share of the contract",
        "value": "0.10",
        "unit": "share",
        "source": "Some Act, s. 49",
        "mark": "read",
    }
    pack = read_pack(read_document("model", json.dumps(document)))
    assert str(pack.number("supplement")) == "0.10"
    assert pack.fraction("supplement") == Fraction(1, 10)


def test_fraction_is_exact_when_no_decimal_is() -> None:
    experts = load_pack("cn-services").fraction("committee.expert-share")
    assert experts == Fraction(2, 3)
    # Rounded up, five members need four experts, seven five, nine six.
    assert [ceil(experts * members) for members in (5, 7, 9)] == [4, 5, 6]


def test_packs_are_all_readable_when_listed() -> None:
    assert "model" in available_packs()
    assert [load_pack(pack_id).id for pack_id in available_packs()] == list(available_packs())


@pytest.mark.parametrize("pack_id", ["nowhere", "", "../packs/model", "model.yaml", "pack.schema"])
def test_pack_is_not_found_when_it_does_not_come_with_the_software(pack_id: str) -> None:
    with pytest.raises(NotFound) as refusal:
        load_pack(pack_id)
    assert refusal.value.code == "pack-unknown"
    assert "model" in str(refusal.value.satisfied_by)


def test_rule_is_refused_with_the_known_ones_when_it_is_unknown() -> None:
    with pytest.raises(Invalid) as refusal:
        MODEL.reference("tender-periode")
    assert refusal.value.code == "rule-unknown"
    assert "tender-period," in str(refusal.value.satisfied_by)
    assert "tender-periode" not in refusal.value.detail


@pytest.mark.parametrize(
    ("accessor", "rule_id"),
    [
        ("period", "weights-total"),
        ("period", "bidder-verified"),
        ("number", "bidder-verified"),
        ("number", "price-formula"),
        ("number", "price-weight"),
        ("flag", "weights-total"),
        ("text", "weights-total"),
        ("number", "supervisor-accredited"),
        ("fraction", "bidder-verified"),
        ("fraction", "price-formula"),
        ("choice", "price-formula"),
        ("choice", "price-weight"),
        ("table", "price-formula"),
        ("table", "tie-break"),
    ],
)
def test_rule_is_refused_when_asked_for_as_another_kind(accessor: str, rule_id: str) -> None:
    with pytest.raises(Invalid) as refusal:
        getattr(MODEL, accessor)(rule_id)
    assert refusal.value.code == "rule-of-another-kind"
    assert refusal.value.reference == MODEL.reference(rule_id)


def test_loaded_pack_cannot_be_changed_when_it_is_shared() -> None:
    with pytest.raises(TypeError):
        MODEL.table("grading")["deductions"]["minor"] = 0
    with pytest.raises(TypeError):
        MODEL.rules["standstill"] = MODEL.rules["payment"]  # type: ignore[index]  # the refused case


def test_document_is_plain_json_and_a_fresh_copy_when_asked_for() -> None:
    document = pack_document("model")
    assert json.loads(json.dumps(document)) == document
    untouched = deepcopy(document)
    document["rules"].clear()
    assert pack_document("model") == untouched


def test_formula_is_refused_with_the_known_ones_when_a_pack_names_another() -> None:
    document = pack_document("model")
    document["rules"]["price-formula"]["value"] = "guess"
    with pytest.raises(Invalid) as refusal:
        price_formula(read_pack(document))
    assert refusal.value.code == "price-formula-unknown"
    assert "ratio_to_lowest" in str(refusal.value.satisfied_by)


def test_scale_is_read_from_the_pack_when_graded() -> None:
    grading = MODEL.table("grading")
    assert {band["grade"]: Decimal(band["from"]) for band in grading["scale"]} == {"A": 90, "B": 80, "C": 60, "D": 0}
    assert grading["deductions"] == {"minor": 3, "major": 10, "critical": 30}
    assert grading["caps"] == {"critical": "D"}


def test_a_pack_is_refused_when_another_version_of_it_was_pinned() -> None:
    assert pinned_pack("model", load_pack("model").version) is load_pack("model")
    with pytest.raises(NotAllowed) as refusal:
        pinned_pack("model", "0.0.1")
    assert refusal.value.code == "pack-version-differs"
