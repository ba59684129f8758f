"""Deadlines by the dates of the rule books, as an outsider asks for them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.pack import available_packs, load_pack, pack_versions
from shared.rules.questions.deadlines import answer

MONDAY = "2026-03-02"
EASTER_MONDAY = ["2026-04-06"]
QINGMING = ["2026-04-04", "2026-04-05", "2026-04-06"]

VECTORS = [
    ("cn-services", "documents-available", MONDAY, [], "2026-03-09", None),
    ("cn-services", "tender-period", MONDAY, [], "2026-03-23", None),
    ("cn-services", "clarification", "2026-03-23", [], "2026-03-08", None),
    ("eu-light", "tender-period", MONDAY, [], "2026-04-06", None),
    ("eu-light", "tender-period", MONDAY, EASTER_MONDAY, "2026-04-07", None),
    ("eu-light", "tender-period-electronic", MONDAY, [], "2026-04-01", None),
    ("uk-2023", "tender-period", MONDAY, [], "2026-03-27", None),
    ("uk-2023", "standstill", MONDAY, [], "2026-03-11", "2026-03-12"),
    ("eu-light", "standstill", MONDAY, [], "2026-03-12", "2026-03-13"),
    ("cn-services", "result-notice", "2026-03-16", [], "2026-03-17", None),
    ("cn-services", "question-window", "2026-03-17", [], "2026-03-26", None),
    ("cn-services", "question-answer", "2026-03-26", [], "2026-04-06", None),
    ("cn-services", "question-answer", "2026-03-26", QINGMING, "2026-04-07", None),
    ("cn-services", "contract-signing", "2026-03-18", [], "2026-04-17", None),
]
ORDER_87 = "Ministry of Finance Order 87"


def asked(pack: str, rule: str, start: str, **more: Any) -> dict[str, Any]:
    return answer({"pack": pack, "rule": rule, "start": start, **more})


@pytest.mark.parametrize(("pack", "rule", "start", "holidays", "expected", "earliest_next"), VECTORS)
def test_date_is_that_of_the_rule_book_when_a_period_is_counted(
    pack: str, rule: str, start: str, holidays: list[str], expected: str, earliest_next: str | None
) -> None:
    found = asked(pack, rule, start, holidays=holidays)
    assert (found["date"], found.get("earliest_next")) == (expected, earliest_next)


def test_every_decision_is_a_step_with_its_article_when_a_last_day_moves() -> None:
    found = asked("cn-services", "tender-period", MONDAY)
    assert found["steps"] == [
        (
            "At least this long from the issue of the documents to the bid deadline. The period is 20 days "
            "(Government Procurement Law (政府采购法), art. 35)."
        ),
        f"The day of the event, Monday 2026-03-02, does not count: day 1 is Tuesday 2026-03-03 ({ORDER_87}, art. 85).",
        f"Every day counts, days off too: day 20 is Sunday 2026-03-22 ({ORDER_87}, art. 85).",
        f"That is a day off: the period ends on the next working day, Monday 2026-03-23 ({ORDER_87}, art. 85).",
    ]
    assert (found["mark"], found["verified"]) == ("read", True)


def test_days_off_are_named_when_working_days_are_counted_past_them() -> None:
    steps = asked("cn-services", "question-answer", "2026-03-26", holidays=QINGMING)["steps"]
    assert steps[2] == (
        "Only working days count, which leaves out Saturday 2026-03-28 to Sunday 2026-03-29, "
        "Saturday 2026-04-04 to Monday 2026-04-06: day 7 is Tuesday 2026-04-07 (Ministry of Finance Order 94, art. 42)."
    )
    assert len(steps) == 3


def test_next_step_is_the_last_step_when_a_standstill_is_counted() -> None:
    section = "(Procurement Act 2023, s. 51)."
    assert asked("uk-2023", "standstill", MONDAY)["steps"][1:] == [
        f"The day of the event, Monday 2026-03-02, counts: day 1 is Monday 2026-03-02 {section}",
        (
            "Only working days count, which leaves out Saturday 2026-03-07 to Sunday 2026-03-08: "
            f"day 8 is Wednesday 2026-03-11 {section}"
        ),
        f"The contract may be made from the day after, Thursday 2026-03-12 {section}",
    ]


def test_included_day_is_passed_over_when_it_is_a_day_off() -> None:
    steps = asked("uk-2023", "standstill", "2026-03-01")["steps"]
    assert "Sunday 2026-03-01, is a day off and does not count: day 1 is Monday 2026-03-02" in steps[1]


def test_direction_is_told_when_a_period_is_counted_backwards() -> None:
    steps = asked("cn-services", "clarification", "2026-03-23")["steps"]
    assert "day 1 is Sunday 2026-03-22, counting backwards" in steps[1]


def test_step_says_what_is_to_be_verified_when_only_the_counting_was_not_read() -> None:
    found = asked("eu-light", "standstill", MONDAY)
    to_be_verified = [step.endswith("; to be verified).") for step in found["steps"]]
    assert to_be_verified == [False, True, True, False]
    assert (found["mark"], found["verified"]) == ("read", False)


def test_make_up_saturday_counts_when_the_question_names_it() -> None:
    # Tuesday 3 to Friday 6 March are four working days; the fifth is Saturday the 7th, made up for another day.
    found = asked("cn-services", "documents-available", MONDAY, working_saturdays=["2026-03-07"])
    assert found["date"] == "2026-03-07"


def test_version_is_that_of_the_start_when_the_question_names_no_other_day() -> None:
    assert asked("cn-services", "tender-period", "2026-01-31")["version"] == "1.0.0"
    assert asked("cn-services", "tender-period", "2026-02-01")["version"] == "1.1.0"
    assert asked("cn-services", "tender-period", "2026-02-01", on="2026-01-31")["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        pytest.param({"pack": "nowhere"}, "pack-unknown", "/pack", id="pack"),
        pytest.param({"pack": 1}, "pack-unknown", "/pack", id="pack-no-text"),
        pytest.param({"rule": "tender-periode"}, "rule-unknown", "/rule", id="rule"),
        pytest.param({"rule": ["tender-period"]}, "rule-unknown", "/rule", id="rule-no-text"),
        pytest.param({"rule": "price-weight"}, "rule-of-another-kind", "/rule", id="no-period"),
        pytest.param({"start": "2026-02-30"}, "day-malformed", "/start", id="no-such-day"),
        pytest.param({"start": "20260302"}, "day-malformed", "/start", id="basic-format"),
        pytest.param({"start": "2026-03-02T09:00:00Z"}, "day-malformed", "/start", id="instant"),
        pytest.param({"start": 20260302}, "day-malformed", "/start", id="number"),
        pytest.param({"start": "9999-12-31"}, "day-out-of-range", "/start", id="after-all-years"),
        pytest.param({"start": "2025-12-31"}, "pack-not-in-force", "/start", id="before-the-pack"),
        pytest.param({"on": "2025-12-31"}, "pack-not-in-force", "/on", id="started-before-the-pack"),
        pytest.param({"on": True}, "day-malformed", "/on", id="on-no-day"),
        pytest.param({"holidays": "2026-04-06"}, "days-not-a-list", "/holidays", id="no-list"),
        pytest.param({"holidays": ["2026-04-06", "Easter"]}, "day-malformed", "/holidays/1", id="holiday"),
        pytest.param({"holidays": ["2026-04-06"] * 1001}, "days-too-many", "/holidays", id="too-many"),
        pytest.param({"working_saturdays": ["2026-03-06"]}, "day-not-in-weekend", "/working_saturdays/0", id="friday"),
        pytest.param(
            {"holidays": ["2026-03-07"], "working_saturdays": ["2026-03-07"]},
            "day-both-off-and-worked",
            "/working_saturdays",
            id="both",
        ),
        pytest.param({"ends": "2026-03-02"}, "unknown-field", "/ends", id="unknown-member"),
    ],
)
def test_question_is_refused_with_its_pointer_when_it_makes_no_sense(
    changed: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        answer({"pack": "cn-services", "rule": "tender-period", "start": MONDAY, **changed})
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)
    assert not any(str(value) in refusal.value.detail for value in changed.values() if not isinstance(value, bool))


@pytest.mark.parametrize("missing", ["pack", "rule", "start"])
def test_question_is_refused_when_a_member_is_missing(missing: str) -> None:
    question = {"pack": "cn-services", "rule": "tender-period", "start": MONDAY}
    del question[missing]
    with pytest.raises(Invalid, match="field-missing"):
        answer(question)


@pytest.mark.parametrize("document", [None, [], "2026-03-02", 1])
def test_question_is_refused_when_it_is_no_object(document: Any) -> None:
    with pytest.raises(Invalid, match="value-invalid"):
        answer(document)


PERIODS = [
    (pack_id, rule.id)
    for pack_id in available_packs()
    for rule in load_pack(pack_id, pack_versions(pack_id)[0]["version"]).rules.values()
    if rule.period is not None
]


@given(st.sampled_from(PERIODS), st.dates(date(2026, 1, 1), date(2026, 1, 31)), st.lists(st.integers(-60, 60)))
def test_last_day_moves_away_from_the_start_alone_when_holidays_are_named(
    period: tuple[str, str], start: date, apart: list[int]
) -> None:
    holidays = [(start + timedelta(days=days)).isoformat() for days in apart]
    plain = asked(*period, start.isoformat())["date"]
    with_holidays = asked(*period, start.isoformat(), holidays=holidays)["date"]
    backward = load_pack(period[0]).period(period[1]).direction == "backward"
    assert with_holidays <= plain if backward else plain <= with_holidays


@given(st.sampled_from(PERIODS), st.dates(date(2026, 1, 1), date(2026, 1, 30)))
def test_last_day_never_falls_when_a_period_starts_a_day_later(period: tuple[str, str], start: date) -> None:
    first, second = (asked(*period, day.isoformat())["date"] for day in (start, start + timedelta(days=1)))
    assert first <= second


def test_every_period_of_every_pack_is_counted_when_asked_for() -> None:
    assert len(PERIODS) > 100
    assert all(asked(*period, "2026-01-15")["steps"] for period in PERIODS)
