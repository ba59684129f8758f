"""Awards, and what of their evaluation is not public."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import Salt, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch
from shared.platform.reading import Reading
from tender.api.schemas import Code, ReasonBody, TenderView, View, show_tender
from tender.usecases import awarding, withheld

router = APIRouter(tags=["awards"], route_class=CommandRoute)


class WithheldView(View):
    """What a digest stands for: the SHA-256 of the salt's bytes followed by `content` as RFC 8785 writes it."""

    digest: Sha256
    salt: Salt
    content: dict[str, Any]


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award")
async def propose_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.propose")],
) -> TenderView:
    """Rank the bids of a lot and propose the award; the standstill begins. A dry run ranks none."""
    # Nobody sees the scores before the proposal, and a dry run is none.
    act = awarding.may_be_proposed if dry_run else awarding.propose
    return show_tender(await act(work, actor, tender_id, lot_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award/confirmation")
async def confirm_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.confirm")],
) -> TenderView:
    """Confirm the award of a lot as a second person, after the standstill; the contract is generated."""
    return show_tender(await awarding.confirm(work, actor, tender_id, lot_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/award/cancellation")
async def cancel_award(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    body: ReasonBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.cancel")],
) -> TenderView:
    """Take a proposed award back; the lot goes on with the next in the ranking."""
    return show_tender(await awarding.cancel(work, actor, tender_id, lot_id, body.reason, version=version), response)


@router.get("/v1/tenders/{tender_id}/withheld/{digest}")
async def show_withheld(
    connection: Reading,
    tender_id: UUID,
    digest: Sha256,
    actor: Annotated[Actor, allow("award.read-evaluation")],
) -> WithheldView:
    """Show the whole ranking or the scores that an event tells no more of than this digest.

    They are read by the purchaser's office, the panel, who audits, and who decides a complaint about the procedure.
    """
    return WithheldView.model_validate(await withheld.whole(connection, actor, tender_id, digest))
