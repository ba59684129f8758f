"""A reservation that a finance system makes itself, under an id of its own and outside any contracting process."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from budget.domain.events import ReservationExpired, ReservationMade, ReservationReleased
from budget.domain.ledger import Cause, Stage, Transfer, transfer
from budget.domain.line import Line
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money

Change = tuple["Reservation", tuple[Transfer, ...], tuple[DomainEvent, ...]]


class ReservationState(StrEnum):
    """Where a reservation stands."""

    RESERVED = "reserved"
    REFUSED = "refused"
    RELEASED = "released"
    EXPIRED = "expired"


# What is asked for, until the line's balance answers in the same transaction: never kept.
_REQUESTED = "requested"
RESERVATION = lifecycle(
    "reservation",
    _REQUESTED,
    transition("reserve", _REQUESTED, "reserved refused", "finance-officer", events="budget.reservation-made.v1"),
    transition("release", "reserved", "released", "finance-officer", events="budget.reservation-released.v1"),
    transition("expire", "reserved", "expired", "clock", events="budget.reservation-expired.v1"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRequest:
    """What is asked for under an id.

    Shape: the fields in the order in which a repetition is compared.
    """

    id: UUID
    line: UUID
    amount: Money
    purpose: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What became of it; refusal is the code of the first answer where that was a refusal."""

    request: ReservationRequest
    state: ReservationState
    made_at: datetime
    ended_at: datetime | None = None
    refusal: str | None = None

    def release(self, reason: str, at: datetime) -> Change:
        """Give back what is not needed.

        Raises:
            NotAllowed: reservation-ended.
        """
        self._expect_open("release")
        event = ReservationReleased(
            aggregate=self.request.id, version=2, line=self.request.line, amount=self.request.amount, reason=reason
        )
        state = RESERVATION.move("release", self.state, ReservationState.RELEASED)
        ended = replace(self, state=state, ended_at=at)
        return ended, (self._given_back(reason, at),), (event,)

    def expire(self, now: datetime) -> Change:
        """Give back at its instant what nobody used until then.

        Raises:
            NotAllowed: reservation-ended, reservation-not-due.
        """
        self._expect_open("expire")
        due = self.request.expires_at
        if due is None or due > now:
            raise NotAllowed("reservation-not-due", "The reservation has not expired.")
        event = ReservationExpired(
            aggregate=self.request.id, version=2, line=self.request.line, amount=self.request.amount, expired_at=due
        )
        state = RESERVATION.move("expire", self.state, ReservationState.EXPIRED)
        ended = replace(self, state=state, ended_at=due)
        return ended, (self._given_back("The reservation expired.", due),), (event,)

    def _expect_open(self, action: str) -> None:
        if self.state not in RESERVATION.transitions[action].before:
            raise NotAllowed("reservation-ended", f"The reservation is {self.state}.")

    def _given_back(self, reason: str, at: datetime) -> Transfer:
        # Both ways to end give the transfer the same id, so that a reservation ends once.
        return _moved(self.request, Stage.RESERVED, Stage.AVAILABLE, reason, at)


def reserve(request: ReservationRequest, line: Line | None, at: datetime) -> Change:
    """Set an amount aside; whether the line has it, the ledger decides.

    Raises:
        NotAllowed: line-unknown, fiscal-year-closed, currency-differs.
        Invalid: amount-not-positive, expiry-passed.
    """
    if request.amount.minor <= 0:
        raise Invalid("amount-not-positive", "An amount above zero is reserved.")
    if request.expires_at is not None and request.expires_at <= at:
        raise Invalid("expiry-passed", "The reservation would have expired before it is made.")
    if line is None:
        raise NotAllowed(
            "line-unknown", "The budget has no such line.", satisfied_by="A line that has an appropriation."
        )
    line.admit()
    if request.amount.currency != line.currency:
        raise NotAllowed(
            "currency-differs",
            "The budget line is in another currency.",
            satisfied_by="An amount in the currency of the line.",
        )
    state = RESERVATION.move("reserve", _REQUESTED, ReservationState.RESERVED)
    made = Reservation(request=request, state=state, made_at=at)
    event = ReservationMade(
        aggregate=request.id,
        version=1,
        line=request.line,
        amount=request.amount,
        purpose=request.purpose,
        expires_at=request.expires_at,
    )
    return made, (_moved(request, Stage.AVAILABLE, Stage.RESERVED, request.purpose, at),), (event,)


def _moved(request: ReservationRequest, start: Stage, end: Stage, reason: str, at: datetime) -> Transfer:
    return transfer(
        Cause(request.id, at),
        ocid=None,
        line=request.line,
        from_stage=start,
        to_stage=end,
        amount=request.amount,
        reason=reason,
    )
