"""The panel of a tender: pool, draw, seats, declarations, private sheets."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch, etag
from shared.platform.reading import Reading
from tender.api.deps import MakeSecret
from tender.api.draw_schemas import RandomnessBody, RecordView, beacon_named
from tender.api.panel_schemas import (
    AnotherPoolBody,
    AppointmentBody,
    ChairBody,
    CompositionBody,
    DeclarationBody,
    PanelView,
    PoolBody,
    RefusalBody,
    ReleaseBody,
    RepresentativeBody,
)
from tender.api.schemas import SheetBody
from tender.domain.award import Score, ScoreSheet
from tender.domain.panel import Panel
from tender.domain.panel_draw import Composition
from tender.domain.panel_parts import Tie
from tender.usecases import panel as panels
from tender.usecases import queries

router = APIRouter(tags=["panels"], route_class=CommandRoute)
Office = Annotated[Actor, allow("panel.close-pool")]
Member = Annotated[Actor, allow("panel.sit")]


@router.post("/v1/tenders/{tender_id}/panel/pool", status_code=201)
async def close_pool(
    work: CurrentWork, tender_id: UUID, body: PoolBody, make_secret: MakeSecret, response: Response, actor: Office
) -> PanelView:
    """Close the pool of a tender's panel: pool, commitment and beacon are fixed and public."""
    panel = await panels.close_pool(work, actor, tender_id, _composition(body), beacon_named(body.beacon), make_secret)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/another-pool")
async def close_another_pool(
    work: CurrentWork, tender_id: UUID, body: AnotherPoolBody, version: IfMatch, response: Response, actor: Office
) -> PanelView:
    """Close a new pool, with a reason and another beacon, for places that the last order cannot fill."""
    panel = await panels.close_pool_again(
        work, actor, tender_id, beacon_named(body.beacon), body.reason, version=version
    )
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/draw")
async def draw_panel(
    work: CurrentWork,
    tender_id: UUID,
    body: RandomnessBody,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("panel.draw")],
) -> PanelView:
    """Draw the panel from the beacon's instant on; a dry run reveals no code and draws nobody."""
    # Whoever could see an order before it counts could choose whether it is to count.
    act = panels.may_be_drawn if dry_run else panels.draw
    return await shown(work.connection, await act(work, actor, tender_id, body.given, version=version), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/appointment", status_code=201)
async def appoint_experts(
    work: CurrentWork,
    tender_id: UUID,
    body: AppointmentBody,
    response: Response,
    actor: Annotated[Actor, allow("panel.appoint")],
) -> PanelView:
    """Appoint the experts as the head of the office, where the rules do not ask for a draw; again for places left."""
    panel = await panels.appoint(work, actor, tender_id, _composition(body), body.members, body.reason)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/representatives")
async def appoint_representative(
    work: CurrentWork,
    tender_id: UUID,
    body: RepresentativeBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("panel.represent")],
) -> PanelView:
    """Appoint one of the purchaser's own people, who never chairs."""
    panel = await panels.represent(work, actor, tender_id, body.person, body.name, version=version)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/released-seats")
async def release_seat(
    work: CurrentWork,
    tender_id: UUID,
    body: ReleaseBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("panel.release-seat")],
) -> PanelView:
    """Take the seat of somebody who has not answered, declared or scored in time, with a reason that is public."""
    panel = await panels.release_seat(work, actor, tender_id, body.member, body.reason, version=version)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/chair")
async def name_chair(
    work: CurrentWork,
    tender_id: UUID,
    body: ChairBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("panel.name-chair")],
) -> PanelView:
    """Name who chairs the panel."""
    panel = await panels.name_chair(work, actor, tender_id, body.member, version=version)
    return await shown(work.connection, panel, response, actor)


@router.post("/v1/tenders/{tender_id}/panel/acceptance")
async def accept_seat(work: CurrentWork, tender_id: UUID, response: Response, actor: Member) -> PanelView:
    """Accept the seat that one was drawn for or appointed to."""
    return await shown(work.connection, await panels.accept(work, actor, tender_id), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/refusal")
async def refuse_seat(
    work: CurrentWork, tender_id: UUID, body: RefusalBody, response: Response, actor: Member
) -> PanelView:
    """Refuse the seat, with a reason; the next in the order takes the place."""
    return await shown(work.connection, await panels.refuse(work, actor, tender_id, body.reason), response, actor)


@router.post("/v1/tenders/{tender_id}/panel/declaration")
async def declare_interests(
    work: CurrentWork, tender_id: UUID, body: DeclarationBody, response: Response, actor: Member
) -> PanelView:
    """Declare how one stands to every bidder; a tie that the rules exclude ends the membership."""
    ties = [Tie(tie.bidder, tie.relation, tie.years_since, tie.degree) for tie in body.ties]
    return await shown(work.connection, await panels.declare(work, actor, tender_id, ties), response, actor)


@router.post("/v1/tenders/{tender_id}/scores", status_code=204)
async def score_bids(
    work: CurrentWork, tender_id: UUID, body: SheetBody, actor: Annotated[Actor, allow("tender.score")]
) -> Response:
    """Give one's private scores for all valid bids; they may be replaced until all are revealed."""
    scores = tuple(Score(item.bid, item.criterion, item.value) for item in body.scores)
    await panels.score(work, actor, tender_id, ScoreSheet(actor.person, scores))
    return Response(status_code=204)


@router.get("/v1/tenders/{tender_id}/panel", dependencies=[public()])
async def show_panel(
    connection: Reading, tender_id: UUID, response: Response, actor: Annotated[Actor | None, Depends(known)]
) -> PanelView:
    """Show the panel of a tender, by labels; names once they are public."""
    return await shown(connection, await queries.panel(connection, tender_id), response, actor)


@router.get("/v1/tenders/{tender_id}/panel/record", dependencies=[public()])
async def show_panel_record(connection: Reading, tender_id: UUID) -> RecordView:
    """Give the record with which anybody can draw the panel again, as `coxswain draw verify` does."""
    panel = await queries.panel(connection, tender_id)
    return RecordView.of(panel.ocid, panel.draws, panel.closing, panel.substitutions)


async def shown(connection: Reading, panel: Panel, response: Response, actor: Actor | None) -> PanelView:
    """Show a panel as this party may see it."""
    response.headers["ETag"] = etag(panel.version)
    names, scores = await queries.panel_insight(connection, panel, actor)
    return PanelView.of(panel, names, scores=scores)


def _composition(body: CompositionBody) -> Composition:
    return Composition(body.experts, body.representatives, body.complex, body.large_social_impact)
