"""Drafts, publication, cancellation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from shared.contracts.payment_terms import read_formula
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch
from shared.platform.operations import OverdueItem
from shared.platform.reading import Now, Reading
from tender.api.content_schemas import ContentBody, DraftBody, criterion
from tender.api.contract_terms import contract_terms
from tender.api.deps import CurrentCatalogues, CurrentPack, OcidPrefix
from tender.api.requirements import with_requirements
from tender.api.schemas import TenderView, show_tender
from tender.domain.parts import FrameworkTerms
from tender.domain.procurement import Deductions, Procurement
from tender.domain.tender import Content
from tender.usecases import planning, queries

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


@router.post("/v1/tenders", status_code=201)
async def draft_tender(
    work: CurrentWork,
    body: DraftBody,
    pack: CurrentPack,
    prefix: OcidPrefix,
    response: Response,
    actor: Annotated[Actor, allow("tender.draft")],
) -> TenderView:
    """Draft a tender from its plan; the version of the plan's rule pack that is in force today is pinned to it."""
    tender = await planning.draft(
        work,
        actor,
        body.plan,
        content_of(body),
        budget_line=body.budget_line,
        pack=pack,
        acceleration=body.acceleration,
        prefix=prefix,
    )
    response.headers["Location"] = f"v1/tenders/{tender.id}"
    return show_tender(tender, response)


@router.put("/v1/tenders/{tender_id}")
async def change_tender(
    work: CurrentWork,
    tender_id: UUID,
    body: ContentBody,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.change")],
) -> TenderView:
    """Rewrite a draft."""
    return show_tender(await planning.change(work, actor, tender_id, content_of(body), version=version), response)


@router.post("/v1/tenders/{tender_id}/publication", status_code=202)
async def request_publication(
    work: CurrentWork,
    tender_id: UUID,
    catalogues: CurrentCatalogues,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.publish")],
) -> TenderView:
    """Ask, as a second person, for the publication; every precondition is met, and the budget is asked first."""
    return show_tender(
        await planning.request_publication(work, actor, tender_id, catalogues, version=version), response
    )


@router.get("/v1/tenders/{tender_id}", dependencies=[public()])
async def show_one_tender(
    connection: Reading, tender_id: UUID, response: Response, actor: Annotated[Actor | None, Depends(known)]
) -> TenderView:
    """Show a tender; a draft is shown to its own office only."""
    return show_tender(await queries.tender(connection, tender_id, actor), response)


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]


def content_of(body: ContentBody) -> Content:
    """Read what an office wrote, with levels and requirements."""
    return with_requirements(_content(body), body)


def _content(body: ContentBody) -> Content:
    asked = body.procurement
    return planning.content(
        title=body.title,
        description=body.description,
        value=body.value,
        lots=[(lot.id, lot.title, lot.value) for lot in body.lots],
        criteria=[criterion(item) for item in body.criteria],
        delivery=(body.delivery.start, body.delivery.end, body.delivery.periods),
        framework=FrameworkTerms(**body.framework.model_dump()) if body.framework else None,
        terms=contract_terms(body.terms),
        payment_terms=read_formula(body.payment_terms) if body.payment_terms else None,
        procurement=Procurement(
            method=asked.method,
            ground=asked.ground,
            rationale=asked.rationale,
            closes_at=asked.closes_at,
            follows=asked.follows,
            facts=asked.facts,
            deductions=Deductions(asked.deductions.small_micro, asked.deductions.consortium),
        ),
    )
