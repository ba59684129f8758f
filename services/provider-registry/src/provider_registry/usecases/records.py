"""What becomes of a provider's record; nothing here commits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from provider_registry.db import records, store
from provider_registry.domain.day_totals import total_changes
from provider_registry.domain.policy import POLICY
from provider_registry.domain.record import RecordEvents, TrackRecord
from provider_registry.domain.record_data import ASSIGNED, Engagement, GradedPeriod
from provider_registry.domain.result_events import RatingChanged
from provider_registry.usecases.ratings import rating_of
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed
from shared.platform.work import Work
from shared.rules.pack import RulePack, pack_in_force, pack_of

Step = Callable[[TrackRecord], tuple[TrackRecord, RecordEvents]]


async def sign(work: Work, organisation: str, engagement: Engagement) -> None:
    """Enter a signed contract in the supplier's record."""
    await records.hold(work.connection, engagement.contract, organisation)
    await _step(work, organisation, engagement.contract, lambda record: record.sign(engagement.contract, engagement))


async def assign(work: Work, contract: UUID, before: str, after: str, at: datetime) -> None:
    """Enter a contract in the record of the provider that it went over to; that of the one before keeps it."""
    engaged = (await records.record(work.connection, before)).engagement(contract)
    taken = replace(engaged, since=at, changes=0, suspensions=0, ending=None, ended_at=None) if engaged else None
    await _step(work, before, contract, lambda record: record.end(contract, ASSIGNED, at))
    await records.hold(work.connection, contract, after)
    await _step(work, after, contract, lambda record: record.sign(contract, taken))


async def end(work: Work, contract: UUID, ground: str, at: datetime) -> None:
    """Enter that a contract ended, and on which ground."""
    await _of_holder(work, contract, lambda record: record.end(contract, ground, at))


async def change(work: Work, contract: UUID) -> None:
    """Enter that a contract was changed."""
    await _of_holder(work, contract, lambda record: record.change(contract))


async def suspend(work: Work, contract: UUID) -> None:
    """Enter that a contract was suspended."""
    await _of_holder(work, contract, lambda record: record.suspend(contract))


async def grade(work: Work, organisation: str, period: GradedPeriod) -> None:
    """Enter a graded period in the provider's record."""
    await _step(work, organisation, period.contract, lambda record: record.grade(period))


async def reply(
    work: Work, actor: Actor, organisation: str, *, contract: UUID, period: str, text: str, pack: RulePack
) -> TrackRecord:
    """Set the provider's reply beside a grade."""
    permit_relation(POLICY, "record.reply", actor, organisation)
    await store.provider(work.connection, organisation)
    before = await records.record(work.connection, organisation, lock=True)
    until = pack.ends_at("past-performance.reply", before.graded_at(contract, period))
    replied, events = before.reply(
        contract, period, text, at=work.now, until=until, reference=pack.reference("past-performance.reply")
    )
    await records.save_record(work.connection, before, replied, work.now)
    await work.record(events)
    return replied


async def unite(work: Work, given_up: str, kept: str) -> None:
    """Let all that was done under an entry that is given up stand in the record of the one that is kept."""
    gone = await records.record(work.connection, given_up, lock=True)
    emptied, left = gone.hand_over()
    before = await records.record(work.connection, kept, lock=True)
    united, taken = before.take_over(gone)
    await records.hand_over(work.connection, given_up, kept)
    for old, new, events in ((gone, emptied, left), (before, united, taken)):
        if events:
            await records.add_to_totals(work.connection, total_changes(old, new), work.now)
            await records.save_record(work.connection, old, new, work.now)
            await work.record(events)


async def _of_holder(work: Work, contract: UUID, step: Step) -> None:
    organisation = await records.holder(work.connection, contract)
    if organisation is not None:
        await _step(work, organisation, contract, step)


async def _step(work: Work, organisation: str, contract: UUID, step: Step) -> None:
    kept = await store.kept(work.connection, organisation)
    before = await records.record(work.connection, kept, lock=True)
    after, events = step(before)
    if not events:
        return
    await records.add_to_totals(work.connection, total_changes(before, after), work.now)
    rated, ratings = await _rated(work, after, contract)
    await records.save_record(work.connection, before, rated, work.now)
    await work.record((*events, *ratings))


async def _rated(work: Work, record: TrackRecord, contract: UUID) -> tuple[TrackRecord, tuple[RatingChanged, ...]]:
    """Rate the provider anew in the category of a contract, by the contract's pack as it is in force now."""
    engaged = record.engagement(contract)
    if engaged is None:
        return record, ()
    try:
        pack = pack_in_force(engaged.pack, work.now.date())
    except NotAllowed:
        pack = pack_of(engaged)
    rating = await rating_of(work.connection, record, engaged.category, pack, work.now)
    return record.publish(rating, pack.id, pack.version)
