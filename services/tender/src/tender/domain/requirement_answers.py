"""How a bidder's answers stand to what a tender asks for; a finding is looked at, and decides nothing by itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tender.domain.requirement_values import meets, read_value
from tender.domain.requirements import Requirement, RequirementCriterion, RequirementGroup


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one requirement.

    Shape: value is text in the form of the requirement's data type; evidence the kinds of the documents that prove it.
    """

    requirement: str
    value: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """The answers to the one group of a criterion that a bidder chose."""

    criterion: str
    group: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is missing or not as it was asked for.

    Shape: requirement is None where the finding is about the criterion as a whole.
    """

    criterion: str
    requirement: str | None
    code: str
    detail: str


_DETAILS: Mapping[str, str] = {
    "response-missing": "The criterion is not answered.",
    "response-repeated": "More than one group of the criterion is answered.",
    "criterion-unknown": "The tender has no such criterion.",
    "group-unknown": "The criterion has no such group.",
    "answer-missing": "A requirement of the chosen group is not answered.",
    "answer-repeated": "A requirement is answered more than once.",
    "answer-unexpected": "The chosen group has no such requirement.",
    "answer-of-another-type": "The answer is not of the requirement's data type.",
    "answer-not-expected": "The answer is not what is asked for.",
    "answer-out-of-bounds": "The answer is below the minimum or above the maximum.",
    "evidence-missing": "No document of an eligible kind proves the answer.",
}


def check_answers(criteria: Sequence[RequirementCriterion], responses: Sequence[Response]) -> tuple[Finding, ...]:
    """Compare answers with what was asked for, in the order of the tender's criteria; no finding means all is there."""
    given: dict[str, list[Response]] = {}
    for response in responses:
        given.setdefault(response.criterion, []).append(response)
    known = {criterion.id for criterion in criteria}
    found = [finding for criterion in criteria for finding in _check(criterion, given.get(criterion.id, []))]
    return (*found, *(_finding(name, None, "criterion-unknown") for name in given if name not in known))


def _check(criterion: RequirementCriterion, responses: Sequence[Response]) -> Iterator[Finding]:
    if len(responses) != 1:
        yield _finding(criterion.id, None, "response-repeated" if responses else "response-missing")
        return
    group = next((group for group in criterion.groups if group.id == responses[0].group), None)
    if group is None:
        yield _finding(criterion.id, None, "group-unknown")
        return
    yield from _check_group(criterion.id, group, responses[0].answers)


def _check_group(criterion: str, group: RequirementGroup, answers: Sequence[Answer]) -> Iterator[Finding]:
    counts = Counter(answer.requirement for answer in answers)
    by_requirement = {answer.requirement: answer for answer in answers}
    for requirement in group.requirements:
        match counts[requirement.id]:
            case 0:
                yield _finding(criterion, requirement.id, "answer-missing")
            case 1:
                yield from _check_answer(criterion, requirement, by_requirement[requirement.id])
            case _:
                yield _finding(criterion, requirement.id, "answer-repeated")
    asked = {requirement.id for requirement in group.requirements}
    for name in counts:
        if name not in asked:
            yield _finding(criterion, name, "answer-unexpected")


def _check_answer(criterion: str, requirement: Requirement, answer: Answer) -> Iterator[Finding]:
    kind, value = requirement.data_type, answer.value
    if read_value(kind, value) is None:
        yield _finding(criterion, requirement.id, "answer-of-another-type")
    elif not meets(kind, value, expected=requirement.expected, options=requirement.options):
        yield _finding(criterion, requirement.id, "answer-not-expected")
    elif not meets(kind, value, minimum=requirement.minimum, maximum=requirement.maximum):
        yield _finding(criterion, requirement.id, "answer-out-of-bounds")
    if requirement.evidence and not set(requirement.evidence) & set(answer.evidence):
        yield _finding(criterion, requirement.id, "evidence-missing")


def _finding(criterion: str, requirement: str | None, code: str) -> Finding:
    return Finding(criterion, requirement, code, _DETAILS[code])
