"""What of an evaluation is not public: kept when it is decided, and read by a few; nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import not_here
from shared.kernel.events import DomainEvent
from shared.kernel.ids import new_secret
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import challenges, panels, store
from tender.db import withheld as kept
from tender.domain.challenge_parties import DECIDER, Case
from tender.domain.events import AwardProposed
from tender.domain.framework_events import FrameworkProposed
from tender.domain.panel import Panel
from tender.domain.panel_disclosure import reads_evaluation
from tender.domain.panel_events import ScoresLocked, ScoresRevealed
from tender.domain.tender import Tender
from tender.domain.withheld import Withheld, is_public

_Withholding = AwardProposed | FrameworkProposed | ScoresRevealed | ScoresLocked


def new_salt() -> str:
    """Make the salt of a digest."""
    return new_secret().hex()


async def keep(work: Work, tender_id: UUID, events: Sequence[DomainEvent]) -> None:
    """Keep what the events do not tell everybody."""
    found = (event.withheld for event in events if isinstance(event, _Withholding))
    await kept.keep(work.connection, tender_id, {one.digest: one for one in found if one is not None}, work.now)


async def whole(connection: AsyncConnection, actor: Actor, tender_id: UUID, digest: str) -> Withheld:
    """Return what a digest of a tender's events stands for.

    Raises:
        NotFound: not-found, also for whoever may not read it.
    """
    tender = await store.tender(connection, tender_id)
    if not await may_read(connection, tender, await panels.find(connection, tender_id), actor):
        raise not_here()
    return await kept.find(connection, tender_id, digest)


async def shows_scores(connection: AsyncConnection, tender: Tender, panel: Panel, actor: Actor | None) -> bool:
    """Tell whether a panel's scores are shown to this party."""
    public = is_public(pack_of(tender))
    return public or (actor is not None and await may_read(connection, tender, panel, actor))


async def may_read(connection: AsyncConnection, tender: Tender, panel: Panel | None, actor: Actor) -> bool:
    """Tell whether somebody may read the whole evaluation of a tender."""
    found = await challenges.of_tender(connection, tender.id) if DECIDER in actor.roles else ()
    return reads_evaluation(Case(tender, panel), found, actor)
