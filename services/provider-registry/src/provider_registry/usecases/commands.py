"""What happens in the registry; nothing here commits."""

from provider_registry.db import store
from provider_registry.domain import provider as domain
from provider_registry.domain.policy import POLICY
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Evidence, Identifier, LegalForm
from provider_registry.usecases import eligibility
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Forbidden, NotAllowed, expect_version
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def register(work: Work, actor: Actor, *, name: str, legal_form: LegalForm, identifier: Identifier) -> Provider:
    """Enter the organisation the actor speaks for."""
    if await store.is_registered(work.connection, actor.organisation):
        raise NotAllowed("already-registered", "This organisation is in the registry.")
    provider, events = domain.register(
        organisation=actor.organisation, name=name, legal_form=legal_form, identifier=identifier
    )
    if await store.is_identifier_taken(work.connection, provider):
        raise NotAllowed("identifier-taken", "Another organisation is registered under this identifier.")
    await store.add(work.connection, provider, work.now)
    await work.record(events)
    await eligibility.refresh(work, provider.organisation)
    return provider


async def change(
    work: Work, actor: Actor, organisation: str, *, version: int, name: str, legal_form: LegalForm
) -> Provider:
    """Correct an entry that nobody is checking."""
    before = await _own(work, actor, "provider.change", organisation)
    expect_version(version, before.version)
    changed, events = before.change(name=name, legal_form=legal_form)
    await store.save(work.connection, before, changed, work.now)
    await work.record(events)
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
