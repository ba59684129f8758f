"""A bidder's answers, held against what the tender asks for."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender.domain.requirement_answers import check_answers
from tender.domain.requirement_values import DataType
from tender.domain.requirements import Requirement, RequirementCriterion, RequirementGroup, RequirementKind


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a bid keeps it."""

    requirement: str
    value: str | bool
    evidence: tuple[str, ...] = ()


CONVICTION = RequirementCriterion(
    "conviction",
    "Convictions",
    RequirementKind.EXCLUSION,
    (
        RequirementGroup(
            "declared", "Declared", (Requirement("convicted", "Convicted?", DataType.BOOLEAN, expected="false"),)
        ),
    ),
)
EXPERIENCE = RequirementCriterion(
    "experience",
    "Experience",
    RequirementKind.QUALIFICATION,
    (
        RequirementGroup(
            "contracts",
            "By contracts",
            (
                Requirement(
                    "similar", "Similar", DataType.INTEGER, minimum="1", maximum="20", evidence=("contract", "letter")
                ),
            ),
        ),
        RequirementGroup(
            "staff",
            "By staff",
            (
                Requirement("grade", "Grade", DataType.CODE, options=("a", "b")),
                Requirement("since", "Since", DataType.DATE, maximum="2021-01-01"),
            ),
        ),
    ),
)
ASKED = (CONVICTION, EXPERIENCE)
CLEAN = ({"conviction": "declared"}, (Answer("convicted", "false"),))
BY_CONTRACTS = ({"experience": "contracts"}, (Answer("similar", "1", ("0" * 64,)),))
BY_STAFF = ({"experience": "staff"}, (Answer("grade", "b"), Answer("since", "2021-01-01")))
Offer = tuple[dict[str, str], tuple[Answer, ...]]


def found(*parts: Offer) -> list[tuple[str | None, str | None, str]]:
    groups = {criterion: group for chosen, _ in parts for criterion, group in chosen.items()}
    findings = check_answers(ASKED, groups, [answer for _, answers in parts for answer in answers])
    assert all(finding.detail for finding in findings)
    return [(finding.criterion, finding.requirement, finding.code) for finding in findings]


@pytest.mark.parametrize("way", [BY_CONTRACTS, BY_STAFF])
def test_nothing_is_found_when_one_group_of_each_criterion_is_answered(way: Offer) -> None:
    assert found(CLEAN, way) == found(way, CLEAN) == []


def test_every_criterion_is_missed_when_nothing_is_answered() -> None:
    assert found() == [("conviction", None, "group-missing"), ("experience", None, "group-missing")]


def test_answers_count_for_nothing_when_their_group_is_not_the_chosen_one() -> None:
    assert found(CLEAN, BY_STAFF, ({}, BY_CONTRACTS[1])) == [(None, "similar", "answer-unexpected")]
    assert found(CLEAN, ({"experience": "staff"}, (Answer("grade", "a"), *BY_CONTRACTS[1]))) == [
        ("experience", "since", "answer-missing"),
        (None, "similar", "answer-unexpected"),
    ]


def test_unknown_names_are_found_when_a_bidder_makes_them_up() -> None:
    assert found(CLEAN, ({"experience": "friends", "beauty": "own"}, (Answer("hair", "true"),))) == [
        ("experience", None, "group-unknown"),
        (None, "hair", "answer-unexpected"),
        ("beauty", None, "criterion-unknown"),
    ]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((Answer("convicted", "true"),), "answer-not-expected"),
        ((Answer("convicted", True),), "answer-not-expected"),
        ((Answer("convicted", "no"),), "answer-of-another-type"),
        ((Answer("convicted", "false"),) * 2, "answer-repeated"),
        ((), "answer-missing"),
    ],
)
def test_answer_is_named_when_it_is_not_as_asked_for(answers: tuple[Answer, ...], code: str) -> None:
    assert found(({"conviction": "declared"}, answers), BY_STAFF) == [("conviction", "convicted", code)]


def test_truth_is_the_same_when_it_is_no_text() -> None:
    assert found(({"conviction": "declared"}, (Answer("convicted", False),)), BY_STAFF) == []


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("0", ["answer-out-of-bounds"]),
        ("1", []),
        ("20", []),
        ("21", ["answer-out-of-bounds"]),
        ("1.0", ["answer-of-another-type"]),
        (True, ["answer-of-another-type"]),
    ],
)
def test_bounds_are_held_when_an_answer_is_a_number(value: str | bool, codes: list[str]) -> None:
    offer = ({"experience": "contracts"}, (Answer("similar", value, ("0" * 64,)),))
    assert [code for _, _, code in found(CLEAN, offer)] == codes


def test_evidence_is_missing_when_no_document_is_named() -> None:
    offer = ({"experience": "contracts"}, (Answer("similar", "2"),))
    assert found(CLEAN, offer) == [("experience", "similar", "evidence-missing")]


def test_option_is_named_when_it_is_none_of_the_tender() -> None:
    offer = ({"experience": "staff"}, (Answer("grade", "c"), Answer("since", "2021-01-02")))
    assert found(CLEAN, offer) == [
        ("experience", "grade", "answer-not-expected"),
        ("experience", "since", "answer-out-of-bounds"),
    ]


TEXTS = st.sampled_from(
    ["", "true", "false", "1", "-1", "1.5", "2020-01-01", "a", "b", "x" * 2000, "\x00", True, False]
)
NAMES = st.sampled_from(
    ["conviction", "experience", "declared", "contracts", "staff", "convicted", "grade", "since", ""]
)
ANSWERS = st.builds(Answer, NAMES, TEXTS, st.lists(NAMES, max_size=2).map(tuple))


@given(st.dictionaries(NAMES, NAMES), st.lists(ANSWERS, max_size=6))
def test_any_answers_are_judged_without_a_failure_when_they_come_from_outside(
    groups: dict[str, str], answers: list[Answer]
) -> None:
    findings = check_answers(ASKED, groups, answers)
    # Without a finding, exactly the requirements of the chosen groups are answered, each once.
    if not findings:
        assert groups.keys() == {"conviction", "experience"}
        wanted = {
            requirement.id
            for asked in ASKED
            for group in asked.groups
            if group.id == groups[asked.id]
            for requirement in group.requirements
        }
        assert sorted(answer.requirement for answer in answers) == sorted(wanted)


def test_nothing_is_found_when_nothing_is_asked_for() -> None:
    assert check_answers((), {}, ()) == ()
