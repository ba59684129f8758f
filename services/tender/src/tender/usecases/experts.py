"""The pool of experts; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.ids import opaque_id
from shared.platform.work import Work
from shared.rules.pack import RulePack
from tender.db import experts as store
from tender.domain.expert import Expert, propose_expert
from tender.domain.policy import POLICY


@dataclass(frozen=True, slots=True)
class NewExpert:
    """Who is proposed for the pool."""

    person: str
    name: str
    organisation: str
    specialities: tuple[str, ...]
    conflicts: tuple[str, ...]


async def propose(work: Work, actor: Actor, new: NewExpert, pack: RulePack) -> Expert:
    """Propose somebody for the pool."""
    expert = propose_expert(
        identifier=opaque_id(),
        person=new.person,
        name=new.name,
        organisation=new.organisation,
        specialities=new.specialities,
        conflicts=new.conflicts,
        by=actor.person,
        office=actor.organisation,
        admission_due=pack.ends_at("committee.acceptance", work.now),
    )
    await store.add(work.connection, expert)
    return expert


async def admit(work: Work, actor: Actor, expert_id: UUID, pack: RulePack) -> Expert:
    """Admit somebody to the pool as a second person."""
    before = await store.expert(work.connection, expert_id, lock=True)
    after = before.admit(by=actor.person, pack=pack)
    await store.save(work.connection, before, after)
    return after


async def retire(work: Work, actor: Actor, expert_id: UUID, reason: str) -> Expert:
    """Take somebody out of the pool, as the office that brought them in."""
    before = await store.expert(work.connection, expert_id, lock=True)
    # Of those who came before offices were noted nobody knows whose they are.
    permit_relation(POLICY, "expert.retire", actor, before.office or actor.organisation)
    after = before.retire(reason, by=actor.person)
    await store.save(work.connection, before, after)
    return after


async def listed(connection: AsyncConnection, after: UUID | None, limit: int) -> Sequence[Expert]:
    return await store.page(connection, after, limit)
