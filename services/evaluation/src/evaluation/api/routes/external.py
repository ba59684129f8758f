"""Processes of other publishers."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from evaluation.api.schemas.external import (
    ExternalProcessView,
    ImportBody,
    ImportView,
    OriginalView,
    RefusalView,
    ResultView,
    SubmissionBody,
)
from evaluation.domain.external.imported import Original, Provenance
from evaluation.usecases import queries
from evaluation.usecases.commands import external as commands
from shared.contracts.fields import Ocid, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, etag
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.problems import EdgeProblem
from shared.platform.reading import Reading

LARGER_BODIES = {"/v1/originals/": 64 * 2**20, "/v1/external-processes": 40 * 2**20}

router = APIRouter(tags=["processes of other publishers"], route_class=CommandRoute)

Sha256Path = Annotated[Sha256, Path(description="The SHA-256 of the file's bytes, in hexadecimal.")]
OcidPath = Annotated[Ocid, Path(description="The process's ocid, as its publisher writes it.")]

_OCTETS = "application/octet-stream"
_FILE: dict[str, Any] = {"content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}}}


@router.put(
    "/v1/originals/{sha256}",
    status_code=201,
    responses={200: {"model": OriginalView, "description": "It has been kept before."}},
    openapi_extra={"requestBody": {**_FILE, "required": True}},
)
async def keep_original(
    request: Request,
    work: CurrentWork,
    sha256: Sha256Path,
    response: Response,
    _: Annotated[Actor, allow("original.keep")],
) -> OriginalView:
    """Keep a file of another publisher as it came."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _OCTETS:
        raise EdgeProblem(415, "media-type-unsupported", f"A file is sent as {_OCTETS}.")
    content = await request.body()
    if not await commands.keep_original(work, sha256, content):
        response.status_code = 200
    response.headers["Location"] = f"v1/originals/{sha256}"
    return OriginalView(sha256=sha256, size=len(content))


@router.get("/v1/originals/{sha256}", response_class=Response, responses={200: _FILE})
async def read_original(
    connection: Reading, sha256: Sha256Path, _: Annotated[Actor, allow("original.read")]
) -> Response:
    """Read a file as it came; it may hold data of persons, so it is not public."""
    content = await queries.original(connection, sha256)
    headers = {"Content-Disposition": f'attachment; filename="{sha256}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=_OCTETS, headers=headers)


@router.post("/v1/external-processes")
async def import_processes(
    work: CurrentWork, body: ImportBody, _: Annotated[Actor, allow("external-process.import")]
) -> ImportView:
    """Take in compiled releases of OCDS, one a process; one that is refused does not stop the others."""
    results = await commands.import_processes(work, [_submission(process) for process in body.processes])
    return ImportView(results=[_shown(result) for result in results])


@router.get("/v1/external-processes", dependencies=[public()])
async def list_external_processes(connection: Reading, after: AfterId, limit: Limit = 50) -> Page[ExternalProcessView]:
    """List processes of other publishers."""
    found = await queries.external_processes(connection, after, limit + 1)
    return page(map(ExternalProcessView.model_validate, found), limit)


@router.get("/v1/external-processes/{ocid:path}", dependencies=[public()])
async def show_external_process(connection: Reading, ocid: OcidPath, response: Response) -> ExternalProcessView:
    """Show one process of another publisher: what it tells, what is odd in it, and what it was made from."""
    process = await queries.external_process(connection, ocid)
    response.headers["ETag"] = etag(process.version)
    return ExternalProcessView.model_validate(process)


def _submission(body: SubmissionBody) -> commands.Submission:
    originals = tuple(Original(original.sha256, original.file) for original in body.originals)
    return commands.Submission(body.release, Provenance(originals, tuple(body.sources), tuple(body.notes)))


def _shown(result: commands.Result) -> ResultView:
    problems = [RefusalView.model_validate(result.refusal)] if result.refusal else []
    return ResultView(ocid=result.ocid, outcome=result.outcome, problems=problems)
