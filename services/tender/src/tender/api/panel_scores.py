"""The panel's scores: revealed at once, agreed on, signed, locked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch
from tender.api.panel import Member, shown
from tender.api.panel_schemas import ConsensusBody, PanelView, RoundBody, SignatureBody
from tender.domain.panel_parts import Agreed
from tender.usecases import panel_scores

router = APIRouter(tags=["panels"], route_class=CommandRoute)


@router.post("/v1/tenders/{tender_id}/panel/reveal")
async def reveal_scores(
    work: CurrentWork, tender_id: UUID, response: Response, dry_run: DryRun, actor: Member
) -> PanelView:
    """Reveal all sheets at once, as the chair, when every member has submitted one; a dry run reveals none."""
    act = panel_scores.may_be_revealed if dry_run else panel_scores.reveal
    return await shown(work.connection, await act(work, actor, tender_id), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/consensus")
async def agree_on_scores(
    work: CurrentWork, tender_id: UUID, body: ConsensusBody, response: Response, actor: Member
) -> PanelView:
    """Set, as the chair, the scores that the panel agreed on in place of the mean; signatures are given anew."""
    agreed = [Agreed(one.bid, one.criterion, one.value, one.ground, one.reason) for one in body.scores]
    return await shown(work.connection, await panel_scores.agree(work, actor, tender_id, agreed), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/signature")
async def sign_report(
    work: CurrentWork, tender_id: UUID, body: SignatureBody, version: IfMatch, response: Response, actor: Member
) -> PanelView:
    """Sign the report, or dissent with reasons."""
    panel = await panel_scores.sign(work, actor, tender_id, body.vote, body.reasons, version=version)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/lock")
async def lock_scores(work: CurrentWork, tender_id: UUID, response: Response, actor: Member) -> PanelView:
    """Make the scores final, as the chair, with the majority behind them."""
    return await shown(work.connection, await panel_scores.lock(work, actor, tender_id), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/rounds")
async def open_round(
    work: CurrentWork,
    tender_id: UUID,
    body: RoundBody,
    response: Response,
    actor: Annotated[Actor, allow("panel.open-round")],
) -> PanelView:
    """Let the panel score anew, with a reason that is public."""
    panel = await panel_scores.open_round(work, actor, tender_id, body.reason)
    return await shown(work.connection, panel, response, actor)
