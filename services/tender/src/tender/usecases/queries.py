"""What can be asked of the tender service."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed
from shared.platform.database import Overdue
from shared.rules.pack import pack_of
from tender.db import amendments, bids, experts, panels, questions, store
from tender.db import contract as contracts
from tender.db.search import find
from tender.domain.contract import Contract
from tender.domain.panel import Panel
from tender.domain.panel_disclosure import shown_names
from tender.domain.parts import OpenedBid, TieDraw
from tender.domain.search import Search
from tender.domain.tender import Tender
from tender.usecases.visibility import visible
from tender.usecases.withheld import shows_scores


async def tender(connection: AsyncConnection, identifier: UUID, actor: Actor | None) -> Tender:
    """Return a tender; one that was never public is shown to its own office only."""
    return visible(await store.tender(connection, identifier), actor)


async def tenders(connection: AsyncConnection, search: Search, after: UUID | None, limit: int) -> Sequence[Tender]:
    return await find(connection, search, after, limit)


async def opened_bids(connection: AsyncConnection, identifier: UUID) -> Sequence[OpenedBid]:
    """Return the bids after the opening; before it the answer is the same however many there are."""
    found = await tender(connection, identifier, None)
    if found.opened_at is None:
        raise NotAllowed(
            "bids-sealed",
            "Bids are not public before the opening.",
            reference=pack_of(found).reference("bid-deadline"),
            satisfied_by="The opening.",
        )
    return found.bids


async def receipt(connection: AsyncConnection, identifier: UUID, actor: Actor) -> str:
    return await bids.receipt(connection, identifier, actor.organisation)


async def contract(connection: AsyncConnection, identifier: UUID) -> Contract:
    return await contracts.contract(connection, identifier)


async def overdue(connection: AsyncConnection, now: datetime) -> list[Overdue]:
    return [
        *await store.overdue(connection, now),
        *await questions.overdue(connection, now),
        *await amendments.overdue(connection, now),
        *await panels.overdue(connection, now),
        *await experts.overdue(connection, now),
    ]


async def panel(connection: AsyncConnection, identifier: UUID) -> Panel:
    """Return a tender's panel."""
    return await panels.panel(connection, identifier)


async def panel_insight(
    connection: AsyncConnection, panel: Panel, actor: Actor | None
) -> tuple[tuple[str, ...] | None, bool]:
    """Return the names of a panel's members that are shown to this party, if they are, and whether its scores are."""
    found = await store.tender(connection, panel.tender)
    names = shown_names(panel, found, pack_of(found), actor)
    return names, await shows_scores(connection, found, panel, actor)


async def tie_draws(connection: AsyncConnection, identifier: UUID, lot: str) -> tuple[Tender, Sequence[TieDraw]]:
    """Return the draws between equal bids of a lot.

    Raises:
        NotFound: not-found; lot-unknown.
    """
    found = await tender(connection, identifier, None)
    found.progress(lot)
    return found, [draw for draw in found.tie_draws if draw.lot == lot]
