"""The course of a procedure: which event stands behind each thing that is shown of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, in_order, latest, of_type
from portal.domain.procedure import agreements

_OF_A_PERIOD = (types.REPORTED, types.GRADED, types.ACCRUED, types.PAID, types.HELD)


@dataclass(frozen=True, slots=True)
class Period:
    """Hold what happened in one period of delivery; milestone is what the contract says of it."""

    contract: str
    period: str
    milestone: Mapping[str, Any] | None
    report: Entry | None
    grade: Entry | None
    accrued: Entry | None
    paid: tuple[Entry, ...]
    held: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Hold the latest event of each kind, and the periods of delivery in the contract's order."""

    plan: Entry | None
    funding: Entry | None
    reserved: Entry | None
    refused: Entry | None
    published: Entry | None
    opened: Entry | None
    unsuccessful: Entry | None
    cancelled: Entry | None
    proposed: Entry | None
    confirmed: Entry | None
    signed: Entry | None
    changes: tuple[Entry, ...]
    ending: Entry | None
    terminated: Entry | None
    committed: Entry | None
    assigned: Entry | None
    imported: Entry | None
    periods: tuple[Period, ...]

    @property
    def ended(self) -> Entry | None:
        """Return the event that ended the procedure before a contract, if one did."""
        return self.unsuccessful or self.cancelled


def course(entries: Iterable[Entry]) -> Course:
    """Find the course of a procedure among its events."""
    ordered = in_order(entries)
    return Course(
        plan=latest(ordered, types.PLANNED),
        funding=latest(ordered, types.FUNDING_REQUESTED),
        reserved=latest(ordered, types.RESERVED),
        refused=latest(ordered, types.REFUSED),
        published=latest(ordered, types.PUBLISHED),
        opened=latest(ordered, types.OPENED),
        unsuccessful=latest(ordered, types.UNSUCCESSFUL),
        cancelled=latest(ordered, types.CANCELLED),
        proposed=latest(ordered, types.PROPOSED),
        confirmed=latest(ordered, types.CONFIRMED),
        signed=latest(ordered, types.SIGNED),
        changes=tuple(of_type(ordered, types.CHANGED)),
        ending=latest(ordered, types.TERMINATION_NOTIFIED),
        terminated=latest(ordered, types.TERMINATED),
        committed=latest(ordered, types.COMMITTED),
        assigned=latest(ordered, types.ASSIGNED),
        imported=latest(ordered, types.IMPORTED),
        periods=_periods(ordered),
    )


def _periods(entries: Sequence[Entry]) -> tuple[Period, ...]:
    milestones = {
        (contract, milestone["period"]): milestone
        for contract, agreed in agreements(entries).items()
        for milestone in agreed.data["milestones"]
    }
    happened: dict[tuple[str, str], list[Entry]] = {place: [] for place in milestones}
    for entry in of_type(entries, *_OF_A_PERIOD):
        happened.setdefault((entry.data["contract"], entry.data["period"]), []).append(entry)
    return tuple(
        Period(
            contract=contract,
            period=period,
            milestone=milestones.get((contract, period)),
            report=latest(found, types.REPORTED),
            grade=latest(found, types.GRADED),
            accrued=latest(found, types.ACCRUED),
            paid=tuple(of_type(found, types.PAID)),
            held=tuple(of_type(found, types.HELD)),
        )
        for (contract, period), found in happened.items()
    )
