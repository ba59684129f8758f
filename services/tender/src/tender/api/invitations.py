"""Who is invited to bid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.contracts.fields import Instant, OrganisationId, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading
from tender.api.deps import Randomness
from tender.api.schemas import PartyView, Request, View
from tender.domain.invitation import METHOD, Invitation, InvitationStatus
from tender.domain.parts import Party
from tender.usecases import invitations

router = APIRouter(tags=["procedures"], route_class=CommandRoute)


class CandidateBody(Request):
    id: OrganisationId
    name: ShortText


class PoolBody(Request):
    """The pool, and how many are drawn from it."""

    candidates: Annotated[list[CandidateBody], Field(min_length=1, max_length=500)]
    number: Annotated[int, Field(ge=1, le=500, strict=True)]


class InvitationView(View):
    """The draw; the names are null to others than the office until the opening, and for anybody to work out after it.

    The order is that of `method`, with the digest as the code, the randomness, and the candidates' ids as labels.
    """

    tender: UUID
    status: InvitationStatus
    number: int
    pool: int
    witnesses: int
    digest: str
    method: str
    randomness: str | None
    pooled_at: Instant
    drawn_at: Instant | None
    candidates: list[PartyView] | None
    order: list[str] | None
    invitees: list[str] | None


@router.post("/v1/tenders/{tender_id}/invitation", status_code=201)
async def pool_candidates(
    work: CurrentWork, tender_id: UUID, body: PoolBody, actor: Annotated[Actor, allow("invitation.pool")]
) -> InvitationView:
    """Make the pool that invitees are drawn from; its digest is public at once."""
    candidates = tuple(Party(candidate.id, candidate.name) for candidate in body.candidates)
    return _view(await invitations.pool(work, actor, tender_id, candidates, body.number), named=True)


@router.post("/v1/tenders/{tender_id}/invitation/witnesses")
async def witness_draw(
    work: CurrentWork, tender_id: UUID, actor: Annotated[Actor, allow("invitation.witness")]
) -> InvitationView:
    """Witness the draw, as another person than who made the pool."""
    return _view(await invitations.witness(work, actor, tender_id), named=True)


@router.post("/v1/tenders/{tender_id}/invitation/draw")
async def draw_invitees(
    work: CurrentWork, tender_id: UUID, randomness: Randomness, actor: Annotated[Actor, allow("invitation.draw")]
) -> InvitationView:
    """Draw those who are invited, once."""
    return _view(await invitations.draw(work, actor, tender_id, randomness), named=True)


@router.get("/v1/tenders/{tender_id}/invitation", dependencies=[public()])
async def show_invitation(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> InvitationView:
    """Show the draw; the names only to the office until the opening."""
    invitation, named = await invitations.show(connection, tender_id, actor)
    return _view(invitation, named=named)


def _view(invitation: Invitation, *, named: bool) -> InvitationView:
    return InvitationView(
        tender=invitation.tender,
        status=invitation.status,
        number=invitation.number,
        pool=len(invitation.candidates),
        witnesses=len(invitation.witnesses),
        digest=invitation.digest,
        method=METHOD,
        randomness=invitation.randomness,
        pooled_at=invitation.pooled_at,
        drawn_at=invitation.drawn_at,
        candidates=[PartyView.model_validate(item) for item in invitation.candidates] if named else None,
        order=list(invitation.order) if named else None,
        invitees=list(invitation.invitees) if named else None,
    )
