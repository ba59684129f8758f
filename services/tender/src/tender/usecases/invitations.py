"""Who is invited, and who may bid; nothing here commits."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel import draw as selection
from shared.kernel.access import Actor
from shared.kernel.beacon import Beacon
from shared.kernel.errors import NotAllowed, not_here
from shared.kernel.ids import derived_id, opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of
from tender.db import invitations, publicities
from tender.domain.draw_parts import Randomness
from tender.domain.invitation import Invitation, pool_candidates
from tender.domain.parts import Party, Status
from tender.domain.procurement import admits_all, may_bid
from tender.domain.tender import Tender
from tender.usecases import draws, queries
from tender.usecases.draws import Given
from tender.usecases.planning import own_tender


async def pool(
    work: Work,
    actor: Actor,
    tender_id: UUID,
    candidates: tuple[Party, ...],
    number: int,
    beacon: Beacon,
    make_secret: Callable[[], bytes],
) -> Invitation:
    """Make the pool that invitees are drawn from."""
    tender = await own_tender(work, actor, "invitation.pool", tender_id)
    if await invitations.find(work.connection, tender_id) is not None:
        raise NotAllowed("invitation-exists", "A tender has one pool, and one draw.")
    secret = make_secret()
    invitation, events = pool_candidates(
        derived_id("invitation", tender_id),
        tender,
        candidates,
        number,
        beacon,
        labels=tuple(opaque_id() for _ in candidates),
        salt=make_secret().hex(),
        commitment=selection.commitment(secret, selection.CODES).hex(),
        by=actor.person,
        at=work.now,
        pack=pack_of(tender),
    )
    await invitations.add(work.connection, invitation, secret)
    await work.record(events)
    return invitation


async def witness(work: Work, actor: Actor, tender_id: UUID) -> Invitation:
    """Witness the draw."""
    tender = await own_tender(work, actor, "invitation.witness", tender_id)
    tender.expect(Status.DRAFT)
    before = await _pooled(work, tender_id)
    after = before.witness(by=actor.person, pack=pack_of(tender))
    await invitations.save(work.connection, before, after)
    return after


async def may_be_drawn(work: Work, actor: Actor, tender_id: UUID, given: Given) -> Invitation:
    """Find a pool that the actor may draw from now; no code is revealed, and nobody learns the order."""
    _, before, _ = await _drawable(work, actor, tender_id, given)
    return before


async def draw(work: Work, actor: Actor, tender_id: UUID, given: Given) -> Invitation:
    """Draw those who are invited; numbers of public records are read by two persons before they are drawn."""
    tender, before, randomness = await _drawable(work, actor, tender_id, given)
    if randomness.numbers is not None:
        entered, agreed = before.enter_numbers(randomness, actor.person)
        if not agreed:
            await invitations.save(work.connection, before, entered)
            return entered
    secret = await invitations.secret(work.connection, before.id)
    after, events = before.draw_invitees(
        randomness,
        selection.reveal(secret, selection.CODES, 1),
        method=tender.content.procurement.method,
        at=work.now,
        pack=pack_of(tender),
    )
    await invitations.save(work.connection, before, after)
    await work.record(events)
    return after


async def show(connection: AsyncConnection, tender_id: UUID, actor: Actor | None) -> tuple[Invitation, bool]:
    """Return the invitation, and whether the names may be shown: to the office, and after the opening to anybody."""
    tender = await queries.tender(connection, tender_id, actor)
    invitation = await invitations.find(connection, tender_id)
    if invitation is None:
        raise not_here()
    own = actor is not None and actor.organisation == tender.buyer.id
    return invitation, own or tender.opened_at is not None


async def require_bidder(connection: AsyncConnection, tender: Tender, organisation: str, pack: RulePack) -> None:
    """Admit a bid of an organisation that is invited, where the method is by invitation.

    Raises:
        NotAllowed: bidder-not-invited.
    """
    method = tender.content.procurement.method
    if admits_all(method):
        return
    invitation = await invitations.find(connection, tender.id)
    publicity = await publicities.newest(connection, tender.id)
    invitees = invitation.invitees if invitation is not None and invitation.drawn else None
    supplier = publicity.supplier.id if publicity is not None else None
    if not may_bid(method, organisation, invitees=invitees, supplier=supplier):
        raise NotAllowed(
            "bidder-not-invited",
            "Only those who are invited may bid.",
            reference=pack.reference(_rule_of(tender, pack)),
            satisfied_by="An invitation.",
        )


def _rule_of(tender: Tender, pack: RulePack) -> str:
    named = f"method.{tender.content.procurement.method}.ground"
    return named if named in pack.rules else "method.other-than-open.reason-recorded"


async def _drawable(work: Work, actor: Actor, tender_id: UUID, given: Given) -> tuple[Tender, Invitation, Randomness]:
    tender = await own_tender(work, actor, "invitation.draw", tender_id)
    # Whoever bids on a tender that is published bids on it as it was.
    tender.expect(Status.DRAFT)
    before = await _pooled(work, tender_id)
    closing = before.may_be_drawn(method=tender.content.procurement.method, at=work.now, pack=pack_of(tender))
    return tender, before, await draws.read(closing.beacon, given)


async def _pooled(work: Work, tender_id: UUID) -> Invitation:
    invitation = await invitations.find(work.connection, tender_id, lock=True)
    if invitation is None:
        raise NotAllowed("candidates-missing", "There is no pool to draw from.", satisfied_by="A pool of candidates.")
    return invitation
