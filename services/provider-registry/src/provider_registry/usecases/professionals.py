"""Professionals of providers, and questions that are answered in numbers; nothing here commits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import professionals, store
from provider_registry.domain import professional as domain
from provider_registry.domain.policy import POLICY, permit_own_or_oversight
from provider_registry.domain.professional import Professional
from provider_registry.domain.professional_parts import Certificate, HoursState, PracticeHours, SkillAssessment
from provider_registry.domain.workforce import Question, count
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed, not_here
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def employ(work: Work, actor: Actor, organisation: str, name: str, since: date, pack: RulePack) -> Professional:
    """Enter a person whom the actor's organisation employs."""
    permit_relation(POLICY, "professional.enter", actor, organisation)
    await store.provider(work.connection, organisation, lock=True)
    entered = domain.employ(new_id(), organisation, name, since, today=pack.calendar.day_of(work.now))
    await professionals.add(work, entered)
    await _count(work, None, entered)
    return entered


async def move(
    work: Work, actor: Actor, organisation: str, issuer: str, number: str, since: date, pack: RulePack
) -> Professional:
    """Take over, as the next employer, the person who holds a certificate."""
    permit_relation(POLICY, "professional.enter", actor, organisation)
    await store.provider(work.connection, organisation, lock=True)
    holder = await professionals.holder(work.connection, issuer, number)
    if holder is None:
        raise not_here()
    before = await professionals.professional(work.connection, holder)
    after = before.move(organisation, since, today=pack.calendar.day_of(work.now))
    return await _keep(work, before, after)


async def leave(work: Work, actor: Actor, identifier: UUID, until: date, pack: RulePack) -> Professional:
    """End an employment as the employer."""
    before = await _own(work, actor, identifier)
    return await _keep(work, before, before.leave(until, today=pack.calendar.day_of(work.now)))


async def certify(work: Work, actor: Actor, identifier: UUID, certificate: Certificate, pack: RulePack) -> Professional:
    """Enter a certificate of a person; each has one holder."""
    before = await _own(work, actor, identifier)
    after = before.certify(certificate, today=pack.calendar.day_of(work.now))
    holder = await professionals.hold_certificate(work.connection, certificate.issuer, certificate.number, before.id)
    if holder != before.id:
        raise NotAllowed(
            "certificate-of-another-person",
            "The certificate is that of another person.",
            satisfied_by="The number of this person's own certificate, or, if the person has moved, taking over.",
        )
    return await _keep(work, before, after)


async def confirm_certificate(
    work: Work, actor: Actor, identifier: UUID, certificate: UUID, pack: RulePack
) -> Professional:
    """Confirm a certificate as an officer."""
    before = await professionals.professional(work.connection, identifier)
    return await _keep(work, before, before.confirm_certificate(certificate, actor, at=work.now, pack=pack))


async def log_hours(
    work: Work, actor: Actor, identifier: UUID, first_day: date, last_day: date, hours: Decimal, pack: RulePack
) -> Professional:
    """Log hours of practice as the present employer."""
    before = await _own(work, actor, identifier)
    today = pack.calendar.day_of(work.now)
    return await _keep(
        work, before, before.log_hours(new_id(), first_day, last_day, hours, by=actor.person, today=today)
    )


async def decide_hours(
    work: Work, actor: Actor, identifier: UUID, hours: UUID, pack: RulePack, *, confirmed: bool
) -> PracticeHours:
    """Say as the employer of the time whether hours were worked."""
    before = await professionals.professional(work.connection, identifier)
    after = await _keep(work, before, before.decide_hours(hours, actor, confirmed=confirmed, pack=pack))
    return next(one for one in after.hours if one.id == hours)


async def assess(
    work: Work, actor: Actor, identifier: UUID, assessment: SkillAssessment, pack: RulePack
) -> Professional:
    """Note how an assessment of a skill came out."""
    before = await _own(work, actor, identifier)
    return await _keep(work, before, before.assess(assessment, today=pack.calendar.day_of(work.now)))


async def of(connection: AsyncConnection, actor: Actor, organisation: str) -> Sequence[Professional]:
    """Return the professionals of an organisation, to itself and to those in oversight."""
    permit_own_or_oversight("evidence.read", actor, organisation)
    return await professionals.of(connection, organisation)


async def undecided_hours(
    connection: AsyncConnection, actor: Actor, organisation: str
) -> Sequence[tuple[Professional, PracticeHours]]:
    """Return the hours that an organisation, as the employer of the time, has not decided on."""
    permit_own_or_oversight("evidence.read", actor, organisation)
    found = await professionals.with_hours_for(connection, organisation)
    return [
        (one, hours)
        for one in found
        for hours in one.hours
        if hours.employer == organisation and hours.state is HoursState.LOGGED
    ]


async def answer(
    connection: AsyncConnection,
    question: Question,
    organisations: Sequence[str],
    *,
    at: datetime,
    now: datetime,
    on: date,
) -> Mapping[str, int]:
    """Count the professionals of organisations as they were known at an instant; one to come is asked of today's."""
    known = await professionals.known_at(connection, organisations, min(at, now))
    return count(question, known, on)


async def _own(work: Work, actor: Actor, identifier: UUID) -> Professional:
    found = await professionals.professional(work.connection, identifier)
    if found.organisation != actor.organisation:
        # Whether there is such a person is nothing that others learn.
        raise not_here()
    return found


async def _keep(work: Work, before: Professional, after: Professional) -> Professional:
    await professionals.save(work, before, after)
    await _count(work, before, after)
    return after


async def _count(work: Work, before: Professional | None, after: Professional) -> None:
    # Nobody counts for the employer before: the departure came first.
    present = await professionals.workforce(work.connection, after.organisation)
    counted, events = present.change(before, after)
    if counted != present:
        await professionals.save_workforce(work, present, counted)
        await work.record(events)
