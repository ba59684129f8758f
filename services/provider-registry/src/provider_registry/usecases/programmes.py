"""What becomes of capacity programmes; nothing here commits."""

from uuid import UUID

from provider_registry.db import programmes, store
from provider_registry.domain import application as domain
from provider_registry.domain.application import Application
from provider_registry.domain.policy import POLICY
from provider_registry.domain.programme import Programme, open_programme
from provider_registry.domain.programme_parts import Milestone
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def open_call(work: Work, programme: Programme) -> Programme:
    """Publish a programme of the office the actor speaks for."""
    opened, events = open_programme(programme, work.now)
    await programmes.add_programme(work.connection, opened, work.now)
    await work.record(events)
    return opened


async def apply(work: Work, actor: Actor, programme_id: UUID, text: str) -> Application:
    """Apply for a programme, for the provider the actor speaks for."""
    programme = await programmes.programme(work.connection, programme_id)
    await store.provider(work.connection, actor.organisation)
    if await programmes.has_applied(work.connection, programme_id, actor.organisation):
        raise NotAllowed("already-applied", "This provider has applied for the programme.")
    application, events = domain.apply(programme, actor.organisation, text, work.now)
    await programmes.add_application(work.connection, application, work.now)
    await work.record(events)
    return application


async def withdraw(work: Work, actor: Actor, programme_id: UUID, organisation: str) -> Application:
    """Take an application back."""
    permit_relation(POLICY, "application.withdraw", actor, organisation)
    before = await programmes.application(work.connection, programme_id, organisation, lock=True)
    after, events = before.withdraw()
    await programmes.save_application(work.connection, before, after, work.now)
    await work.record(events)
    return after


async def assess(
    work: Work, actor: Actor, programme_id: UUID, organisation: str, *, recommended: bool, text: str
) -> Application:
    """Assess an application for a programme of the own office."""
    before = await _of_own_office(work, actor, "application.assess", programme_id, organisation)
    after, events = before.assess(by=actor.person, recommended=recommended, text=text)
    await programmes.save_application(work.connection, before, after, work.now)
    await work.record(events)
    return after


async def decide(
    work: Work,
    actor: Actor,
    programme_id: UUID,
    organisation: str,
    *,
    granted: bool,
    reasons: str,
    milestones: tuple[Milestone, ...],
    pack: RulePack,
) -> Application:
    """Decide on an application for a programme of the own office."""
    before = await _of_own_office(work, actor, "application.decide", programme_id, organisation)
    after, events = before.decide(
        by=actor.person,
        granted=granted,
        reasons=reasons,
        milestones=milestones,
        at=work.now,
        pack=pack,
    )
    await programmes.save_application(work.connection, before, after, work.now)
    await work.record(events)
    return after


async def record_outcome(
    work: Work, actor: Actor, programme_id: UUID, organisation: str, code: str, *, reached: bool, outcome: str
) -> Application:
    """Record the outcome of a milestone."""
    before = await _of_own_office(work, actor, "application.record-outcome", programme_id, organisation)
    after, events = before.record_outcome(code, reached=reached, outcome=outcome, at=work.now)
    await programmes.save_application(work.connection, before, after, work.now)
    await work.record(events)
    return after


async def _of_own_office(work: Work, actor: Actor, action: str, programme_id: UUID, organisation: str) -> Application:
    programme = await programmes.programme(work.connection, programme_id)
    permit_relation(POLICY, action, actor, programme.organisation)
    return await programmes.application(work.connection, programme_id, organisation, lock=True)
