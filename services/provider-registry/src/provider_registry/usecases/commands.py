"""What happens in the registry; nothing here commits."""

from provider_registry.db import store
from provider_registry.domain import provider as domain
from provider_registry.domain.days import in_order
from provider_registry.domain.identifier_schemes import valid_identifiers
from provider_registry.domain.policy import POLICY
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Entry, Evidence, Identifier
from provider_registry.usecases import eligibility, identity
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Forbidden, NotAllowed, expect_version
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def register(work: Work, actor: Actor, entry: Entry, pack: RulePack) -> Provider:
    """Enter the organisation the actor speaks for."""
    if await store.is_registered(work.connection, actor.organisation):
        raise NotAllowed("already-registered", "This organisation is in the registry.")
    for place, former in enumerate(entry.former_names):
        in_order(former.since, former.until, today=work.now.date(), pointer=f"/body/former_names/{place}")
    numbers = valid_identifiers(entry.identifiers, pack.id)
    provider, events = domain.register(
        organisation=actor.organisation,
        name=entry.name,
        legal_form=entry.legal_form,
        identifier=numbers[0],
        other_identifiers=numbers[1:],
        former_names=entry.former_names,
        address=entry.address,
        contact=entry.contact,
    )
    await identity.refuse_taken(work.connection, provider.organisation, provider.identifiers)
    await store.add(work.connection, provider, work.now)
    await work.record(events)
    await identity.look_for_duplicates(work, provider)
    await eligibility.refresh(work, provider.organisation)
    return provider


async def change(
    work: Work,
    actor: Actor,
    organisation: str,
    *,
    version: int,
    name: str,
    legal_form: str,
    identifiers: tuple[Identifier, ...] | None,
    pack: RulePack,
) -> Provider:
    """Correct an entry that nobody is checking; without registration numbers it keeps those it has."""
    before = await _own(work, actor, "provider.change", organisation)
    expect_version(version, before.version)
    # Numbers that were entered before they were held to schemes stay as they are until others take their place.
    numbers = valid_identifiers(identifiers, pack.id) if identifiers else before.identifiers
    changed, events = before.change(name=name, legal_form=legal_form, identifiers=numbers, at=work.now)
    await identity.refuse_taken(work.connection, organisation, numbers)
    await store.save(work.connection, before, changed, work.now)
    await work.record(events)
    if set(numbers) - set(before.identifiers):
        await identity.refuse_cyclic_ownership(work.connection, changed)
    await identity.look_for_duplicates(work, changed)
    await eligibility.refresh(work, changed.organisation)
    return changed


async def submit_evidence(
    work: Work, actor: Actor, organisation: str, evidence: tuple[Evidence, ...], pack: RulePack
) -> Provider:
    """Put the organisation's evidence forward."""
    before = await _own(work, actor, "provider.submit-evidence", organisation)
    submitted, events = before.submit(evidence, at=work.now, check_due=pack.ends_at("verification", work.now))
    await store.save(work.connection, before, submitted, work.now)
    await work.record(events)
    return submitted


async def check(work: Work, actor: Actor, organisation: str) -> Provider:
    """Record that a first officer found the evidence good."""
    before = await _another(work, actor, organisation)
    checked, events = before.check(by=actor.person)
    await store.save(work.connection, before, checked, work.now)
    await work.record(events)
    return checked


async def verify(work: Work, actor: Actor, organisation: str, pack: RulePack) -> Provider:
    """Confirm the evidence as a second officer."""
    before = await _another(work, actor, organisation)
    reference = pack.reference("second-person.verification")
    verified, events = before.verify(by=actor.person, at=work.now, reference=reference)
    await store.save(work.connection, before, verified, work.now)
    await work.record(events)
    await eligibility.refresh(work, verified.organisation)
    return verified


async def refuse(work: Work, organisation: str, reason: str) -> Provider:
    """Send the evidence back."""
    before = await store.provider(work.connection, organisation, lock=True)
    refused, events = before.refuse(reason)
    await store.save(work.connection, before, refused, work.now)
    await work.record(events)
    await eligibility.refresh(work, refused.organisation)
    return refused


async def _own(work: Work, actor: Actor, action: str, organisation: str) -> Provider:
    provider = await store.provider(work.connection, organisation, lock=True)
    permit_relation(POLICY, action, actor, provider.organisation)
    return provider


async def _another(work: Work, actor: Actor, organisation: str) -> Provider:
    if actor.organisation == organisation:
        raise Forbidden("own-verification", "An officer does not look at the evidence of the own organisation.")
    return await store.provider(work.connection, organisation, lock=True)
