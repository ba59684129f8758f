"""What happens to the reservations that finance systems make themselves; nothing here commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from budget.db import ledger
from budget.db import reservations as kept
from budget.domain.client_made import TRANSIENT, expect_same
from budget.domain.ledger import Transfer
from budget.domain.reservation import Change, Reservation, ReservationRequest
from budget.domain.reservation import reserve as reserved
from shared.kernel.errors import DomainError, NotAllowed
from shared.platform.work import Work


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, by whom it is made, and the trace that it belongs to."""

    request: ReservationRequest
    person: str
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one request: what there is under its id now, and whether this request made it; or a refusal."""

    reservation: Reservation | None = None
    created: bool = False
    refusal: DomainError | None = None


async def reserve(work: Work, asked: Sequence[Asking]) -> Sequence[Outcome]:
    """Set amounts aside, each once under its id, each by itself; the answers come in the order of the requests."""
    claimed = await kept.claim(work.connection, [(one.request, one.person) for one in asked], work.now)
    first: dict[UUID, Asking] = {}
    for one in asked:
        if one.request.id in claimed:
            first.setdefault(one.request.id, one)
    answers = await _set_aside(work, first)
    requests = [one.request for one in asked]
    if len(first) == len(asked):
        return [answers[request.id] for request in requests]
    known = await kept.find(work.connection, {request.id for request in requests})
    outcomes = []
    for request in requests:
        if first.pop(request.id, None) is not None or request.id not in known:
            outcomes.append(answers[request.id])
        else:
            outcomes.append(_repeated(known[request.id], request))
    return outcomes


async def release(work: Work, identifier: UUID, reason: str) -> Reservation:
    """Give back what a reservation does not need."""
    before = await kept.reservation(work.connection, identifier, lock=True)
    return await _end(work, before.release(reason, work.now))


async def release_all(work: Work, line: UUID, reason: str) -> None:
    """Give back all that finance systems have reserved on a line."""
    for before in await kept.open_on(work.connection, line):
        await _end(work, before.release(reason, work.now))


async def let_time_act(work: Work, identifier: UUID) -> None:
    """Give back what was not used in time."""
    before = await kept.reservation(work.connection, identifier, lock=True)
    await _end(work, before.expire(work.now))


async def _end(work: Work, change: Change) -> Reservation:
    after, transfers, events = change
    await kept.end(work.connection, after)
    await work.record(events)
    await ledger.post(work.connection, transfers)
    return after


async def _set_aside(work: Work, asked: Mapping[UUID, Asking]) -> Mapping[UUID, Outcome]:
    if not asked:
        return {}
    lines = await ledger.lines_of(work.connection, {one.request.line for one in asked.values()})
    changes: dict[UUID, Change] = {}
    refusals: dict[UUID, DomainError] = {}
    for one in (each.request for each in asked.values()):
        try:
            changes[one.id] = reserved(one, lines.get(one.line), work.now)
        except DomainError as refusal:
            refusals[one.id] = refusal
    refusals |= await _post(work, changes)
    if refusals:
        await _keep(work, refusals)
    told = [(event, asked[one].trace) for one, change in changes.items() if one not in refusals for event in change[2]]
    await work.record([event for event, _ in told], [trace for _, trace in told])
    made = {one: Outcome(after, created=True) for one, (after, _, _) in changes.items()}
    return made | {one: Outcome(refusal=refusal) for one, refusal in refusals.items()}


async def _post(work: Work, changes: Mapping[UUID, Change]) -> Mapping[UUID, DomainError]:
    """Enter all at once; where together they do not fit, those that do, in their order. Return who got nothing."""
    lacking: Mapping[UUID, DomainError] = {}
    if len(changes) > 1:
        try:
            async with work.connection.begin_nested():
                await ledger.post(work.connection, _entries(changes.values()))
        except NotAllowed:
            lacking = await _without_funds(work, changes)
        else:
            return {}
    fitting = {one: change for one, change in changes.items() if one not in lacking}
    try:
        # What is available is the first balance in the order, and alone shrinks: nothing is to be rolled back.
        await ledger.post(work.connection, _entries(fitting.values()))
    except NotAllowed as refusal:
        return dict.fromkeys(changes, refusal)
    return lacking


async def _without_funds(work: Work, changes: Mapping[UUID, Change]) -> Mapping[UUID, DomainError]:
    """Find who comes too late, while nobody else can take from the lines or give to them until the transaction ends."""
    left = dict(await ledger.lock_available(work.connection, {after.request.line for after, _, _ in changes.values()}))
    lacking: dict[UUID, DomainError] = {}
    for one, (after, _, _) in changes.items():
        request = after.request
        if request.amount.minor > left[request.line]:
            lacking[one] = ledger.insufficient_funds()
        else:
            left[request.line] -= request.amount.minor
    return lacking


def _entries(changes: Iterable[Change]) -> list[Transfer]:
    return [entry for _, entries, _ in changes for entry in entries]


async def _keep(work: Work, refusals: Mapping[UUID, DomainError]) -> None:
    transient = {one: refusal.code for one, refusal in refusals.items() if refusal.code in TRANSIENT}
    await kept.refuse(work.connection, transient)
    await kept.forget(work.connection, refusals.keys() - transient.keys())


def _repeated(known: Reservation, again: ReservationRequest) -> Outcome:
    try:
        expect_same(known.request, again, known.refusal)
    except NotAllowed as refusal:
        return Outcome(refusal=refusal)
    return Outcome(known)
