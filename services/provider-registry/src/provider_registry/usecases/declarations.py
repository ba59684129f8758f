"""What providers declare; nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import declarations, store
from provider_registry.domain import declaration as domain
from provider_registry.domain.declaration import CriterionAnswer, Declaration
from provider_registry.domain.policy import POLICY, permit_own_or_oversight
from provider_registry.usecases import eligibility
from shared.kernel.access import Actor, permit_relation
from shared.platform.work import Work
from shared.rules.pack import pack_in_force


async def declare(
    work: Work, actor: Actor, organisation: str, pack: str, answers: tuple[CriterionAnswer, ...]
) -> Declaration:
    """Declare on the criteria of the version of a pack that is in force."""
    permit_relation(POLICY, "declaration.declare", actor, organisation)
    # Two at the same instant: the second one waits here, and finds the first.
    await store.provider(work.connection, organisation, lock=True)
    before = await declarations.find(work.connection, organisation, pack)
    in_force = pack_in_force(pack, work.now.date())
    after, events = domain.declare(before, organisation, answers, by=actor.person, at=work.now, pack=in_force)
    await declarations.save(work, before, after)
    await work.record(events)
    await eligibility.refresh(work, organisation)
    return after


async def of(connection: AsyncConnection, actor: Actor, organisation: str, at: datetime) -> Sequence[Declaration]:
    """Return what an organisation had declared at an instant."""
    permit_own_or_oversight("evidence.read", actor, organisation)
    return await declarations.known(connection, organisation, at)
