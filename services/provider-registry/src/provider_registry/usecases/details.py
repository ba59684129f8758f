"""Who runs, owns and forms a provider, as it says itself; nothing here commits."""

from collections.abc import Callable

from provider_registry.db import store
from provider_registry.domain import details
from provider_registry.domain.details import Changed
from provider_registry.domain.legal_forms import Kind, legal_form_kind
from provider_registry.domain.policy import POLICY
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Address, Contact, Member, Owner, PersonInRole
from provider_registry.usecases import eligibility, identity
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Invalid, expect_version
from shared.platform.work import Work


async def change_contact(
    work: Work, actor: Actor, organisation: str, *, version: int, address: Address | None, contact: Contact | None
) -> Provider:
    """Say where the organisation has its seat and whom to ask."""
    return await _change(
        work, actor, organisation, version, lambda before: details.reach(before, address=address, contact=contact)
    )


async def name_people(
    work: Work, actor: Actor, organisation: str, *, version: int, people: tuple[PersonInRole, ...]
) -> Provider:
    """Name who has which role in the organisation."""
    changed = await _change(
        work, actor, organisation, version, lambda before: details.staff(before, people, at=work.now)
    )
    await identity.look_for_duplicates(work, changed)
    return changed


async def name_owners(
    work: Work, actor: Actor, organisation: str, *, version: int, owners: tuple[Owner, ...]
) -> Provider:
    """Name who owns or controls the organisation.

    Raises:
        Invalid: organisation-unknown.
        NotAllowed: ownership-cyclic.
    """
    named = {one.organisation: place for place, one in enumerate(owners) if one.organisation is not None}
    found = {one.organisation for one in await store.providers_of(work.connection, named)}
    for missing in named.keys() - found:
        raise _unknown(f"/body/owners/{named[missing]}/organisation")
    changed = await _change(work, actor, organisation, version, lambda before: details.own(before, owners, at=work.now))
    await identity.refuse_cyclic_ownership(work.connection, changed)
    return changed


async def form_consortium(
    work: Work, actor: Actor, organisation: str, *, version: int, members: tuple[Member, ...]
) -> Provider:
    """Name the organisations of a consortium.

    Raises:
        Invalid: organisation-unknown, member-is-consortium.
    """
    found = {
        one.organisation: one
        for one in await store.providers_of(work.connection, [one.organisation for one in members])
    }
    for place, member in enumerate(members):
        if member.organisation not in found:
            raise _unknown(f"/body/members/{place}/organisation")
        if legal_form_kind(found[member.organisation].legal_form) is Kind.CONSORTIUM:
            raise Invalid(
                "member-is-consortium", "A consortium has no consortium as a member.", pointer=f"/body/members/{place}"
            )
    return await _change(work, actor, organisation, version, lambda before: details.form_consortium(before, members))


async def _change(
    work: Work, actor: Actor, organisation: str, version: int, step: Callable[[Provider], Changed]
) -> Provider:
    before = await store.provider(work.connection, organisation, lock=True)
    permit_relation(POLICY, "provider.change", actor, before.organisation)
    expect_version(version, before.version)
    changed, events = step(before)
    await store.save(work.connection, before, changed, work.now)
    await work.record(events)
    await eligibility.refresh(work, changed.organisation)
    return changed


def _unknown(pointer: str) -> Invalid:
    return Invalid(
        "organisation-unknown",
        "There is no such organisation in the registry.",
        satisfied_by="An organisation that is registered, or for an owner its name and number alone.",
        pointer=pointer,
    )
