"""What a draft lacks before it can be published."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from shared.contracts.fields import Instant
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.reading import Now, Reading
from shared.rules.checks import shown
from tender.api.deps import CurrentCatalogues
from tender.api.schemas import View
from tender.domain.case import where_said
from tender.domain.preconditions import Precondition
from tender.usecases import preconditions

# Nothing is changed by asking, so no Idempotency-Key is needed.
router = APIRouter(tags=["procedures"])


class MissingView(View):
    fact: str
    given_in: str


class PreconditionView(View):
    """One rule's verdict: `excepted` where an exception was granted, with what the rule says beside it."""

    rule: str
    title: str
    verdict: str
    source: str
    mark: str
    detail: str
    satisfied_by: str | None
    missing: list[MissingView]
    found: Any
    bound: Any
    exceptable: bool
    exception: UUID | None


class EvaluationView(View):
    """Whether nothing stands against the publication, and when bidding would close."""

    ready: bool
    closes_at: Instant | None
    rules: list[PreconditionView]


@router.post("/v1/tenders/{tender_id}/check")
async def check_tender(
    connection: Reading,
    tender_id: UUID,
    catalogues: CurrentCatalogues,
    now: Now,
    actor: Annotated[Actor, allow("tender.check")],
) -> EvaluationView:
    """Hold a tender to every rule that its publication is held to, as if it were published now."""
    found = await preconditions.evaluate(connection, actor, tender_id, catalogues, now)
    return EvaluationView(ready=found.ready, closes_at=found.closes_at, rules=[_view(rule) for rule in found.rules])


def _view(item: Precondition) -> PreconditionView:
    check, rule = item.check, item.check.rule
    return PreconditionView(
        rule=rule.id,
        title=rule.title,
        verdict=item.verdict,
        source=rule.source,
        mark=rule.mark,
        detail=check.result.detail,
        satisfied_by=check.result.satisfied_by,
        missing=[MissingView(fact=path, given_in=where_said(path)) for path in check.result.missing],
        found=shown(check.found),
        bound=shown(check.bound),
        exceptable=rule.exceptable,
        exception=item.exception.id if item.exception else None,
    )
