"""What the packs of three jurisdictions say, held to figures typed from the research notes."""

from fractions import Fraction

import pytest

from shared.kernel.calendar import Period
from shared.rules.condition import Condition, Conditions
from shared.rules.facts import known_facts
from shared.rules.pack import PackRule, available_packs, load_pack, pack_versions

VERSIONS = [(pack_id, entry["version"]) for pack_id in available_packs() for entry in pack_versions(pack_id)]
RULES = [(load_pack(*named), rule) for named in VERSIONS for rule in load_pack(*named).rules.values()]
REGIMES = ("cn-services", "eu-light", "uk-2023")


def says_all(rule: PackRule) -> bool:
    """Tell whether a rule has a title, a source, a mark, and what its kind asks for."""
    compared = rule.check is not None and rule.check.comparison in {"at-least", "at-most", "above", "below", "within"}
    return (
        min(len(rule.title), len(rule.source)) > 3
        and not rule.title.endswith(".")
        and rule.mark in {"read", "second-hand", "from-memory", "model"}
        and rule.verified <= (rule.mark == "read")
        and (rule.kind != "period" or (rule.counting is not None and rule.inequality is not None))
        and (not compared or rule.inequality is not None)
    )


def test_every_rule_of_every_version_says_where_it_comes_from() -> None:
    assert len(RULES) > 900
    assert [(pack.id, pack.version, rule.id) for pack, rule in RULES if not says_all(rule)] == []


@pytest.mark.parametrize("pack_id", REGIMES)
def test_period_says_where_its_counting_comes_from_when_the_rule_is_the_jurisdictions_own(pack_id: str) -> None:
    own = [rule for rule in load_pack(pack_id).rules.values() if rule.counting and rule.mark != "model"]
    assert own
    assert all(rule.counting and rule.counting.source and rule.counting.mark for rule in own)


def leaves(condition: Condition | Conditions | None) -> list[Condition]:
    if isinstance(condition, Conditions):
        return [leaf for part in condition.parts for leaf in leaves(part)]
    return [] if condition is None else [condition]


def test_every_fact_is_used_by_a_rule_and_every_rule_uses_known_facts() -> None:
    used = {"procedure.adopted_rules"}
    for _, rule in RULES:
        for condition in (*leaves(rule.when), *leaves(rule.check)):
            used.update(condition.facts)
    assert used == set(known_facts())


def test_rule_compares_the_same_fact_when_packs_share_its_id() -> None:
    facts: dict[str, set[str]] = {}
    for _, rule in RULES:
        if rule.check is not None:
            facts.setdefault(rule.id, set()).add(rule.check.fact)
    assert {rule_id for rule_id, compared in facts.items() if len(compared) > 1} == set()


@pytest.mark.parametrize("pack_id", REGIMES)
def test_rules_of_others_are_marked_as_the_models_when_a_pack_takes_them(pack_id: str) -> None:
    pack, model = load_pack(pack_id), load_pack("model")
    marked = {rule.id for rule in pack.rules.values() if rule.mark == "model"}
    assert {"second-person.award", "grading", "payment-by-grade", "supervisor-independent"} <= marked
    # Beside them only what the notes call a choice of the pack's own.
    assert marked - set(model.rules) == set()
    assert marked.isdisjoint(pack.without)


def test_china_has_these_parameters_when_read() -> None:
    china = load_pack("cn-services")
    periods = {
        "documents-available": (5, "WD"),
        "tender-period": (20, "D"),
        "notice-period": (5, "WD"),
        "prequalification-documents": (5, "WD"),
        "evaluation-report": (2, "WD"),
        "award-choice": (5, "WD"),
        "result-publication": (2, "WD"),
        "result-notice": (1, "WD"),
        "contract-signing": (30, "D"),
        "contract-publication": (2, "WD"),
        "contract-filing": (7, "WD"),
        "bid-security-refund.losers": (5, "WD"),
        "bid-security-refund.winner": (5, "WD"),
        "question-window": (7, "WD"),
        "question-answer": (7, "WD"),
        "complaint-window": (15, "WD"),
        "complaint-intake": (5, "WD"),
        "complaint-correction": (3, "WD"),
        "complaint-service": (8, "WD"),
        "complaint-response": (5, "WD"),
        "complaint-decision": (30, "WD"),
        "suspension-cap": (30, "D"),
        "method.single-source.publicity": (5, "WD"),
        "method.competitive-negotiation.response-period": (3, "WD"),
        "method.competitive-consultation.documents-available": (5, "WD"),
        "method.competitive-consultation.response-period": (10, "D"),
        "framework.joining-decision": (7, "WD"),
        "framework.summary-report": (10, "WD"),
        "payment": (30, "D"),
        "payment.sme": (10, "WD"),
    }
    expected = {rule_id: Period(n, unit, "excluded", "next-working-day") for rule_id, (n, unit) in periods.items()}  # type: ignore[arg-type]  # the table's units are D and WD
    assert {rule_id: china.period(rule_id) for rule_id in periods} == expected
    numbers = {
        "gate.opening.minimum-bids": 3,
        "gate.qualified.minimum-bids": 3,
        "gate.responsive.minimum-bids": 3,
        "committee.minimum-members": 5,
        "committee.minimum-members-large": 7,
        "committee.expert-share": Fraction(2, 3),
        "committee.recusal-years": 3,
        "bid-security-cap": Fraction(2, 100),
        "performance-security-cap": Fraction(10, 100),
        "contract-change.cap": Fraction(10, 100),
        "contract-term.normal": 1,
        "contract-term.cap": 3,
        "framework.term-cap": 2,
        "framework.elimination-share": Fraction(20, 100),
        "framework.elimination-share-quality-first": Fraction(40, 100),
        "framework.refill-below": Fraction(70, 100),
        "qualification.similar-contracts": 2,
        "method.competitive-consultation.minimum-suppliers": 3,
        "method.competitive-consultation.minimum-suppliers-services": 2,
        "method.competitive-negotiation.minimum-quotes-converted": 2,
        "abnormally-low.mean": Fraction(50, 100),
        "abnormally-low.second-lowest": Fraction(50, 100),
        "abnormally-low.ceiling": Fraction(45, 100),
        "abnormally-low.raise-to-max": Fraction(65, 100),
        "abnormally-low.explanation-minutes": 30,
        "policy.reserved-share": Fraction(30, 100),
        "policy.reserved-share-small-micro": Fraction(60, 100),
        "retention": 15,
    }
    assert {rule_id: china.fraction(rule_id) for rule_id in numbers} == numbers
    assert china.table("price-weight") == {"min": 10, "max": 100}
    assert china.table("method.competitive-consultation.price-weight") == {"min": 10, "max": 30}
    assert china.table("policy-deduction.small-micro") == {"min": 10, "max": 20}
    assert china.table("policy-deduction.consortium") == {"min": 4, "max": 6}
    assert china.table("exclusion.ban") == {"min": 1, "max": 3}
    assert china.choice("tie-break") == ("lower-price", "technical-rank", "draw")
    assert china.text("price-formula") == "ratio_to_lowest"
    assert {china.rule(f"abnormally-low.{name}").inequality for name in ("mean", "second-lowest", "ceiling")} == {
        "strict"
    }
    assert set(china.without) == {
        "standstill",
        "abnormally-low.explanation-period",
        "final-quotes.period",
        "exclusion.mandatory-grounds",
        "exclusion.mandatory",
        "exclusion.discretionary-grounds",
        "exclusion.discretionary",
        "exclusion.taxes",
        "exclusion.self-cleaning-heard",
        "exclusion.self-cleaning-decision",
        "payment.advance",
    }


def test_europe_has_these_parameters_when_read() -> None:
    europe = load_pack("eu-light")
    periods = {
        "tender-period": 35,
        "tender-period-electronic": 30,
        "tender-period-urgent": 15,
        "tender-period-prior-information": 15,
        "tender-period-restricted": 30,
        "tender-period-restricted-electronic": 25,
        "tender-period-restricted-prior-information": 10,
        "tender-period-restricted-urgent": 10,
        "participation-period": 30,
        "participation-period-urgent": 15,
        "standstill": 10,
        "standstill-other-means": 15,
        "debriefing": 15,
        "claim-window": 30,
        "award-notice-light": 30,
    }
    assert {rule_id: europe.period(rule_id) for rule_id in periods} == {
        rule_id: Period(n, "D", "excluded", "next-working-day") for rule_id, n in periods.items()
    }
    numbers = {
        "threshold.central": 140_000,
        "threshold.sub-central": 216_000,
        "threshold.light-regime": 750_000,
        "method.restricted.minimum-invitees": 5,
        "method.negotiated.minimum-invitees": 3,
        "exclusion.mandatory": 5,
        "exclusion.discretionary": 3,
        "contract-change.additional-services": Fraction(1, 2),
        "contract-change.unforeseeable": Fraction(1, 2),
        "contract-change.de-minimis": Fraction(1, 10),
        "reserved.participation-term": 3,
        "retention": 3,
    }
    assert {rule_id: europe.fraction(rule_id) for rule_id in numbers} == numbers
    assert europe.table("price-weight") == {"min": 0, "max": 100}
    assert {"gate.opening.minimum-bids", "committee.minimum-members", "contract-change.cap"} <= set(europe.without)
    assert not {"abnormally-low.mean", "abnormally-low.second-lowest", "abnormally-low.ceiling"} & set(europe.rules)


def test_united_kingdom_has_these_parameters_when_read() -> None:
    uk = load_pack("uk-2023")
    tendering = {
        "tender-period": 25,
        "tender-period-one-missing": 30,
        "tender-period-both-missing": 35,
        "tender-period-short": 10,
        "participation-period": 25,
        "participation-period-urgent": 10,
    }
    assert {rule_id: uk.period(rule_id) for rule_id in tendering} == {
        rule_id: Period(n, "D", "excluded", "none") for rule_id, n in tendering.items()
    }
    assert uk.period("standstill") == Period(8, "WD", "included", "none")
    assert uk.rule("standstill").verified
    numbers = {
        "threshold.central": 135_018,
        "threshold.sub-central": 207_720,
        "threshold.light-touch": 663_540,
        "kpi.minimum": 3,
        "kpi.assessment-interval": 12,
        "contract-change.unforeseeable": Fraction(1, 2),
        "contract-change.known-risk": Fraction(1, 2),
        "contract-change.additional": Fraction(1, 2),
        "contract-change.below-threshold": Fraction(1, 10),
        "contract-change.term": Fraction(1, 10),
        "framework.term-cap": 4,
        "framework.open-term-cap": 8,
        "reserved.mutual-term": 5,
        "criteria.social-value": 10,
        "retention": 3,
    }
    assert {rule_id: uk.fraction(rule_id) for rule_id in numbers} == numbers
    # Periods of which the notes give a length and no way of counting say that the counting is not theirs.
    assert {rule.counting.mark for rule in uk.rules.values() if rule.counting and rule.source.endswith("s. 53")} == {
        "model"
    }


@pytest.mark.parametrize("rule_id", ["standstill", "kpi.minimum", "kpi.assessment-interval", "poor-performance-notice"])
def test_rule_is_offered_as_voluntary_when_it_does_not_bind_light_touch_contracts(rule_id: str) -> None:
    assert load_pack("uk-2023").rule(rule_id).voluntary_for == ("light",)


def test_thresholds_of_a_year_are_not_there_when_a_procedure_started_before_it() -> None:
    assert "threshold.central" not in load_pack("uk-2023", "1.0.0").rules
