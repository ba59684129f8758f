"""A contracting process at a glance, worked out from its events alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.domain import types
from portal.domain.amounts import added, amount, less, told
from portal.domain.awards import AwardStatus
from portal.domain.course import Course
from portal.domain.entry import Entry, latest, of_type
from portal.domain.lots import GOING_ON, LotState
from shared.kernel.money import Money


class State(StrEnum):
    """Where a procedure stands; those of other publishers keep the codes of OCDS tenderStatus."""

    DRAFT = "draft"
    AWAITING_FUNDS = "awaiting-funds"
    PLANNING = "planning"
    PLANNED = "planned"
    ACTIVE = "active"
    EVALUATION = "evaluation"
    STANDSTILL = "standstill"
    AWARDED = "awarded"
    CONTRACTED = "contracted"
    COMPLETE = "complete"
    TERMINATED = "terminated"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


_REACHED: Mapping[str, State] = {
    types.FUNDING_REQUESTED: State.AWAITING_FUNDS,
    types.RETURNED_TO_DRAFT: State.DRAFT,
    types.PUBLISHED: State.ACTIVE,
    types.OPENED: State.EVALUATION,
    types.QUALIFIED: State.EVALUATION,
    types.PRICES_OPENED: State.EVALUATION,
    types.AWARD_CANCELLED: State.EVALUATION,
    types.UNSUCCESSFUL: State.UNSUCCESSFUL,
    types.CANCELLED: State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Party:
    """Name a party; other publishers may leave out its id or its name."""

    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Grade:
    """Hold how a period of delivery was graded; contract tells the periods of several contracts apart.

    Units: score is from 0 to 100, as it was published.
    """

    period: str
    score: str
    grade: str
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Hold a procedure's money; each amount is the sum to date, and none where there is none or in several currencies.

    Units: reserved is what was set aside less what was released; committed is part of it and less what was deducted,
    accrued is part of committed, and paid and what is held are parts of accrued.
    """

    estimate: Money | None = None
    reserved: Money | None = None
    awarded: Money | None = None
    contracted: Money | None = None
    committed: Money | None = None
    accrued: Money | None = None
    paid: Money | None = None
    held: Money | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """Hold a procedure's summary; external says that another publisher's process was imported."""

    ocid: str
    external: bool
    sandbox: bool
    title: str | None
    state: State
    category: str | None
    buyer: Party | None
    suppliers: tuple[Party, ...]
    amounts: Amounts
    grades: tuple[Grade, ...]
    closes_at: str | None
    last_event_at: datetime
    events: int


def procedure(course: Course) -> Procedure:
    """Work a procedure out from its course and that of its plan."""
    # Whoever imports a process under one of our own identifiers must not change what is shown of ours.
    own = [entry for entry in course.entries if entry.type != types.IMPORTED]
    return _own(own, course) if any(entry.ocid for entry in own) else _external(course.entries)


def _own(entries: Sequence[Entry], course: Course) -> Procedure:
    process = [entry for entry in entries if entry.ocid]
    described: dict[str, Any] = {}
    # A contract names its lot beside the procedure, and only stands in where nothing else was told yet.
    for kind in (types.SIGNED, types.PLANNED, types.PLAN_CHANGED, types.FUNDING_REQUESTED):
        for entry in of_type(entries, kind):
            described |= entry.data
    tender = course.tender
    described |= tender or {}
    service = described.get("service")
    return Procedure(
        ocid=str(process[0].ocid),
        external=False,
        sandbox=any(entry.sandbox for entry in process),
        title=described.get("title"),
        state=_state(process, course),
        category=f"{service['title']} ({service['code']})" if service else None,
        buyer=_party(described.get("buyer")),
        suppliers=_parties(_suppliers(entries, course)),
        amounts=_amounts(entries, course),
        grades=_grades(entries),
        closes_at=tender["closes_at"] if tender else None,
        last_event_at=process[-1].time,
        events=len(process),
    )


def _state(process: Sequence[Entry], course: Course) -> State:
    """Find where a procedure stands: with several lots, where the one stands that has come furthest."""
    signed = [contract for contract in course.contracts if contract.signed]
    parts = {lot.state for lot in course.lots}
    if signed:
        over = all(contract.graded or contract.terminated for contract in signed) and not parts & set(GOING_ON)
        done = State.COMPLETE if all(contract.graded for contract in signed) else State.TERMINATED
        return done if over else State.CONTRACTED
    if LotState.AWARDED in parts:
        return State.AWARDED
    if LotState.STANDSTILL in parts:
        return State.STANDSTILL
    reached = [_REACHED[entry.type] for entry in process if entry.type in _REACHED]
    return reached[-1] if reached else State.UNKNOWN


def _amounts(entries: Sequence[Entry], course: Course) -> Amounts:
    asked = latest(entries, types.FUNDING_REQUESTED)
    planned = latest(entries, types.PLANNED, types.PLAN_CHANGED)
    agreed = [contract.agreed for contract in course.contracts if contract.signed]
    of_contracts = [entry for entry in entries if entry.data.get("contract")]
    bound_further, given_back = _sum(entries, types.CHANGE_COMMITTED), _sum(of_contracts, types.RELEASED)
    deducted = _sum(entries, types.DEDUCTED)
    # What was measured is deducted before it is accrued; what was held is accrued until it is forfeited.
    forfeited = _sum([entry for entry in entries if entry.data.get("hold")], types.DEDUCTED)
    estimates = (
        course.tender and course.tender["value"],
        asked and asked.data["amount"],
        planned and planned.data["estimate"],
    )
    return Amounts(
        estimate=amount(next((estimate for estimate in estimates if estimate), None)),
        reserved=less(added((_sum(entries, types.RESERVED), bound_further)), _sum(entries, types.RELEASED)),
        awarded=added(amount(award.value) for award in course.awards if award.status is AwardStatus.ACTIVE),
        contracted=added(amount(entry.data["value"]) for entry in agreed if entry),
        committed=less(added((_sum(entries, types.COMMITTED), bound_further)), added((given_back, deducted))),
        accrued=less(_sum(entries, types.ACCRUED), forfeited),
        # What was paid in advance counts once a period recovers it, as in the ledger.
        paid=added((_sum(entries, types.PAID), _sum(entries, types.ADVANCE_RECOVERED))),
        held=less(_sum(entries, types.HELD), added((_sum(entries, types.HOLD_RELEASED), forfeited))),
    )


def _sum(entries: Sequence[Entry], kind: str) -> Money | None:
    return added(amount(entry.data["amount"]) for entry in of_type(entries, kind))


def _grades(entries: Sequence[Entry]) -> tuple[Grade, ...]:
    by_period = {(entry.data["contract"], entry.data["period"]): entry.data for entry in of_type(entries, types.GRADED)}
    return tuple(Grade(data["period"], data["score"], data["grade"], data["contract"]) for data in by_period.values())


def _suppliers(entries: Sequence[Entry], course: Course) -> Sequence[Mapping[str, Any]]:
    # Whoever's award was taken back supplies nothing.
    awarded = [award.supplier for award in course.awards if award.status is AwardStatus.ACTIVE]
    return [*awarded, *(entry.data["supplier"] for entry in of_type(entries, types.SIGNED, types.ASSIGNED_OVER))]


def _external(entries: Sequence[Entry]) -> Procedure:
    last = entries[-1]
    data = last.data
    return Procedure(
        ocid=data["ocid"],
        external=True,
        sandbox=last.sandbox,
        title=data["title"],
        state=State(data["status"]) if data["status"] in set(State) else State.UNKNOWN,
        category=data["category"],
        buyer=_party(data["buyer"]),
        suppliers=_parties(data["suppliers"]),
        amounts=Amounts(
            estimate=told([data["estimate"]] if data["estimate"] else []),
            awarded=told(data["awards"]),
            contracted=told(data["contracts"]),
        ),
        grades=(),
        closes_at=data["closes"],
        last_event_at=last.time,
        events=len(entries),
    )


def _party(data: Mapping[str, Any] | None) -> Party | None:
    return Party(data["id"], data["name"]) if data else None


def _parties(found: Iterable[Mapping[str, Any]]) -> tuple[Party, ...]:
    # A supplier is named at the award and again in the contract, and is shown once.
    return tuple({data["id"] or data["name"]: Party(data["id"], data["name"]) for data in found}.values())
