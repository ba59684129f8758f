"""The end of a procedure before a contract."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import LongText
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch
from tender.api.schemas import Code, Request, TenderView, show_tender
from tender.usecases import cancellation

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


class CancellationBody(Request):
    """Why; the ground is one of the rule pack's `cancellation.grounds`, where it has them."""

    reason: LongText
    ground: Code | None = None


@router.post("/v1/tenders/{tender_id}/cancellation")
async def cancel_tender(
    work: CurrentWork,
    tender_id: UUID,
    body: CancellationBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.cancel")],
) -> TenderView:
    """End a procedure before a contract; the money is released."""
    tender = await cancellation.cancel(work, actor, tender_id, body.reason, ground=body.ground, version=version)
    return show_tender(tender, response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/cancellation")
async def cancel_lot(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    body: CancellationBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.cancel")],
) -> TenderView:
    """End one lot before its award; its money is released, and the procedure goes on with the others."""
    tender = await cancellation.cancel_lot(
        work, actor, tender_id, lot_id, body.reason, ground=body.ground, version=version
    )
    return show_tender(tender, response)
