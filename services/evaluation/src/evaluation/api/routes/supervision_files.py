"""The supervision of contracts."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from evaluation.api.deps import ContractPath, Seed
from evaluation.api.schemas.supervision_files import InspectionBody, SupervisionFileView
from evaluation.domain.supervision_data import Status
from evaluation.domain.supervision_file import SupervisionFile
from evaluation.usecases import queries
from evaluation.usecases.commands import supervision as commands
from shared.contracts.fields import ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.persons import PersonsKey
from shared.platform.reading import Reading

router = APIRouter(tags=["supervision"], route_class=CommandRoute)


@router.post("/v1/supervision-files/{contract}/assignment", status_code=201)
async def assign_supervisor(
    work: CurrentWork,
    contract: ContractPath,
    seed: Seed,
    response: Response,
    actor: Annotated[Actor, allow("supervision.assign")],
) -> SupervisionFileView:
    """Draw the supervisor of a contract from the register, in a way that anybody can repeat."""
    return _shown(await commands.assign(work, actor, contract, seed), response)


@router.post("/v1/supervision-files/{contract}/inspections", status_code=201)
async def report_inspection(
    work: CurrentWork,
    contract: ContractPath,
    body: InspectionBody,
    response: Response,
    actor: Annotated[Actor, allow("supervision.report")],
) -> SupervisionFileView:
    """Report on the current period, as the supervisor that was drawn."""
    file = await commands.report(
        work,
        actor,
        contract,
        period=body.period,
        visited_on=body.visited_on,
        kpis=body.observations(),
        findings=body.shortcomings(),
    )
    return _shown(file, response)


@router.post("/v1/supervision-files/{contract}/periods/{period}/acceptance", status_code=201)
async def accept_period(
    work: CurrentWork,
    contract: ContractPath,
    period: Annotated[ShortText, Path(description="The period, as the contract names it.")],
    response: Response,
    persons_key: PersonsKey,
    actor: Annotated[Actor, allow("supervision.accept")],
) -> SupervisionFileView:
    """Accept, for the buyer, the report on a period; the period's grade follows from it."""
    return _shown(await commands.accept(work, actor, contract, period, persons_key), response)


@router.get("/v1/supervision-files", dependencies=[public()])
async def list_supervision_files(
    connection: Reading, after: AfterId, limit: Limit = 50, status: Status | None = None
) -> Page[SupervisionFileView]:
    """List supervised contracts."""
    found = await queries.supervision_files(connection, after, limit + 1, status)
    return page(map(SupervisionFileView.model_validate, found), limit, by="contract")


@router.get("/v1/supervision-files/{contract}", dependencies=[public()])
async def show_supervision_file(connection: Reading, contract: ContractPath, response: Response) -> SupervisionFileView:
    """Show the supervision of one contract: the draw, the reports, and how every grade came about."""
    return _shown(await queries.supervision_file(connection, contract), response)


def _shown(file: SupervisionFile, response: Response) -> SupervisionFileView:
    response.headers["ETag"] = etag(file.version)
    return SupervisionFileView.model_validate(file)
