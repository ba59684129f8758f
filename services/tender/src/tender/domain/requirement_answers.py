"""How a bidder's answers stand to what a tender asks for; a finding is looked at, and decides nothing by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tender.domain.requirement_values import meets, read_value
from tender.domain.requirements import Requirement, RequirementCriterion


class Answer(Protocol):
    """The answer to one requirement, however a bid keeps it.

    Shape: value is text in the form of the requirement's data type, or a truth value; evidence names the documents that
    prove it.
    """

    @property
    def requirement(self) -> str:
        """The id of the requirement."""
        ...

    @property
    def value(self) -> str | bool:
        """What is answered."""
        ...

    @property
    def evidence(self) -> tuple[str, ...]:
        """The documents."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What is missing or not as it was asked for.

    Shape: requirement is None where the finding is about the criterion as a whole, criterion where an answer has
        none.
    """

    criterion: str | None
    requirement: str | None
    code: str
    detail: str


_DETAILS: Mapping[str, str] = {
    "group-missing": "No group of the criterion is chosen.",
    "group-unknown": "The criterion has no such group.",
    "criterion-unknown": "The tender has no such criterion.",
    "answer-missing": "A requirement of the chosen group is not answered.",
    "answer-repeated": "A requirement is answered more than once.",
    "answer-unexpected": "The answer belongs to no chosen group.",
    "answer-of-another-type": "The answer is not of the requirement's data type.",
    "answer-not-expected": "The answer is not what is asked for.",
    "answer-out-of-bounds": "The answer is below the minimum or above the maximum.",
    "evidence-missing": "No document proves the answer.",
}


def check_answers(
    criteria: Sequence[RequirementCriterion], groups: Mapping[str, str], answers: Sequence[Answer]
) -> tuple[Finding, ...]:
    """Compare answers with what was asked for, in the order of the tender's criteria; no finding means all is there.

    Shape: groups holds the chosen group of each criterion, both by id.
    """
    given: dict[str, list[Answer]] = {}
    for answer in answers:
        given.setdefault(answer.requirement, []).append(answer)
    found, asked = [], set[str]()
    for criterion in criteria:
        group = next((group for group in criterion.groups if group.id == groups.get(criterion.id)), None)
        if group is None:
            code = "group-unknown" if criterion.id in groups else "group-missing"
            found.append(_finding(criterion.id, None, code))
            continue
        for requirement in group.requirements:
            asked.add(requirement.id)
            found += _check(criterion.id, requirement, given.get(requirement.id, []))
    known = {criterion.id for criterion in criteria}
    found += [_finding(None, name, "answer-unexpected") for name in given if name not in asked]
    found += [_finding(name, None, "criterion-unknown") for name in groups if name not in known]
    return tuple(found)


def _check(criterion: str, requirement: Requirement, answers: Sequence[Answer]) -> Iterator[Finding]:
    if len(answers) != 1:
        yield _finding(criterion, requirement.id, "answer-repeated" if answers else "answer-missing")
        return
    kind, value = requirement.data_type, _text(answers[0].value)
    if read_value(kind, value) is None:
        yield _finding(criterion, requirement.id, "answer-of-another-type")
    elif not meets(kind, value, expected=requirement.expected, options=requirement.options):
        yield _finding(criterion, requirement.id, "answer-not-expected")
    elif not meets(kind, value, minimum=requirement.minimum, maximum=requirement.maximum):
        yield _finding(criterion, requirement.id, "answer-out-of-bounds")
    if requirement.evidence and not answers[0].evidence:
        yield _finding(criterion, requirement.id, "evidence-missing")


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _finding(criterion: str | None, requirement: str | None, code: str) -> Finding:
    return Finding(criterion, requirement, code, _DETAILS[code])
