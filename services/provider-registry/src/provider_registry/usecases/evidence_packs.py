"""The evidence packs of providers; nothing here commits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import evidence_packs
from provider_registry.domain import evidence_pack as domain
from provider_registry.domain.evidence_pack import EvidencePack
from provider_registry.domain.policy import permit_own_or_oversight
from shared.kernel.access import Actor
from shared.kernel.errors import not_here
from shared.platform.database import hold_name
from shared.platform.work import Work
from shared.rules.pack import pack_in_force


async def issue(work: Work, actor: Actor, organisation: str, pack: str, at: datetime | None) -> EvidencePack:
    """Put together what was known of an organisation at an instant; asked for again, it is the same pack."""
    permit_own_or_oversight("evidence-pack.issue", actor, organisation)
    instant = at or work.now
    domain.check_past(instant, now=work.now)
    await hold_name(work.connection, f"evidence-pack:{organisation}")
    known = await evidence_packs.known(work.connection, organisation, pack, instant)
    issued, events = domain.issue(known, pack=pack_in_force(pack, instant.date()), at=instant, now=work.now)
    earlier = await evidence_packs.find(work.connection, issued.digest)
    if earlier is not None:
        return earlier
    await evidence_packs.add(work, issued)
    await work.record(events)
    return issued


async def of(connection: AsyncConnection, actor: Actor, organisation: str, digest: str | None) -> EvidencePack:
    """Return an organisation's pack by its digest, or its last one.

    Raises:
        NotFound: not-found.
    """
    permit_own_or_oversight("evidence.read", actor, organisation)
    found = await (
        evidence_packs.find(connection, digest) if digest else evidence_packs.last_of(connection, organisation)
    )
    if found is None or found.organisation != organisation:
        raise not_here()
    return found


async def by_digest(connection: AsyncConnection, digest: str) -> EvidencePack:
    """Return the pack with a digest.

    Raises:
        NotFound: not-found, where none was issued.
    """
    found = await evidence_packs.find(connection, digest)
    if found is None:
        raise not_here()
    return found
