"""A bidder's answers, held against what the tender asks for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tender.domain.requirement_answers import Answer, Response, check_answers
from tender.domain.requirement_values import DataType
from tender.domain.requirements import Requirement, RequirementCriterion, RequirementGroup, RequirementKind

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
CLEAN = Response("conviction", "declared", (Answer("convicted", "false"),))
BY_CONTRACTS = Response("experience", "contracts", (Answer("similar", "1", ("letter", "photo")),))
BY_STAFF = Response("experience", "staff", (Answer("grade", "b"), Answer("since", "2021-01-01")))


def found(*responses: Response) -> list[tuple[str, str | None, str]]:
    findings = check_answers(ASKED, responses)
    assert all(finding.detail for finding in findings)
    return [(finding.criterion, finding.requirement, finding.code) for finding in findings]


@pytest.mark.parametrize("way", [BY_CONTRACTS, BY_STAFF])
def test_nothing_is_found_when_one_group_of_each_criterion_is_answered(way: Response) -> None:
    assert found(CLEAN, way) == found(way, CLEAN) == []


def test_every_criterion_is_missed_when_nothing_is_answered() -> None:
    assert found() == [("conviction", None, "response-missing"), ("experience", None, "response-missing")]


def test_two_groups_are_one_too_many_when_both_are_answered() -> None:
    assert found(CLEAN, BY_CONTRACTS, BY_STAFF) == [("experience", None, "response-repeated")]


def test_unknown_names_are_found_when_a_bidder_makes_them_up() -> None:
    strange = replace(CLEAN, criterion="conviction2")
    assert found(CLEAN, replace(BY_STAFF, group="friends"), strange) == [
        ("experience", None, "group-unknown"),
        ("conviction2", None, "criterion-unknown"),
    ]


def test_answers_of_the_other_group_count_for_nothing_when_groups_are_mixed() -> None:
    mixed = replace(BY_STAFF, answers=(*BY_CONTRACTS.answers, Answer("grade", "a")))
    assert found(CLEAN, mixed) == [
        ("experience", "since", "answer-missing"),
        ("experience", "similar", "answer-unexpected"),
    ]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((Answer("convicted", "true"),), "answer-not-expected"),
        ((Answer("convicted", "no"),), "answer-of-another-type"),
        ((Answer("convicted", "false"),) * 2, "answer-repeated"),
        ((), "answer-missing"),
    ],
)
def test_answer_is_named_when_it_is_not_as_asked_for(answers: tuple[Answer, ...], code: str) -> None:
    assert found(replace(CLEAN, answers=answers), BY_STAFF) == [("conviction", "convicted", code)]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("0", ["answer-out-of-bounds"]),
        ("1", []),
        ("20", []),
        ("21", ["answer-out-of-bounds"]),
        ("1.0", ["answer-of-another-type"]),
    ],
)
def test_bounds_are_held_when_an_answer_is_a_number(value: str, codes: list[str]) -> None:
    response = replace(BY_CONTRACTS, answers=(Answer("similar", value, ("contract",)),))
    assert [code for _, _, code in found(CLEAN, response)] == codes


@pytest.mark.parametrize("evidence", [(), ("photo",)])
def test_evidence_is_missing_when_no_eligible_document_is_named(evidence: tuple[str, ...]) -> None:
    response = replace(BY_CONTRACTS, answers=(Answer("similar", "2", evidence),))
    assert found(CLEAN, response) == [("experience", "similar", "evidence-missing")]


def test_option_is_named_when_it_is_none_of_the_tender() -> None:
    response = replace(BY_STAFF, answers=(Answer("grade", "c"), Answer("since", "2021-01-02")))
    assert found(CLEAN, response) == [
        ("experience", "grade", "answer-not-expected"),
        ("experience", "since", "answer-out-of-bounds"),
    ]


TEXTS = st.sampled_from(["", "true", "false", "1", "-1", "1.5", "2020-01-01", "a", "b", "x" * 2000, "\x00"])
NAMES = st.sampled_from(
    ["conviction", "experience", "declared", "contracts", "staff", "convicted", "grade", "since", ""]
)
ANSWERS = st.builds(Answer, NAMES, TEXTS, st.lists(NAMES, max_size=2).map(tuple))
RESPONSES = st.builds(Response, NAMES, NAMES, st.lists(ANSWERS, max_size=4).map(tuple))


@given(st.lists(RESPONSES, max_size=5))
def test_any_answers_are_judged_without_a_failure_when_they_come_from_outside(responses: list[Response]) -> None:
    findings = check_answers(ASKED, responses)
    complete = all(
        any(response.criterion == asked.id and response.group in {g.id for g in asked.groups} for response in responses)
        for asked in ASKED
    )
    assert complete or findings
    assert findings == check_answers(ASKED, responses)


def test_nothing_is_found_when_nothing_is_asked_for() -> None:
    asked: Any = ()
    assert check_answers(asked, ()) == ()
