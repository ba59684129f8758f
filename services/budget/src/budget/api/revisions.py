"""Revisions of the budget: one person proposes, another decides."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.appropriation_schemas import RejectionBody, RevisionBody, RevisionView, revision_view
from budget.domain.revision import Revision
from budget.usecases import appropriations, queries
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading

router = APIRouter(tags=["revisions"], route_class=CommandRoute)


@router.post("/v1/revisions", status_code=201)
async def propose_revision(
    work: CurrentWork,
    body: RevisionBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.propose-revision")],
) -> RevisionView:
    """Propose to add to lines, to take from them, or to move money between them; nothing moves yet."""
    revision = await appropriations.propose_revision(
        work, actor, body.kind, body.as_moves(), reason=body.reason, decision=body.decision
    )
    response.headers["Location"] = f"v1/revisions/{revision.id}"
    return _shown(revision, response)


@router.get("/v1/revisions", dependencies=[public()])
async def list_revisions(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[RevisionView]:
    """List the revisions of the budget, the newest first."""
    found = await queries.page_of_revisions(connection, read_identifier(cursor), limit + 1)
    return page(map(revision_view, found), limit)


@router.get("/v1/revisions/{revision}", dependencies=[public()])
async def show_revision(connection: Reading, revision: UUID, response: Response) -> RevisionView:
    """Show a revision."""
    return _shown(await queries.revision(connection, revision), response)


@router.post("/v1/revisions/{revision}/approval")
async def approve_revision(
    work: CurrentWork,
    revision: UUID,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.decide-revision")],
) -> RevisionView:
    """Put a revision into force, as another person than proposed it: all of its lines, or none."""
    return _shown(await appropriations.approve_revision(work, actor, revision, version=version), response)


@router.post("/v1/revisions/{revision}/rejection")
async def reject_revision(
    work: CurrentWork,
    revision: UUID,
    body: RejectionBody,
    version: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.decide-revision")],
) -> RevisionView:
    """Drop a revision, with the reason."""
    rejected = await appropriations.reject_revision(work, actor, revision, version=version, reason=body.reason)
    return _shown(rejected, response)


def _shown(revision: Revision, response: Response) -> RevisionView:
    response.headers["ETag"] = etag(revision.version)
    return revision_view(revision)
