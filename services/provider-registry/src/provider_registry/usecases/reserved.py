"""What providers declare for reserved contracts, and what follows under a pack; nothing here commits."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import reserved, store
from provider_registry.domain.finding import Finding
from provider_registry.domain.policy import POLICY
from provider_registry.domain.reserved import Condition, ReservedAward, ReservedFacts, reserved_findings
from shared.kernel.access import Actor, permit_relation
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_in_force


async def declare(
    work: Work,
    actor: Actor,
    organisation: str,
    *,
    conditions: tuple[Condition, ...],
    staff: int | None,
    disadvantaged: int | None,
    staff_evidence: str | None,
    awards: tuple[ReservedAward, ...],
    pack: RulePack,
) -> ReservedFacts:
    """Declare anew as the provider."""
    permit_relation(POLICY, "reserved.declare", actor, organisation)
    # Two at the same instant: the second one waits here, and finds the first.
    await store.provider(work.connection, organisation, lock=True)
    before = await reserved.known(work.connection, organisation, work.now)
    after = before.declare(
        conditions=conditions,
        staff=staff,
        disadvantaged=disadvantaged,
        staff_evidence=staff_evidence,
        awards=awards,
        today=pack.calendar.day_of(work.now),
    )
    await reserved.keep(work.connection, before, after, work.now)
    return after


async def statuses(
    connection: AsyncConnection, organisation: str, pack_id: str, at: datetime, buyer: str | None
) -> tuple[RulePack, Mapping[str, tuple[Finding, ...]]]:
    """Return what follows from what was declared until an instant, under the version of a pack in force then."""
    await store.provider(connection, organisation)
    pack = pack_in_force(pack_id, at.date())
    return pack, reserved_findings(await reserved.known(connection, organisation, at), pack, at, buyer)
