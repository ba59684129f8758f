"""What a tender asks of bidders: criteria, each with groups of requirements, of which a bidder answers exactly one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from shared.rules.checks import check_rule
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.parts import AwardCriterion
from tender.domain.requirement_values import DataType, meets, read_value

MOST_REQUIREMENTS = 100
SIMILAR_CONTRACTS = "similar-contracts"
TURNOVER = "turnover"
_RULES = {
    "qualification.banned-conditions": "condition-banned",
    "qualification.similar-contracts": "similar-contracts-too-many",
    "qualification.turnover-cap": "turnover-too-high",
    "qualification.not-scored": "qualification-scored",
    "criteria.levels-quantified": "levels-not-quantified",
}


class RequirementKind(StrEnum):
    """What an answer decides: whether somebody is excluded, qualifies, or how the bid is scored."""

    EXCLUSION = "exclusion"
    QUALIFICATION = "qualification"
    AWARD = "award"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing to be answered.

    Shape: values are text in the form of the data type (true, 12, 12.50, 2026-03-02); expected, or minimum and maximum,
    or options, or none of them; subject is the code of what is asked for, such as similar-contracts or turnover;
    evidence lists the kinds of document that may prove the answer.
    """

    id: str
    title: str
    data_type: DataType
    subject: str | None = None
    expected: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    options: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementGroup:
    """One of the ways to meet a criterion: all its requirements are answered together."""

    id: str
    title: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class RequirementCriterion:
    """A criterion with its groups.

    Shape: one of the kind award has the id of the quality criterion that its answers are scored on; no other has.
    """

    id: str
    title: str
    kind: RequirementKind
    groups: tuple[RequirementGroup, ...]

    def requirements(self) -> Iterator[Requirement]:
        """Yield the requirements of all groups."""
        for group in self.groups:
            yield from group.requirements


def check_requirements(
    requirements: Sequence[RequirementCriterion], criteria: Sequence[AwardCriterion], value: Money, pack: RulePack
) -> None:
    """Hold what is asked of bidders, and the levels it is scored on, to sense and to the pack.

    Raises:
        Invalid: requirements-too-many, requirement-repeated, requirement-empty, requirement-contradicts-itself,
            award-criterion-unknown, levels-not-ascending.
        NotAllowed: condition-banned, similar-contracts-too-many, turnover-too-high, qualification-scored,
            levels-not-quantified.
    """
    _check_structure(requirements)
    _check_scored(requirements, criteria)
    for criterion in criteria:
        _check_levels(criterion)
    facts = _facts(requirements, criteria, value)
    for rule_id, code in _RULES.items():
        if rule_id in pack.rules:
            require(check_rule(pack.rule(rule_id), facts, pack.calendar).result, code)


def allowed_scores(criterion: AwardCriterion) -> tuple[Decimal, ...] | None:
    """Return the only scores that a criterion's levels admit, or None where every score from 0 to 100 may be given."""
    return tuple(level.points for level in criterion.levels) or None


def _check_structure(criteria: Sequence[RequirementCriterion]) -> None:
    if sum(1 for criterion in criteria for _ in criterion.requirements()) > MOST_REQUIREMENTS:
        raise Invalid("requirements-too-many", f"A tender asks for at most {MOST_REQUIREMENTS} answers.", pointer=_AT)
    _distinct([criterion.id for criterion in criteria])
    # An answer names its requirement alone, so the id is of one requirement in the whole tender.
    _distinct([requirement.id for criterion in criteria for requirement in criterion.requirements()])
    for criterion in criteria:
        _distinct([group.id for group in criterion.groups])
        if not criterion.groups or not all(group.requirements for group in criterion.groups):
            raise Invalid("requirement-empty", "A criterion has groups, and a group has requirements.", pointer=_AT)
        for requirement in criterion.requirements():
            _check_requirement(requirement)


def _check_requirement(requirement: Requirement) -> None:
    bounds = requirement.minimum is not None or requirement.maximum is not None
    ways = (requirement.expected is not None) + bounds + bool(requirement.options)
    given = [requirement.expected, requirement.minimum, requirement.maximum, *requirement.options]
    values = [None if text is None else read_value(requirement.data_type, text) for text in given]
    read = all((text is None) == (value is None) for text, value in zip(given, values, strict=True))
    ordered = not bounds or requirement.data_type in {DataType.INTEGER, DataType.DECIMAL, DataType.DATE}
    coded = requirement.data_type is not DataType.CODE or requirement.options or requirement.expected is not None
    if not (ways <= 1 and read and ordered and coded and _not_reversed(requirement)):
        raise Invalid(
            "requirement-contradicts-itself",
            "A requirement has one kind of expectation, of its own data type, that an answer can meet.",
            pointer=_AT,
            satisfied_by="An expected value, or a minimum and maximum of a number or date, or options; a code has one.",
        )
    _distinct(requirement.options)


def _not_reversed(requirement: Requirement) -> bool:
    if requirement.minimum is None or requirement.maximum is None:
        return True
    return meets(requirement.data_type, requirement.maximum, minimum=requirement.minimum)


def _check_scored(requirements: Sequence[RequirementCriterion], criteria: Sequence[AwardCriterion]) -> None:
    quality = {criterion.id for criterion in criteria if criterion.kind == "quality"}
    if any(item.kind is RequirementKind.AWARD and item.id not in quality for item in requirements):
        raise Invalid(
            "award-criterion-unknown",
            "What is scored belongs to a quality criterion of the tender.",
            pointer=_AT,
            satisfied_by="The id of a quality criterion.",
        )


def _check_levels(criterion: AwardCriterion) -> None:
    if not criterion.levels:
        return
    points = [level.points for level in criterion.levels]
    measures = [level.at_least for level in criterion.levels]
    known = [measure for measure in measures if measure is not None]
    if (
        len(points) < 2
        or not all(0 <= value <= 100 for value in points)
        or sorted(set(points)) != points
        or (known and sorted(set(known)) != measures)
        or criterion.kind == "price"
    ):
        raise Invalid(
            "levels-not-ascending",
            "Levels of a quality criterion are two or more, with points from 0 to 100 that rise, as do their measures.",
            pointer="/body/criteria",
        )


def _facts(requirements: Sequence[RequirementCriterion], criteria: Sequence[AwardCriterion], value: Money) -> Facts:
    asked = [
        item for criterion in _of(requirements, RequirementKind.QUALIFICATION) for item in criterion.requirements()
    ]
    scored = [item for criterion in _of(requirements, RequirementKind.AWARD) for item in criterion.requirements()]
    conditions = {item.subject for item in asked if item.subject is not None}
    quality = [criterion for criterion in criteria if criterion.kind == "quality"]
    ids = {criterion.id for criterion in quality}
    facts: dict[str, FactValue] = {
        "qualification.conditions": tuple(sorted(conditions)),
        "qualification.similar_contracts": _most(asked, SIMILAR_CONTRACTS),
        "qualification.minimum_turnover": _most(asked, TURNOVER),
        "procedure.estimate": Fraction(value.amount),
        "criteria.score_qualification": bool(
            conditions & {item.subject for item in scored}
            or ids & {criterion.id for criterion in _of(requirements, RequirementKind.QUALIFICATION)}
        ),
        "criteria.levels_quantified": all(
            criterion.levels and all(level.at_least is not None for level in criterion.levels) for criterion in quality
        ),
    }
    return facts


def _of(requirements: Sequence[RequirementCriterion], kind: RequirementKind) -> list[RequirementCriterion]:
    return [criterion for criterion in requirements if criterion.kind is kind]


def _most(asked: Sequence[Requirement], subject: str) -> Fraction:
    numbers = [
        read_value(item.data_type, text)
        for item in asked
        if item.subject == subject
        for text in (item.expected, item.minimum, *item.options)
        if text is not None
    ]
    return max((Fraction(number) for number in numbers if isinstance(number, int | Decimal)), default=Fraction(0))


def _distinct(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise Invalid("requirement-repeated", "An id, and an option, is used once.", pointer=_AT)


_AT = "/body/requirements"
