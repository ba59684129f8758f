"""The time to sign, which stands still while a challenge holds the signature up; nothing here commits."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import challenges as kept
from tender.db import contract as contracts
from tender.domain.tender import Tender


async def suspensions(work: Work, tender: Tender, *, at: datetime) -> Mapping[UUID, datetime | None]:
    """Find the contracts of a procedure, and until when the signature of each is held up."""
    pack = pack_of(tender)
    challenges = await kept.of_tender(work.connection, tender.id)
    found: dict[UUID, datetime | None] = {}
    for lot in tender.lots:
        if lot.award is not None and lot.award.contract is not None:
            ends_at = lot.award.standstill_ends_at
            ends = (one.suspends_until(lot.id, at, pack, standstill_ends_at=ends_at) for one in challenges)
            found[lot.award.contract] = max((end for end in ends if end is not None), default=None)
    return found


async def hold_signatures(work: Work, tender: Tender, held: Mapping[UUID, datetime | None], *, at: datetime) -> None:
    """Let the time to sign stand still by what has become of a challenge; held is what suspensions() said before."""
    for identifier, until in (await suspensions(work, tender, at=at)).items():
        before = await contracts.contract(work.connection, identifier, lock=True)
        after = before.hold_up(until, at, held=held[identifier] is not None)
        if after.version != before.version:
            await contracts.save(work.connection, before, after)
