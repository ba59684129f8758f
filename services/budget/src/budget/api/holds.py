"""What is withheld, contested, released and forfeited: two persons for each decision."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from budget.api.hold_schemas import AppealBody, DecisionBody, HoldView, hold_view
from budget.domain.hold import Hold
from budget.usecases import holds, queries
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading

router = APIRouter(tags=["payments"], route_class=CommandRoute)


@router.get("/v1/holds", dependencies=[public()])
async def list_holds(
    connection: Reading,
    actor: Annotated[Actor | None, Depends(known)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[HoldView]:
    """List what is or was withheld, oldest first."""
    found = await queries.holds(connection, read_identifier(cursor), limit + 1)
    return page((hold_view(one, actor) for one in found), limit)


@router.get("/v1/holds/{hold}", dependencies=[public()])
async def show_hold(
    connection: Reading, hold: UUID, response: Response, actor: Annotated[Actor | None, Depends(known)]
) -> HoldView:
    """Show what is withheld, why, and until when the provider may appeal."""
    return _shown(await queries.hold(connection, hold), actor, response)


@router.post("/v1/holds/{hold}/appeal")
async def appeal(
    work: CurrentWork, hold: UUID, body: AppealBody, response: Response, actor: Annotated[Actor, allow("hold.appeal")]
) -> HoldView:
    """Contest as the provider that an amount is withheld."""
    return _shown(await holds.appeal(work, actor, hold, body.grounds), actor, response)


@router.post("/v1/holds/{hold}/release", status_code=202)
async def propose_release(
    work: CurrentWork,
    hold: UUID,
    body: DecisionBody,
    response: Response,
    actor: Annotated[Actor, allow("hold.propose")],
) -> HoldView:
    """Propose that an amount is paid after all; a second person confirms or refuses it."""
    proposed = await holds.propose(work, hold, "release", body.amount, body.reason, actor.person)
    return _shown(proposed, actor, response)


@router.post("/v1/holds/{hold}/forfeiture", status_code=202)
async def propose_forfeiture(
    work: CurrentWork,
    hold: UUID,
    body: DecisionBody,
    response: Response,
    actor: Annotated[Actor, allow("hold.propose")],
) -> HoldView:
    """Propose that an amount is not paid for good, once the provider may not appeal any more or has appealed."""
    proposed = await holds.propose(work, hold, "forfeiture", body.amount, body.reason, actor.person)
    return _shown(proposed, actor, response)


@router.post("/v1/holds/{hold}/confirmation")
async def confirm(
    work: CurrentWork, hold: UUID, version: IfMatch, response: Response, actor: Annotated[Actor, allow("hold.decide")]
) -> HoldView:
    """Carry out, as a second person, what is proposed; of an appealed hold this decides the appeal."""
    return _shown(await holds.confirm(work, hold, actor.person, version=version), actor, response)


@router.post("/v1/holds/{hold}/refusal")
async def refuse(
    work: CurrentWork, hold: UUID, version: IfMatch, response: Response, actor: Annotated[Actor, allow("hold.decide")]
) -> HoldView:
    """Drop, as a second person, what is proposed."""
    return _shown(await holds.refuse(work, hold, actor.person, version=version), actor, response)


def _shown(hold: Hold, actor: Actor | None, response: Response) -> HoldView:
    response.headers["ETag"] = etag(hold.version)
    return hold_view(hold, actor)
