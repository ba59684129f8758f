"""What an entry says of who an organisation is: numbers, owners, names alike."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import duplicates, identifiers, store
from provider_registry.domain import duplicate
from provider_registry.domain.names import keys
from provider_registry.domain.ownership import refuse_cycle
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Identifier, OwnerKind
from shared.kernel.errors import NotAllowed
from shared.platform.database import hold_name
from shared.platform.work import Work


async def refuse_taken(connection: AsyncConnection, organisation: str, numbers: Collection[Identifier]) -> None:
    """Refuse registration numbers that another organisation holds.

    Raises:
        NotAllowed: identifier-taken.
    """
    if set((await identifiers.holders(connection, numbers)).values()) - {organisation}:
        raise NotAllowed("identifier-taken", "Another organisation is registered under this identifier.")


async def refuse_cyclic_ownership(connection: AsyncConnection, provider: Provider, *merged: Provider) -> None:
    """Follow the owners of a provider, as it was just entered, and of what is merged with it, through the registry.

    Raises:
        NotAllowed: ownership-cyclic.
    """
    # Two that name each other at once would each not see the other.
    await hold_name(connection, "ownership")
    own = [await _owners(connection, one) for one in (provider, *merged)]
    owners = {provider.organisation: frozenset[str]().union(*own)}
    while ahead := set[str]().union(*owners.values()) - owners.keys():
        owners |= dict.fromkeys(ahead, frozenset[str]())
        for one in await store.providers_of(connection, ahead):
            owners[one.organisation] = await _owners(connection, one)
    refuse_cycle(provider.organisation, owners)


async def look_for_duplicates(work: Work, provider: Provider) -> None:
    """Suggest the entries that may be of the same organisation; what was judged different is not suggested again."""
    names = (provider.name, *(former.name for former in provider.former_names))
    shared = frozenset().union(*map(keys, names))
    likely = await duplicates.candidates(work.connection, provider.organisation, shared)
    await duplicates.remember_names(work.connection, provider.organisation, shared)
    for other in await store.providers_of(work.connection, likely):
        if other.merged_into is None:
            await _suggest(work, provider, other)


async def _suggest(work: Work, provider: Provider, other: Provider) -> None:
    comparison = duplicate.compare(provider, other)
    if comparison is None:
        return
    before = await duplicates.pair_if_any(work.connection, duplicate.pair(provider.organisation, other.organisation))
    if before is None:
        if not await duplicates.judged_different(work.connection, duplicate.pairs(provider, other)):
            await duplicates.add(work.connection, duplicate.suggest(provider, other, comparison), work.now)
        return
    after = before.compared_again(comparison)
    if after is not before:
        await duplicates.save(work.connection, before, after, work.now)


async def _owners(connection: AsyncConnection, provider: Provider) -> frozenset[str]:
    """Return the organisations that own a provider now; an entry that was given up leads to the one that was kept."""
    if provider.merged_into is not None:
        return frozenset({provider.merged_into})
    present = [one for one in provider.owners if one.kind is OwnerKind.ORGANISATION and one.until is None]
    found = await identifiers.holders(connection, [one.identifier for one in present if one.identifier])
    return frozenset({one.organisation for one in present if one.organisation is not None} | set(found.values()))
