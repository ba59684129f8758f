"""Entries that may be of one organisation, and their merging by two officers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from provider_registry.api.deps import CurrentPack
from provider_registry.api.request import Request
from provider_registry.domain.duplicate import Duplicate, DuplicateStatus, Likeness
from provider_registry.usecases import merging, queries
from shared.contracts.fields import OrganisationId, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading

router = APIRouter(tags=["duplicates"], route_class=CommandRoute)


class Reason(Request):
    reason: ShortText


class Proposal(Request):
    """`given_up` points to `kept` afterwards."""

    given_up: OrganisationId
    kept: OrganisationId
    reason: ShortText


class DuplicateView(BaseModel):
    """Two entries; `score` is from 0 to 100. `organisation` is the one that is given up if they are merged."""

    id: UUID
    organisation: str
    other: str
    status: DuplicateStatus
    score: int
    reasons: list[Likeness]
    because: str | None


@router.get("/v1/duplicates")
async def list_duplicates(
    connection: Reading,
    _: Annotated[Actor, allow("duplicate.read")],
    after: AfterId,
    limit: Limit = 50,
    status: DuplicateStatus = DuplicateStatus.SUGGESTED,
) -> Page[DuplicateView]:
    """List pairs of entries that may be of one organisation, those that are most alike first."""
    found = await queries.duplicates(connection, status, after, limit + 1)
    return page(map(duplicate_view, found), limit)


@router.post("/v1/duplicates/{duplicate_id}/dismissal")
async def dismiss_duplicate(
    work: CurrentWork, duplicate_id: UUID, body: Reason, actor: Annotated[Actor, allow("duplicate.judge")]
) -> DuplicateView:
    """Find that the two are different organisations; they are not suggested again."""
    return duplicate_view(await merging.judge_different(work, actor, duplicate_id, body.reason))


@router.post("/v1/merges", status_code=201)
async def propose_merge(
    work: CurrentWork, body: Proposal, actor: Annotated[Actor, allow("merge.propose")]
) -> DuplicateView:
    """Propose, as the first officer, that one entry is given up for another of the same organisation."""
    pair = await merging.propose(work, actor, given_up=body.given_up, kept=body.kept, reason=body.reason)
    return duplicate_view(pair)


@router.post("/v1/merges/{duplicate_id}/confirmation")
async def confirm_merge(
    work: CurrentWork, duplicate_id: UUID, pack: CurrentPack, actor: Annotated[Actor, allow("merge.confirm")]
) -> DuplicateView:
    """Merge the two as the second officer: numbers, names and what was done go over to the entry that is kept."""
    return duplicate_view(await merging.confirm(work, actor, duplicate_id, pack))


@router.post("/v1/merges/{duplicate_id}/rejection")
async def reject_merge(
    work: CurrentWork, duplicate_id: UUID, body: Reason, actor: Annotated[Actor, allow("merge.reject")]
) -> DuplicateView:
    """Find that the two are different organisations after all."""
    return duplicate_view(await merging.reject(work, actor, duplicate_id, body.reason))


def duplicate_view(pair: Duplicate) -> DuplicateView:
    return DuplicateView(
        id=pair.id,
        organisation=pair.organisation,
        other=pair.other,
        status=pair.status,
        score=pair.score,
        reasons=list(pair.reasons),
        because=pair.because,
    )
