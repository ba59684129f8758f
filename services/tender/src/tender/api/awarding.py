"""Scores and award."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from tender.api.deps import DryRun
from tender.api.schemas import SheetBody, TenderView
from tender.domain.award import Score, ScoreSheet
from tender.domain.tender import Tender
from tender.usecases import awarding

router = APIRouter(tags=["awards"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/scores", status_code=204)
async def score_bids(
    work: CurrentWork, tender_id: UUID, body: SheetBody, actor: Annotated[Actor, allow("tender.score")]
) -> Response:
    """Give one panel member's scores for all valid bids, once."""
    scores = tuple(Score(item.bid, item.criterion, item.value) for item in body.scores)
    await awarding.score(work, actor, tender_id, ScoreSheet(actor.person, scores))
    return Response(status_code=204)


@router.post("/v1/tenders/{tender_id}/award")
async def propose_award(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.propose")],
) -> TenderView:
    """Rank the bids and propose the award; the standstill begins. A dry run ranks none."""
    # Nobody sees the scores before the proposal, and a dry run is none.
    act = awarding.may_be_proposed if dry_run else awarding.propose
    return _tender(await act(work, actor, tender_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/award/confirmation")
async def confirm_award(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.confirm")],
) -> TenderView:
    """Confirm the award as a second person, after the standstill; the contract is generated."""
    return _tender(await awarding.confirm(work, actor, tender_id, version=version), response)


def _tender(tender: Tender, response: Response) -> TenderView:
    response.headers["ETag"] = etag(tender.version)
    return TenderView.model_validate(tender)
