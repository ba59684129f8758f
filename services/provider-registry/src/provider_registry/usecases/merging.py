"""Entries that may be of one organisation: judged by one officer, merged by two; nothing here commits."""

from uuid import UUID

from provider_registry.db import duplicates, identifiers, store
from provider_registry.domain import duplicate as domain
from provider_registry.domain.duplicate import Duplicate
from provider_registry.domain.merging import merge
from provider_registry.domain.provider import Provider
from provider_registry.usecases import eligibility, identity, records
from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def judge_different(work: Work, actor: Actor, identifier: UUID, reason: str) -> Duplicate:
    """Record that a suggested pair is of two organisations."""
    before = await _pair(work, actor, identifier)
    return await _saved(work, before, before.judge_different(reason, by=actor.person))


async def propose(work: Work, actor: Actor, *, given_up: str, kept: str, reason: str) -> Duplicate:
    """Propose that one entry is given up for another of the same organisation."""
    _of_another(actor, given_up, kept)
    gone, stays = await _both(work, given_up, kept)
    merge(gone, stays, at=work.now)
    before = await duplicates.pair_if_any(work.connection, domain.pair(given_up, kept))
    if before is None:
        before = domain.found_by_hand(gone, stays)
        await duplicates.add(work.connection, before, work.now)
    proposed = before.propose(given_up=given_up, kept=kept, reason=reason, by=actor.person)
    return await _saved(work, before, proposed)


async def confirm(work: Work, actor: Actor, identifier: UUID, pack: RulePack) -> Duplicate:
    """Merge the two entries as the second officer.

    Raises:
        NotAllowed: ownership-cyclic, where the one owns the other.
    """
    before = await _pair(work, actor, identifier)
    merged = before.confirm(by=actor.person, reference=pack.reference("second-person.merge"))
    gone, stays = await _both(work, before.organisation, before.other)
    pointing, holding, events = merge(gone, stays, at=work.now)
    await identifiers.give_up(work.connection, gone.organisation)
    await store.save(work.connection, gone, pointing, work.now)
    await store.save(work.connection, stays, holding, work.now)
    await work.record(events)
    await identity.refuse_cyclic_ownership(work.connection, holding, gone)
    await duplicates.remember_names(work.connection, gone.organisation, ())
    await identity.look_for_duplicates(work, holding)
    await records.unite(work, gone.organisation, stays.organisation)
    for organisation in (gone.organisation, stays.organisation):
        await eligibility.refresh(work, organisation)
    return await _saved(work, before, merged)


async def reject(work: Work, actor: Actor, identifier: UUID, reason: str) -> Duplicate:
    """Find that a pair whose merge was proposed is of two organisations."""
    before = await _pair(work, actor, identifier)
    return await _saved(work, before, before.reject(reason, by=actor.person))


async def _both(work: Work, given_up: str, kept: str) -> tuple[Provider, Provider]:
    # In one order, whoever asks: two that lock both would wait for each other.
    found = {one: await store.provider(work.connection, one, lock=True) for one in sorted((given_up, kept))}
    return found[given_up], found[kept]


async def _pair(work: Work, actor: Actor, identifier: UUID) -> Duplicate:
    pair = await duplicates.pair(work.connection, identifier, lock=True)
    _of_another(actor, pair.organisation, pair.other)
    return pair


def _of_another(actor: Actor, *organisations: str) -> None:
    if actor.organisation in organisations:
        raise Forbidden("own-merge", "An officer does not decide on the entry of the own organisation.")


async def _saved(work: Work, before: Duplicate, after: Duplicate) -> Duplicate:
    await duplicates.save(work.connection, before, after, work.now)
    return after
