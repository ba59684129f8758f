"""Challenges, from the question to the remedy; nothing here commits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import bidders, panels, store
from tender.db import challenges as kept
from tender.db import contract as contracts
from tender.domain.challenge import Challenge, ChallengeStatus, Remedy, Statement
from tender.domain.challenge_events import ChallengeEvent
from tender.domain.challenge_parties import Case, Insight, check_decider, insight
from tender.domain.challenge_raising import raise_challenge
from tender.domain.challenge_suspension import suspends_performance, suspension_rule
from tender.domain.contract_suspension import follow_challenges
from tender.domain.parts import Party
from tender.domain.policy import POLICY
from tender.domain.remedy import carry_out
from tender.domain.tender import Tender
from tender.usecases import evidence
from tender.usecases.annulment import annul_contract
from tender.usecases.signing_time import hold_signatures, suspensions
from tender.usecases.visibility import published

CONCEDED = "The office conceded a challenge."
"""What is told of a concession in public: what the office answered is for the parties."""

Seen = tuple[Challenge, Insight]
_OPEN = frozenset(
    {ChallengeStatus.RAISED, ChallengeStatus.ANSWERED, ChallengeStatus.COMPLAINED, ChallengeStatus.ADMITTED}
)


async def raise_question(work: Work, actor: Actor, tender_id: UUID, statement: Statement) -> Challenge:
    """Challenge a step of a procedure; one challenge of a matter is open at a time."""
    tender = published(await store.tender(work.connection, tender_id, lock=True))
    pack = pack_of(tender)
    known = await bidders.bidder(work.connection, actor.organisation)
    challenger = Party(actor.organisation, known.name if known else actor.organisation)
    for other in await kept.of_tender(work.connection, tender_id):
        same = (other.challenger.id, other.statement.relates_to, other.statement.lot)
        if same == (challenger.id, statement.relates_to, statement.lot) and other.status in _OPEN:
            raise NotAllowed(
                "challenge-open",
                "Your challenge of this is open; put all grounds of a matter into one challenge.",
                satisfied_by="The end of that challenge, or its withdrawal.",
            )
    challenge, events = raise_challenge(
        tender, statement, identifier=new_id(), challenger=challenger, at=work.now, pack=pack
    )
    held = await suspensions(work, tender, at=work.now)
    await kept.add(work.connection, challenge)
    await evidence.submit_in_challenge(work.connection, actor, challenge.id, statement.evidence)
    await work.record(events)
    await hold_signatures(work, tender, held, at=work.now)
    await _let_contracts_rest(work, tender, at=work.now)
    return challenge


async def answer(
    work: Work, actor: Actor, challenge_id: UUID, text: str, *, conceded: bool, remedy: Remedy
) -> Challenge:
    """Answer a challenge as the office; what was wrong is put right at once where the office concedes it."""
    tender, before = await _with_tender(work, challenge_id)
    permit_relation(POLICY, "challenge.concede" if conceded else "challenge.answer", actor, before.buyer.id)
    change = before.respond(text, conceded=conceded, remedy=remedy, at=work.now, pack=pack_of(before))
    after = await _kept(work, tender, before, change)
    await _carry_out(work, tender, before, remedy, CONCEDED)
    return after


async def complain(work: Work, actor: Actor, challenge_id: UUID, text: str) -> Challenge:
    """File a complaint."""
    tender, before = await _own(work, actor, challenge_id)
    return await _kept(work, tender, before, before.complain(text, at=work.now, pack=pack_of(before)))


async def withdraw(work: Work, actor: Actor, challenge_id: UUID) -> Challenge:
    """Give a challenge up."""
    tender, before = await _own(work, actor, challenge_id)
    return await _kept(work, tender, before, before.withdraw())


async def admit(work: Work, actor: Actor, challenge_id: UUID, reason: str, *, admitted: bool) -> Challenge:
    """Decide whether a complaint is looked into."""
    tender, before = await _to_be_decided(work, actor, challenge_id)
    change = before.admit(reason, admitted=admitted, decider=actor.organisation)
    return await _kept(work, tender, before, change)


async def decide(
    work: Work, actor: Actor, challenge_id: UUID, reason: str, *, upheld: bool, remedy: Remedy
) -> Challenge:
    """Decide a complaint; what is ordered is done at once."""
    tender, before = await _to_be_decided(work, actor, challenge_id)
    change = before.decide(reason, upheld=upheld, remedy=remedy, pack=pack_of(before))
    after = await _kept(work, tender, before, change)
    await _carry_out(work, tender, before, remedy, reason)
    return after


async def let_time_act(work: Work, challenge_id: UUID) -> None:
    """Close a challenge whose time has passed."""
    await _with_tender(work, challenge_id)


async def hold_up(work: Work, tender: Tender, lot: str | None) -> None:
    """Let nothing be awarded or signed while a challenge of it is open.

    Raises:
        NotAllowed: challenge-open.
    """
    pack = pack_of(tender)
    ends_at = _standstill_ends_at(tender, lot)
    for challenge in await kept.of_tender(work.connection, tender.id):
        if challenge.suspends(lot, work.now, pack, standstill_ends_at=ends_at):
            raise NotAllowed(
                "challenge-pending",
                "A challenge of the procedure is open.",
                reference=pack.reference(suspension_rule(pack)),
                satisfied_by="The answer or the decision, or the end of the longest suspension.",
            )


async def listed(connection: AsyncConnection, tender_id: UUID, actor: Actor | None) -> Sequence[Seen]:
    """Return the challenges of a procedure, and what the actor may read of each."""
    found = await kept.of_tender(connection, tender_id)
    if not found:
        return ()
    case = await _case(connection, await store.tender(connection, tender_id))
    return [(challenge, insight(challenge, actor, case)) for challenge in found]


async def one(connection: AsyncConnection, challenge_id: UUID, actor: Actor | None) -> Seen:
    """Return a challenge, and what the actor may read of it."""
    return await seen(connection, await kept.challenge(connection, challenge_id), actor)


async def seen(connection: AsyncConnection, challenge: Challenge, actor: Actor | None) -> Seen:
    """Say what the actor may read of a challenge."""
    case = await _case(connection, await store.tender(connection, challenge.tender))
    return challenge, insight(challenge, actor, case)


async def _case(connection: AsyncConnection, tender: Tender) -> Case:
    return Case(tender, await panels.find(connection, tender.id))


def _standstill_ends_at(tender: Tender, lot: str | None) -> datetime | None:
    if lot is None:
        return None
    progress = tender.progress(lot)
    proposal = progress.award or progress.framework
    return None if proposal is None else proposal.standstill_ends_at


async def _own(work: Work, actor: Actor, challenge_id: UUID) -> tuple[Tender, Challenge]:
    tender, found = await _with_tender(work, challenge_id)
    permit_relation(POLICY, "challenge.raise", actor, found.challenger.id)
    return tender, found


async def _to_be_decided(work: Work, actor: Actor, challenge_id: UUID) -> tuple[Tender, Challenge]:
    tender, challenge = await _with_tender(work, challenge_id)
    check_decider(await _case(work.connection, tender), challenge, actor, pack_of(challenge))
    return tender, challenge


async def _with_tender(work: Work, challenge_id: UUID) -> tuple[Tender, Challenge]:
    # The tender first, as everywhere: two transactions that lock both lock them in one order.
    seen = await kept.challenge(work.connection, challenge_id)
    tender = await store.tender(work.connection, seen.tender, lock=True)
    return tender, await _as_of_now(work, tender, await kept.challenge(work.connection, challenge_id, lock=True))


async def _as_of_now(work: Work, tender: Tender, stored: Challenge) -> Challenge:
    """Do first what time has done to a locked challenge, so that a late clock leaves what a punctual one does."""
    after, events = stored.lapse(work.now)
    if events:
        held = await suspensions(work, tender, at=stored.complaint_until)
        await kept.save(work.connection, stored, after)
        await work.record(events)
        await hold_signatures(work, tender, held, at=stored.complaint_until)
        await _let_contracts_rest(work, tender, at=stored.complaint_until)
    return after


async def _carry_out(work: Work, tender: Tender, challenge: Challenge, remedy: Remedy, reason: str) -> None:
    lot = challenge.statement.lot
    await _annul_contracts(work, tender, remedy, lot, reason)
    remedied, events = carry_out(tender, remedy, lot, reason, at=work.now, pack=pack_of(challenge))
    if events:
        await store.save_tender(work.connection, tender, remedied)
        await work.record(events)


async def _annul_contracts(work: Work, tender: Tender, remedy: Remedy, lot: str | None, reason: str) -> None:
    if remedy is Remedy.NONE:
        return
    for progress in tender.lots:
        if progress.award is not None and progress.award.contract is not None and lot in {None, progress.id}:
            await annul_contract(work, progress.award.contract, reason)


async def _kept(
    work: Work, tender: Tender, before: Challenge, change: tuple[Challenge, tuple[ChallengeEvent, ...]]
) -> Challenge:
    after, events = change
    held = await suspensions(work, tender, at=work.now)
    await kept.save(work.connection, before, after)
    await work.record(events)
    await hold_signatures(work, tender, held, at=work.now)
    await _let_contracts_rest(work, tender, at=work.now)
    return after


async def _let_contracts_rest(work: Work, tender: Tender, *, at: datetime) -> None:
    """Let contracts in force rest while they are challenged, where the pack suspends their performance too."""
    pack = pack_of(tender)
    if not suspends_performance(pack):
        return
    found = await kept.of_tender(work.connection, tender.id)
    for lot in tender.lots:
        if lot.award is None or lot.award.contract is None:
            continue
        holding = [challenge.suspended_until for challenge in found if challenge.suspends(lot.id, at, pack)]
        before = await contracts.contract(work.connection, lot.award.contract, lock=True)
        until = max((end for end in holding if end is not None), default=None)
        after, events = follow_challenges(before, until=until, at=at)
        if events:
            await contracts.save(work.connection, before, after)
            await work.record(events)
