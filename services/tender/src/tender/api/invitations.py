"""Who is invited to bid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from shared.contracts.fields import Instant, OrganisationId, ShortText
from shared.kernel import draw as selection
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun
from shared.platform.reading import Reading
from tender.api.deps import MakeSecret
from tender.api.draw_schemas import BeaconBody, RandomnessBody, RecordView, beacon_named
from tender.api.schemas import PartyView, Request, View
from tender.domain.invitation import Invitation, InvitationStatus
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
    beacon: BeaconBody


class InvitationView(View):
    """The draw; the names, their labels and the salt are null to others than the office until the opening.

    The digest is the SHA-256 of the salt, the tender's id, and of each candidate the label, a space and the id, a line
    each. `invited` says whether one's own organisation is among the invitees.
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
    invited: bool
    salt: str | None
    labels: list[UUID] | None
    candidates: list[PartyView] | None
    order: list[str] | None
    invitees: list[str] | None


@router.post("/v1/tenders/{tender_id}/invitation", status_code=201)
async def pool_candidates(
    work: CurrentWork,
    tender_id: UUID,
    body: PoolBody,
    make_secret: MakeSecret,
    actor: Annotated[Actor, allow("invitation.pool")],
) -> InvitationView:
    """Make the pool that invitees are drawn from; its salted digest, commitment and beacon are public at once."""
    candidates = tuple(Party(candidate.id, candidate.name) for candidate in body.candidates)
    beacon = beacon_named(body.beacon)
    made = await invitations.pool(work, actor, tender_id, candidates, body.number, beacon, make_secret)
    return _view(made, actor, named=True)


@router.post("/v1/tenders/{tender_id}/invitation/witnesses")
async def witness_draw(
    work: CurrentWork, tender_id: UUID, actor: Annotated[Actor, allow("invitation.witness")]
) -> InvitationView:
    """Witness the draw, as another person than who made the pool."""
    return _view(await invitations.witness(work, actor, tender_id), actor, named=True)


@router.post("/v1/tenders/{tender_id}/invitation/draw")
async def draw_invitees(
    work: CurrentWork,
    tender_id: UUID,
    body: RandomnessBody,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("invitation.draw")],
) -> InvitationView:
    """Draw those who are invited, once, from the beacon's instant on; a dry run reveals no code and draws nobody."""
    act = invitations.may_be_drawn if dry_run else invitations.draw
    return _view(await act(work, actor, tender_id, body.given), actor, named=True)


@router.get("/v1/tenders/{tender_id}/invitation", dependencies=[public()])
async def show_invitation(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> InvitationView:
    """Show the draw; the names only to the office until the opening."""
    invitation, named = await invitations.show(connection, tender_id, actor)
    return _view(invitation, actor, named=named)


@router.get("/v1/tenders/{tender_id}/invitation/record", dependencies=[public()])
async def show_invitation_record(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor | None, Depends(known)]
) -> RecordView:
    """Give the record with which anybody can draw the invitees' labels again, as `coxswain draw verify` does."""
    invitation, _ = await invitations.show(connection, tender_id, actor)
    drawn = () if invitation.draw is None else (invitation.draw,)
    return RecordView.of(invitation.ocid, drawn, invitation.closing)


def _view(invitation: Invitation, actor: Actor | None, *, named: bool) -> InvitationView:
    return InvitationView(
        tender=invitation.tender,
        status=invitation.status,
        number=invitation.number,
        pool=len(invitation.candidates),
        witnesses=len(invitation.witnesses),
        digest=invitation.digest,
        method=selection.METHOD,
        randomness=invitation.randomness,
        pooled_at=invitation.pooled_at,
        drawn_at=invitation.drawn_at,
        invited=actor is not None and actor.organisation in invitation.invitees,
        salt=invitation.salt if named else None,
        labels=list(invitation.labels) if named else None,
        candidates=[PartyView.model_validate(item) for item in invitation.candidates] if named else None,
        order=list(invitation.order) if named else None,
        invitees=list(invitation.invitees) if named else None,
    )
