"""What happens to supervised contracts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from evaluation.db import supervision_files as store
from evaluation.db import supervisors
from evaluation.domain import supervision_file as domain
from evaluation.domain.agreement import Milestone, Party, PinnedPack
from evaluation.domain.policy import POLICY
from evaluation.domain.supervision_file import SupervisionFile
from shared.kernel.access import Actor, permit_relation
from shared.kernel.events import DomainEvent
from shared.kernel.pseudonyms import pseudonym
from shared.platform.work import Work
from shared.rules.grading import Finding, KpiObservation
from shared.rules.pack import RulePack, pinned_pack


async def open_file(
    work: Work,
    *,
    contract: UUID,
    ocid: str,
    title: str,
    buyer: Party,
    provider: Party,
    milestones: tuple[Milestone, ...],
    pinned: PinnedPack,
    acceleration: int,
    signed_at: datetime,
    handlers: tuple[str, ...] | None,
) -> None:
    """Open the file of a signed contract, once."""
    if await store.is_open(work.connection, contract):
        return
    file = domain.open_file(
        contract=contract,
        ocid=ocid,
        title=title,
        buyer=buyer,
        provider=provider,
        milestones=milestones,
        pinned=pinned,
        acceleration=acceleration,
        sandbox=work.sandbox,
        signed_at=signed_at,
        handlers=handlers,
        pack=_pack(pinned),
    )
    await store.add(work.connection, file)


async def assign(work: Work, actor: Actor, contract: UUID, seed: bytes) -> SupervisionFile:
    """Draw the supervisor of a contract."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    register = await supervisors.register(work.connection)
    assigned, events = before.assign(register, seed=seed, by=actor, at=work.now, pack=_pack(before.pack))
    return await _saved(work, before, assigned, events)


async def report(
    work: Work,
    actor: Actor,
    contract: UUID,
    *,
    period: str,
    visited_on: date,
    kpis: tuple[KpiObservation, ...],
    findings: tuple[Finding, ...],
) -> SupervisionFile:
    """Enter the drawn supervisor's report on a period."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    reported, events = before.report(
        period=period,
        visited_on=visited_on,
        kpis=kpis,
        findings=findings,
        by=actor,
        at=work.now,
        pack=_pack(before.pack),
    )
    return await _saved(work, before, reported, events)


async def accept(work: Work, actor: Actor, contract: UUID, period: str, persons_key: bytes) -> SupervisionFile:
    """Accept the report on a period for the buyer; the period is graded by it."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    permit_relation(POLICY, "supervision.accept", actor, before.buyer.id)
    known_as = pseudonym(persons_key, contract, actor.person)
    accepted, events = before.accept(period, by=actor, pseudonym=known_as, at=work.now, pack=_pack(before.pack))
    return await _saved(work, before, accepted, events)


async def change(work: Work, contract: UUID, milestones: tuple[Milestone, ...]) -> None:
    """Follow a signed change of a contract."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    await _saved(work, before, before.change(milestones, at=work.now, pack=_pack(before.pack)), ())


async def end(work: Work, contract: UUID, last_day: date) -> None:
    """Expect no report on periods that begin after the last day of a contract."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    await _saved(work, before, before.end(last_day, at=work.now, pack=_pack(before.pack)), ())


async def close(work: Work, contract: UUID) -> None:
    """Expect nothing more of a contract that was closed."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    await _saved(work, before, *before.close())


async def hand_to(work: Work, contract: UUID, provider: Party, at: datetime) -> None:
    """Supervise the provider that a contract went over to; a supervisor with a tie to it is drawn anew."""
    before = await store.supervision_file(work.connection, contract, lock=True)
    assignment = before.assignment
    drawn = await supervisors.supervisor(work.connection, assignment.supervisor.id) if assignment else None
    await _saved(work, before, before.hand_to(provider, drawn=drawn, at=at, pack=_pack(before.pack)), ())


async def _saved(
    work: Work, before: SupervisionFile, after: SupervisionFile, events: Sequence[DomainEvent]
) -> SupervisionFile:
    await store.save(work.connection, before, after)
    # What happens to a sandbox contract is a sandbox event, whoever asks for it.
    await replace(work, sandbox=work.sandbox or after.sandbox).record(events)
    return after


def _pack(pinned: PinnedPack) -> RulePack:
    return pinned_pack(pinned.id, pinned.version)
