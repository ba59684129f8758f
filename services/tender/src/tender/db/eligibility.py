"""What the registry's events say of who is eligible, as a history."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.database import adapter
from tender.db.tables import bidder_eligibilities
from tender.domain.eligibility import Exclusion

_EXCLUSIONS = adapter(tuple[Exclusion, ...])


async def note(
    connection: AsyncConnection, organisation: str, exclusions: Sequence[Exclusion], *, since: datetime
) -> None:
    """Remember what keeps an organisation away from an instant on, until more is told."""
    written = _EXCLUSIONS.dump_python(tuple(exclusions), mode="json")
    known = {"organisation": organisation, "since": since, "exclusions": written}
    await connection.execute(insert(bidder_eligibilities).values(known))


async def told_at(
    connection: AsyncConnection, organisations: Iterable[str], instant: datetime
) -> dict[str, tuple[Exclusion, ...]]:
    """Return what kept organisations away at an instant, by all that the registry has said until now."""
    history = bidder_eligibilities.c
    last = (
        select(history.organisation, history.exclusions)
        .ext(distinct_on(history.organisation))
        .where(history.organisation.in_(list(organisations)), history.since <= instant)
        .order_by(history.organisation, history.since.desc(), history.arrival.desc())
    )
    return {row.organisation: _EXCLUSIONS.validate_python(row.exclusions) for row in await connection.execute(last)}
