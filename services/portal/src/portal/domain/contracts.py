"""Contracts and their periods of delivery: which event stands behind each thing that is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, latest, of_type

_OF_A_PERIOD = (types.REPORTED, types.GRADED, types.ACCRUED, types.PAYMENT_DUE, types.PAID, types.HELD)
_OF_AN_ORDER = (types.PAYMENT_DUE, types.INVOICED, types.PAYMENT_APPROVED, types.PAYMENT_RETURNED)
_UNTIL_SIGNED = (types.GENERATED, types.SUPPLIER_SIGNED, types.SIGNED)
_SHOWN = (*_UNTIL_SIGNED, *_OF_A_PERIOD, types.COMMITTED, types.ASSIGNED)


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
class Contract:
    """Hold a contract as it stands, and its periods in its order.

    Shape: agreed is the event that says what holds of it now: its signature, or the last change of it that was signed;
    further are the events of it that nothing else is made of.
    """

    id: str
    award: str | None
    supplier: Mapping[str, Any] | None
    generated: Entry | None
    signed: Entry | None
    agreed: Entry | None
    terminated: Entry | None
    committed: Entry | None
    assigned: Entry | None
    periods: tuple[Period, ...]
    further: tuple[Entry, ...]

    @property
    def graded(self) -> bool:
        """Return whether every period that was agreed has a grade."""
        agreed = [period for period in self.periods if period.milestone]
        return bool(agreed) and all(period.grade for period in agreed)


def is_in_advance(entry: Entry) -> bool:
    """Tell whether a payment is ordered, approved or returned that is of no period."""
    return entry.type in _OF_AN_ORDER and entry.data["period"] == "advance"


def contracts(entries: Sequence[Entry]) -> tuple[Contract, ...]:
    """Find the contracts of a procedure, the one that was told first first."""
    told: dict[str, list[Entry]] = {}
    for entry in entries:
        # An award names the contract that will be made of it, and is not an event of the contract.
        if entry.data.get("contract") and not entry.type.startswith("award."):
            told.setdefault(entry.data["contract"], []).append(entry)
    return tuple(_contract(contract, events) for contract, events in told.items())


def _contract(contract: str, entries: Sequence[Entry]) -> Contract:
    parties = [entry.data["supplier"] for entry in of_type(entries, *_UNTIL_SIGNED, types.ASSIGNED_OVER)]
    awards = [entry.data["award"] for entry in of_type(entries, types.GENERATED, types.SIGNED)]
    return Contract(
        id=contract,
        award=awards[-1] if awards else None,
        supplier=parties[-1] if parties else None,
        generated=latest(entries, types.GENERATED),
        signed=latest(entries, types.SIGNED),
        agreed=_agreed(entries),
        terminated=latest(entries, types.TERMINATED),
        committed=latest(entries, types.COMMITTED),
        assigned=latest(entries, types.ASSIGNED),
        periods=_periods(contract, entries),
        further=tuple(entry for entry in entries if entry.type not in _SHOWN or is_in_advance(entry)),
    )


def _agreed(entries: Sequence[Entry]) -> Entry | None:
    return latest(entries, types.CHANGED) or latest(entries, types.SIGNED)


def _periods(contract: str, entries: Sequence[Entry]) -> tuple[Period, ...]:
    agreed = _agreed(entries)
    milestones = {milestone["period"]: milestone for milestone in agreed.data["milestones"]} if agreed else {}
    happened: dict[str, list[Entry]] = {period: [] for period in milestones}
    for entry in of_type([entry for entry in entries if not is_in_advance(entry)], *_OF_A_PERIOD):
        happened.setdefault(entry.data["period"], []).append(entry)
    return tuple(
        Period(
            contract=contract,
            period=period,
            milestone=milestones.get(period),
            report=latest(found, types.REPORTED),
            grade=latest(found, types.GRADED),
            accrued=latest(found, types.ACCRUED),
            paid=tuple(of_type(found, types.PAID)),
            held=tuple(of_type(found, types.HELD)),
        )
        for period, found in happened.items()
    )
