"""What the registry's events say of those who may bid."""

from datetime import date, datetime

from shared.platform.work import Work
from tender.db import bidders


async def admit(work: Work, organisation: str, name: str, *, verified_at: datetime, valid_until: date) -> None:
    """Let a verified provider bid until the date given."""
    await bidders.note_bidder(work.connection, organisation, name, since=verified_at, valid_until=valid_until)


async def suspend(work: Work, organisation: str, name: str | None, *, since: datetime) -> None:
    """Let an organisation whose entry is new, changed or refused not bid until it is verified."""
    await bidders.note_bidder(work.connection, organisation, name, since=since, valid_until=None)
