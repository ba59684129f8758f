"""Criteria and requirements, as the others read them."""

from collections.abc import Sequence

from shared.contracts import tender
from tender.domain.parts import AwardCriterion
from tender.domain.requirements import Requirement, RequirementCriterion


def published_criteria(criteria: Sequence[AwardCriterion]) -> tuple[tender.Criterion, ...]:
    """Write award criteria in the published language."""
    return tuple(
        tender.Criterion(
            id=item.id,
            title=item.title,
            kind=item.kind,
            weight=item.weight,
            levels=tuple(
                tender.Level(title=level.title, points=level.points, at_least=level.at_least) for level in item.levels
            ),
        )
        for item in criteria
    )


def published_requirements(criteria: Sequence[RequirementCriterion]) -> tuple[tender.RequirementCriterion, ...]:
    """Write requirements in the published language."""
    return tuple(
        tender.RequirementCriterion(
            id=criterion.id,
            title=criterion.title,
            kind=criterion.kind,
            groups=tuple(
                tender.RequirementGroup(
                    id=group.id, title=group.title, requirements=tuple(map(_requirement, group.requirements))
                )
                for group in criterion.groups
            ),
        )
        for criterion in criteria
    )


def _requirement(item: Requirement) -> tender.Requirement:
    return tender.Requirement(
        id=item.id,
        title=item.title,
        data_type=item.data_type,
        subject=item.subject,
        expected=item.expected,
        minimum=item.minimum,
        maximum=item.maximum,
        options=item.options,
        eligible_evidence=item.evidence,
    )
