"""The register of supervisors."""

from typing import Annotated

from fastapi import APIRouter, Response

from evaluation.api.deps import OrganisationPath
from evaluation.api.schemas.supervisors import Accreditation, Conflict, Renewal, SupervisorView
from evaluation.domain.supervisor import Supervisor
from evaluation.usecases import queries
from evaluation.usecases.commands import supervisors as commands
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_name
from shared.platform.reading import Reading

router = APIRouter(tags=["supervisors"], route_class=CommandRoute)


@router.post("/v1/supervisors", status_code=201)
async def accredit_supervisor(
    work: CurrentWork, body: Accreditation, response: Response, actor: Annotated[Actor, allow("supervisor.accredit")]
) -> SupervisorView:
    """Put an inspection body on the register; only type A may be drawn."""
    supervisor = await commands.accredit(
        work,
        actor,
        organisation=body.organisation,
        name=body.name,
        inspection_body_type=body.inspection_body_type,
        valid_until=body.valid_until,
    )
    response.headers["Location"] = f"v1/supervisors/{supervisor.organisation}"
    return _shown(supervisor, response)


@router.put("/v1/supervisors/{organisation}")
async def renew_supervisor(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Renewal,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("supervisor.renew")],
) -> SupervisorView:
    """Accredit an inspection body anew."""
    supervisor = await commands.renew(
        work,
        actor,
        organisation,
        version=version,
        name=body.name,
        inspection_body_type=body.inspection_body_type,
        valid_until=body.valid_until,
    )
    return _shown(supervisor, response)


@router.post("/v1/supervisors/{organisation}/conflicts")
async def declare_conflict(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: Conflict,
    response: Response,
    actor: Annotated[Actor, allow("supervisor.declare-conflict")],
) -> SupervisorView:
    """Declare, as the supervisor, a tie to another organisation."""
    return _shown(await commands.declare_conflict(work, actor, organisation, body.organisation), response)


@router.get("/v1/supervisors", dependencies=[public()])
async def list_supervisors(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[SupervisorView]:
    """List supervisors."""
    found = await queries.supervisors(connection, read_name(cursor), limit + 1)
    return page(map(SupervisorView.model_validate, found), limit, by="organisation")


@router.get("/v1/supervisors/{organisation}", dependencies=[public()])
async def show_supervisor(connection: Reading, organisation: OrganisationPath, response: Response) -> SupervisorView:
    """Show one supervisor."""
    return _shown(await queries.supervisor(connection, organisation), response)


def _shown(supervisor: Supervisor, response: Response) -> SupervisorView:
    response.headers["ETag"] = etag(supervisor.version)
    return SupervisorView.model_validate(supervisor)
