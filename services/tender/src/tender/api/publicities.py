"""A single source made public, and the objections of others."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from shared.contracts.fields import Instant, LongText, OrganisationId, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading
from tender.api.schemas import PartyView, Request, View
from tender.domain.parts import Party
from tender.domain.publicity import Outcome, Publicity
from tender.usecases import publicities

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


class PublicityBody(Request):
    """The provider that is to be asked alone."""

    supplier: OrganisationId
    supplier_name: ShortText


class ObjectionBody(Request):
    reason: LongText


class ReviewBody(Request):
    outcome: Outcome
    answer: LongText


class ObjectionView(View):
    """An objection; who raised it is not shown."""

    id: UUID
    reason: str
    raised_at: Instant
    outcome: Outcome | None
    answer: str | None
    reviewed_at: Instant | None


class PublicityView(View):
    id: UUID
    tender: UUID
    buyer: PartyView
    supplier: PartyView
    title: str
    ground: str | None
    rationale: str | None
    published_at: Instant
    until: Instant
    review_due: Instant
    objections: list[ObjectionView]


@router.post("/v1/tenders/{tender_id}/publicity", status_code=201)
async def make_public(
    work: CurrentWork, tender_id: UUID, body: PublicityBody, actor: Annotated[Actor, allow("publicity.make")]
) -> PublicityView:
    """Make public that one provider alone is to be asked; a change of the draft makes it lapse."""
    supplier = Party(body.supplier, body.supplier_name)
    return _view(await publicities.make_public(work, actor, tender_id, supplier))


@router.get("/v1/tenders/{tender_id}/publicity", dependencies=[public()])
async def show_publicity(connection: Reading, tender_id: UUID) -> PublicityView:
    """Show which one provider is to be asked, why, until when others may object, and what became of objections."""
    return _view(await publicities.show(connection, tender_id))


@router.post("/v1/tenders/{tender_id}/objections", status_code=201)
async def raise_objection(
    work: CurrentWork, tender_id: UUID, body: ObjectionBody, actor: Annotated[Actor, allow("objection.raise")]
) -> PublicityView:
    """Object to asking one provider alone, while that is public."""
    return _view(await publicities.object_to(work, actor, tender_id, body.reason))


@router.post("/v1/tenders/{tender_id}/objections/{objection_id}/review")
async def review_objection(
    work: CurrentWork,
    tender_id: UUID,
    objection_id: UUID,
    body: ReviewBody,
    actor: Annotated[Actor, allow("objection.review")],
) -> PublicityView:
    """Examine an objection, as another person than who proposed the single source."""
    return _view(await publicities.review(work, actor, tender_id, objection_id, body.outcome, body.answer))


def _view(publicity: Publicity) -> PublicityView:
    content = publicity.content
    return PublicityView(
        id=publicity.id,
        tender=publicity.tender,
        buyer=PartyView.model_validate(publicity.buyer),
        supplier=PartyView.model_validate(publicity.supplier),
        title=content.title,
        ground=content.procurement.ground,
        rationale=content.procurement.rationale,
        published_at=publicity.published_at,
        until=publicity.until,
        review_due=publicity.review_due,
        objections=[ObjectionView.model_validate(objection) for objection in publicity.objections],
    )
