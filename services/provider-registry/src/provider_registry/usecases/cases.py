"""What happens in cases; nothing here commits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import cases, store
from provider_registry.domain import case as steps
from provider_registry.domain import case_decision as deciding
from provider_registry.domain.case import Case, Change
from provider_registry.domain.case_parts import Body, CaseKind, Reply, Report
from provider_registry.domain.finding import Purpose
from provider_registry.domain.policy import POLICY
from provider_registry.domain.restrictions import Restriction, restrictions
from provider_registry.usecases import eligibility
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Forbidden, expect_version, not_here
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_of


async def report(
    work: Work,
    organisation: str,
    reported: Report,
    pack: RulePack,
    *,
    kind: CaseKind,
    ground: str | None,
    scopes: Sequence[Purpose],
) -> Case:
    """Begin a case against a provider that is entered here."""
    await store.provider(work.connection, organisation)
    draft = steps.report_case(new_id(), organisation, reported, pack, kind=kind, ground=ground, scopes=scopes)
    await cases.add(work.connection, draft, work.now)
    return draft


async def notify(work: Work, actor: Actor, identifier: UUID) -> Case:
    """Tell the provider of a case that the actor's organisation reported."""
    before = await _reported_by(work, actor, identifier)
    return await _saved(work, before, steps.notify(before, pack_of(before), at=work.now))


async def withdraw(work: Work, actor: Actor, identifier: UUID) -> Case:
    """Take a case back."""
    before = await _locked(work, actor, identifier)
    return await _saved(work, before, steps.withdraw(before, actor.organisation, at=work.now))


async def reply(work: Work, actor: Actor, identifier: UUID, statement: str, evidence: tuple[str, ...]) -> Case:
    """Reply as the provider."""
    before = await _own(work, actor, "case.reply", identifier)
    return await _saved(work, before, steps.reply(before, Reply(work.now, statement, evidence), pack_of(before)))


async def decide(
    work: Work,
    actor: Actor,
    identifier: UUID,
    *,
    version: int | None,
    upheld: bool,
    reasons: str,
    last_day: date | None,
    likely_to_recur: bool | None,
) -> Case:
    """Decide a case as another body."""
    before = await _locked(work, actor, identifier)
    expect_version(version, before.version)
    change = deciding.decide(
        before,
        _body(actor),
        pack_of(before),
        at=work.now,
        upheld=upheld,
        reasons=reasons,
        last_day=last_day,
        likely_to_recur=likely_to_recur,
    )
    return await _saved(work, before, change)


async def settle(work: Work, actor: Actor, identifier: UUID, evidence: tuple[str, ...]) -> Case:
    """End what counts until it is settled."""
    before = await _locked(work, actor, identifier)
    return await _saved(work, before, deciding.settle(before, _body(actor), evidence, pack_of(before), at=work.now))


async def appeal(work: Work, actor: Actor, identifier: UUID, grounds: str) -> Case:
    """Appeal as the provider."""
    before = await _own(work, actor, "case.appeal", identifier)
    return await _saved(work, before, deciding.appeal(before, grounds, pack_of(before), at=work.now))


async def decide_appeal(
    work: Work, actor: Actor, identifier: UUID, *, version: int | None, upheld: bool, reasons: str
) -> Case:
    """Decide an appeal as yet another body."""
    before = await _locked(work, actor, identifier)
    expect_version(version, before.version)
    pack = pack_of(before)
    change = deciding.decide_appeal(before, _body(actor), pack, at=work.now, upheld=upheld, reasons=reasons)
    return await _saved(work, before, change)


async def offer_self_cleaning(
    work: Work, actor: Actor, identifier: UUID, measures: str, evidence: tuple[str, ...]
) -> Case:
    """Show as the provider what was done."""
    before = await _own(work, actor, "case.offer-self-cleaning", identifier)
    change = deciding.offer_self_cleaning(before, measures, evidence, pack_of(before), at=work.now)
    return await _saved(work, before, change)


async def hear_self_cleaning(
    work: Work, actor: Actor, identifier: UUID, *, version: int | None, accepted: bool, reasons: str
) -> Case:
    """Decide on what the provider did."""
    before = await _locked(work, actor, identifier)
    expect_version(version, before.version)
    pack = pack_of(before)
    change = deciding.hear_self_cleaning(before, _body(actor), pack, at=work.now, accepted=accepted, reasons=reasons)
    return await _saved(work, before, change)


async def let_time_act(work: Work, identifier: UUID) -> Case:
    """Let a decision enter into force, or end, at the instant that it says."""
    before = await cases.case(work.connection, identifier, lock=True)
    return await _saved(work, before, steps.let_time_act(before, work.now))


async def case(connection: AsyncConnection, identifier: UUID, actor: Actor | None) -> Case:
    """Return a case to whom it may be shown."""
    found = await cases.case(connection, identifier)
    if not seen_by(found, actor):
        raise not_here()
    return found


async def told_of(connection: AsyncConnection, organisation: str, after: UUID | None, limit: int) -> Sequence[Case]:
    """Return the cases of which the provider was told."""
    await store.provider(connection, organisation)
    return await cases.told_of(connection, organisation, after, limit)


async def restricted(
    connection: AsyncConnection, organisation: str, at: datetime
) -> dict[Purpose, tuple[Restriction, ...]]:
    """Return from what a provider was kept at an instant, by all that was known then."""
    await store.provider(connection, organisation)
    return restrictions(await cases.known(connection, organisation, at), at)


def seen_by(found: Case, actor: Actor | None) -> bool:
    """Whether a case is there for somebody: a draft is there for the body that writes it alone."""
    return found.notified_at is not None or (
        actor is not None and actor.organisation == found.report.by.organisation and "sanctions-officer" in actor.roles
    )


async def _saved(work: Work, before: Case, change: Change) -> Case:
    after, events = change
    if after.version != before.version:
        await cases.save(work.connection, before, after, work.now)
        await work.record(events)
        await eligibility.refresh(work, after.organisation)
    return after


async def _locked(work: Work, actor: Actor, identifier: UUID) -> Case:
    found = await cases.case(work.connection, identifier, lock=True)
    if not seen_by(found, actor):
        raise not_here()
    return found


async def _reported_by(work: Work, actor: Actor, identifier: UUID) -> Case:
    found = await _locked(work, actor, identifier)
    if found.report.by.organisation != actor.organisation:
        raise Forbidden("not-reporting-body", "Who reported a case tells the provider of it.")
    return found


async def _own(work: Work, actor: Actor, action: str, identifier: UUID) -> Case:
    found = await _locked(work, actor, identifier)
    permit_relation(POLICY, action, actor, found.organisation)
    return found


def _body(actor: Actor) -> Body:
    return Body(actor.person, actor.organisation)
