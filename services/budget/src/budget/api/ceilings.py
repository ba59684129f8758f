"""Ceilings of what a line's contracts may promise of later years: one person proposes, another decides."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.appropriation_schemas import RejectionBody
from budget.api.ceiling_schemas import CeilingsBody, CeilingsView, ceilings_view
from budget.usecases import ceilings
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch, RequiredIfMatch, etag
from shared.platform.reading import Reading

router = APIRouter(tags=["ceilings"], route_class=CommandRoute)


@router.put("/v1/lines/{line}/ceilings")
async def propose_ceilings(
    work: CurrentWork,
    line: UUID,
    body: CeilingsBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.propose-ceilings")],
) -> CeilingsView:
    """Propose ceilings for years after the line's, and one of them all together; those that are not named stay."""
    return _shown(await ceilings.propose(work, actor, line, body.limits(), body.total, version=version), response)


@router.get("/v1/lines/{line}/ceilings", dependencies=[public()])
async def show_ceilings(connection: Reading, line: UUID, response: Response) -> CeilingsView:
    """Show the ceilings of a line's code, and what its contracts promise under each."""
    return _shown(await ceilings.show(connection, line), response)


@router.post("/v1/lines/{line}/ceilings/approval")
async def approve_ceilings(
    work: CurrentWork,
    line: UUID,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.decide-ceilings")],
) -> CeilingsView:
    """Put the proposed ceilings into force, as another person than proposed them."""
    return _shown(await ceilings.approve(work, actor, line, version=version), response)


@router.post("/v1/lines/{line}/ceilings/rejection")
async def reject_ceilings(
    work: CurrentWork,
    line: UUID,
    body: RejectionBody,
    version: RequiredIfMatch,
    response: Response,
    _: Annotated[Actor, allow("budget.decide-ceilings")],
) -> CeilingsView:
    """Drop the proposed ceilings, with the reason."""
    rejected = await ceilings.reject(work, line, version=version, reason=body.reason)
    return _shown(rejected, response)


def _shown(found: ceilings.Shown, response: Response) -> CeilingsView:
    response.headers["ETag"] = etag(found.state.version)
    return ceilings_view(found.state, found.limits, found.promised)
