"""What goes over the wire about the reservations of finance systems."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from budget.domain.reservation import Reservation, ReservationRequest, ReservationState
from budget.usecases.reservations import Outcome
from shared.contracts.fields import Amount, Instant, Moment, PositiveAmount, ShortText


class ReservationBody(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    line: UUID
    amount: PositiveAmount
    purpose: ShortText
    expires_at: Moment | None = None

    def request_under(self, identifier: UUID) -> ReservationRequest:
        return ReservationRequest(
            id=identifier, line=self.line, amount=self.amount, purpose=self.purpose, expires_at=self.expires_at
        )


class IdentifiedReservation(ReservationBody):
    """One of several; what the API does not name is refused."""

    id: UUID

    def request(self) -> ReservationRequest:
        return self.request_under(self.id)


class Release(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    reason: ShortText


class ReservationView(BaseModel):
    """A reservation; `refusal` is why it was refused, and `ended_at` when it was released or expired."""

    id: UUID
    line: UUID
    amount: Amount
    purpose: str
    expires_at: Instant | None
    state: ReservationState
    made_at: Instant
    ended_at: Instant | None
    refusal: str | None


class OutcomeView(BaseModel):
    """What became of one of several; `code` is what the single request would have been refused with."""

    id: UUID
    outcome: Literal["created", "exists", "refused"]
    code: str | None
    reservation: ReservationView | None


def outcome_view(identifier: UUID, outcome: Outcome) -> OutcomeView:
    return OutcomeView(
        id=identifier,
        outcome="refused" if outcome.refusal else "created" if outcome.created else "exists",
        code=outcome.refusal.code if outcome.refusal else None,
        reservation=reservation_view(outcome.reservation) if outcome.reservation else None,
    )


def reservation_view(reservation: Reservation) -> ReservationView:
    asked = reservation.request
    return ReservationView(
        id=asked.id,
        line=asked.line,
        amount=asked.amount,
        purpose=asked.purpose,
        expires_at=asked.expires_at,
        state=reservation.state,
        made_at=reservation.made_at,
        ended_at=reservation.ended_at,
        refusal=reservation.refusal,
    )
