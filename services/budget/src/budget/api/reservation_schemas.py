"""What goes over the wire about the reservations of finance systems."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from budget.domain.reservation import Reservation, ReservationState
from shared.contracts.fields import Amount, Instant, Moment, PositiveAmount, ShortText


class ReservationBody(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    line: UUID
    amount: PositiveAmount
    purpose: ShortText
    expires_at: Moment | None = None


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
