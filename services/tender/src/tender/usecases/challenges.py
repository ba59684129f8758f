"""Challenges, from the question to the remedy; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed, NotFound
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pinned_pack
from tender.db import bidders, store
from tender.db import challenges as kept
from tender.db import contract as contracts
from tender.domain.challenge import (
    Challenge,
    ChallengeStatus,
    Remedy,
    Statement,
    check_independent,
    raise_challenge,
)
from tender.domain.challenge_events import ChallengeEvent
from tender.domain.parts import Party, Status
from tender.domain.policy import POLICY
from tender.domain.remedy import carry_out
from tender.domain.tender import Tender

_OPEN = frozenset(
    {ChallengeStatus.RAISED, ChallengeStatus.ANSWERED, ChallengeStatus.COMPLAINED, ChallengeStatus.ADMITTED}
)


async def raise_question(work: Work, actor: Actor, tender_id: UUID, statement: Statement) -> Challenge:
    """Challenge a step of a procedure; one challenge of a matter is open at a time."""
    tender = await store.tender(work.connection, tender_id, lock=True)
    if tender.status in {Status.DRAFT, Status.FUNDING_REQUESTED}:
        raise NotFound("not-found", "There is no such thing here, or not for you.")
    pack = pinned_pack(tender.pack, tender.pack_version)
    known = await bidders.bidder(work.connection, actor.organisation)
    challenger = Party(actor.organisation, known.name if known else actor.organisation)
    for other in await kept.of_tender(work.connection, tender_id):
        same = (other.challenger.id, other.statement.relates_to, other.statement.lot)
        if same == (challenger.id, statement.relates_to, statement.lot) and other.status in _OPEN:
            raise NotAllowed(
                "challenge-open", "Your challenge of this is open; put all grounds of a matter into one challenge."
            )
    challenge, events = raise_challenge(
        tender, statement, identifier=new_id(), challenger=challenger, at=work.now, pack=pack
    )
    await kept.add(work.connection, challenge)
    await work.record(events)
    return challenge


async def answer(
    work: Work, actor: Actor, challenge_id: UUID, text: str, *, conceded: bool, remedy: Remedy
) -> Challenge:
    """Answer a challenge as the office; what was wrong is put right at once where the office concedes it."""
    tender, before = await _with_tender(work, challenge_id)
    permit_relation(POLICY, "challenge.answer", actor, before.buyer.id)
    change = before.respond(text, conceded=conceded, remedy=remedy, at=work.now, pack=_pack(before))
    after = await _kept(work, before, change)
    await _carry_out(work, tender, before, remedy, text)
    return after


async def complain(work: Work, actor: Actor, challenge_id: UUID, text: str) -> Challenge:
    """File a complaint."""
    before = await _own(work, actor, challenge_id)
    return await _kept(work, before, before.complain(text, at=work.now, pack=_pack(before)))


async def withdraw(work: Work, actor: Actor, challenge_id: UUID) -> Challenge:
    """Give a challenge up."""
    before = await _own(work, actor, challenge_id)
    return await _kept(work, before, before.withdraw())


async def admit(work: Work, actor: Actor, challenge_id: UUID, reason: str, *, admitted: bool) -> Challenge:
    """Decide whether a complaint is looked into."""
    _, before = await _to_be_decided(work, actor, challenge_id)
    return await _kept(work, before, before.admit(reason, admitted=admitted))


async def decide(
    work: Work, actor: Actor, challenge_id: UUID, reason: str, *, upheld: bool, remedy: Remedy
) -> Challenge:
    """Decide a complaint; what is ordered is done at once."""
    tender, before = await _to_be_decided(work, actor, challenge_id)
    after = await _kept(work, before, before.decide(reason, upheld=upheld, remedy=remedy))
    await _carry_out(work, tender, before, remedy, reason)
    return after


async def let_time_act(work: Work, challenge_id: UUID) -> None:
    """Close a challenge whose time has passed."""
    before = await kept.challenge(work.connection, challenge_id, lock=True)
    after, events = before.lapse(work.now)
    if events:
        await kept.save(work.connection, before, after)
        await work.record(events)


async def hold_up(work: Work, tender: Tender, lot: str | None) -> None:
    """Let nothing be awarded or signed while a challenge of it is open.

    Raises:
        NotAllowed: challenge-open.
    """
    for challenge in await kept.of_tender(work.connection, tender.id):
        if challenge.suspends(lot, work.now):
            pack = pinned_pack(tender.pack, tender.pack_version)
            rule = "claim-suspends-signing" if "claim-suspends-signing" in pack.rules else "suspension-cap"
            raise NotAllowed(
                "challenge-pending",
                "A challenge of the procedure is open.",
                reference=pack.reference(rule),
                satisfied_by="The answer or the decision, or the end of the longest suspension.",
            )


async def listed(connection: AsyncConnection, tender_id: UUID) -> Sequence[Challenge]:
    return await kept.of_tender(connection, tender_id)


async def one(connection: AsyncConnection, challenge_id: UUID) -> Challenge:
    return await kept.challenge(connection, challenge_id)


def sees_arguments(challenge: Challenge, actor: Actor | None) -> bool:
    """Say whether a party reads what was argued: who argued, who answers, who decides."""
    if actor is None:
        return False
    return actor.organisation in {challenge.challenger.id, challenge.buyer.id} or "complaint-decider" in actor.roles


async def _own(work: Work, actor: Actor, challenge_id: UUID) -> Challenge:
    found = await kept.challenge(work.connection, challenge_id, lock=True)
    permit_relation(POLICY, "challenge.raise", actor, found.challenger.id)
    return found


async def _to_be_decided(work: Work, actor: Actor, challenge_id: UUID) -> tuple[Tender, Challenge]:
    tender, challenge = await _with_tender(work, challenge_id)
    proposers = {award.proposed_by for lot in tender.lots for award in (*lot.awards, lot.framework) if award}
    check_independent(tender, actor.organisation, actor.person, proposers, _pack(challenge))
    return tender, challenge


async def _with_tender(work: Work, challenge_id: UUID) -> tuple[Tender, Challenge]:
    # The tender first, as everywhere: two transactions that lock both lock them in one order.
    seen = await kept.challenge(work.connection, challenge_id)
    tender = await store.tender(work.connection, seen.tender, lock=True)
    return tender, await kept.challenge(work.connection, challenge_id, lock=True)


async def _carry_out(work: Work, tender: Tender, challenge: Challenge, remedy: Remedy, reason: str) -> None:
    lot = challenge.statement.lot
    await _no_contract_in_force(work.connection, tender, remedy, lot)
    remedied, events = carry_out(tender, remedy, lot, reason, at=work.now, pack=_pack(challenge))
    if events:
        await store.save_tender(work.connection, tender, remedied)
        await work.record(events)


async def _no_contract_in_force(connection: AsyncConnection, tender: Tender, remedy: Remedy, lot: str | None) -> None:
    if remedy is Remedy.NONE:
        return
    for progress in tender.lots:
        if progress.award is not None and progress.award.contract is not None and lot in {None, progress.id}:
            contract = await contracts.contract(connection, progress.award.contract, lock=True)
            contract.check_not_in_force()


async def _kept(work: Work, before: Challenge, change: tuple[Challenge, tuple[ChallengeEvent, ...]]) -> Challenge:
    after, events = change
    await kept.save(work.connection, before, after)
    await work.record(events)
    return after


def _pack(challenge: Challenge) -> RulePack:
    return pinned_pack(challenge.pack, challenge.pack_version)
