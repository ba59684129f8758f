"""A capacity programme: an office calls for applications of providers that it wants to help grow."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from provider_registry.domain.programme_events import ProgrammeOpened
from shared.kernel.errors import Invalid


class ProgrammeKind(StrEnum):
    """What a programme gives."""

    GRANT = "grant"
    TRAINING = "training"
    MENTORING = "mentoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A call and its terms; they stay as they were published.

    Shape: organisation is the office; categories are the codes of the services that the programme is to make better.
    """

    id: UUID
    version: int
    organisation: str
    title: str
    kind: ProgrammeKind
    summary: str
    criteria: tuple[str, ...]
    categories: tuple[str, ...]
    opens_at: datetime
    closes_at: datetime
    decision_due: datetime


def open_programme(programme: Programme, at: datetime) -> tuple[Programme, tuple[ProgrammeOpened, ...]]:
    """Publish a call.

    Raises:
        Invalid: call-reversed, call-in-past, criterion-repeated, or category-repeated.
    """
    if programme.closes_at <= programme.opens_at:
        raise Invalid("call-reversed", "A call ends after it begins.", pointer="/body/closes_at")
    if programme.closes_at <= at:
        raise Invalid("call-in-past", "A call ends in the future.", pointer="/body/closes_at")
    if len(set(programme.criteria)) < len(programme.criteria):
        raise Invalid("criterion-repeated", "A criterion is named once.", pointer="/body/criteria")
    if len(set(programme.categories)) < len(programme.categories):
        raise Invalid("category-repeated", "A category is named once.", pointer="/body/categories")
    return programme, (
        ProgrammeOpened(
            aggregate=programme.id,
            version=programme.version,
            office=programme.organisation,
            title=programme.title,
            kind=programme.kind,
            criteria=programme.criteria,
            categories=programme.categories,
            opens_at=programme.opens_at,
            closes_at=programme.closes_at,
        ),
    )
