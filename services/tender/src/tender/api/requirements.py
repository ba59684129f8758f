"""From what an office wrote of levels and requirements to the domain's own."""

from dataclasses import replace

from tender.api.content_schemas import ContentBody, RequirementBody, RequirementCriterionBody
from tender.domain.parts import Level
from tender.domain.requirements import Requirement, RequirementCriterion, RequirementGroup
from tender.domain.tender import Content


def with_requirements(content: Content, body: ContentBody) -> Content:
    """Add levels and requirements to a content that was read without them."""
    criteria = tuple(
        replace(criterion, levels=tuple(Level(level.title, level.points, level.at_least) for level in written.levels))
        for criterion, written in zip(content.criteria, body.criteria, strict=True)
    )
    return replace(content, criteria=criteria, requirements=tuple(map(_criterion, body.requirements)))


def _criterion(body: RequirementCriterionBody) -> RequirementCriterion:
    groups = (
        RequirementGroup(group.id, group.title, tuple(map(_requirement, group.requirements))) for group in body.groups
    )
    return RequirementCriterion(body.id, body.title, body.kind, tuple(groups))


def _requirement(body: RequirementBody) -> Requirement:
    return Requirement(
        id=body.id,
        title=body.title,
        data_type=body.data_type,
        subject=body.subject,
        expected=body.expected,
        minimum=body.minimum,
        maximum=body.maximum,
        options=tuple(body.options),
        evidence=tuple(body.evidence),
    )
