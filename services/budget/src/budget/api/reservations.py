"""The reservations of finance systems, each under an id of theirs: asked again, it is answered as the first time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from budget.api.reservation_schemas import Release, ReservationBody, ReservationView, reservation_view
from budget.domain.reservation import ReservationRequest
from budget.usecases import queries, reservations
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.problems import describe
from shared.platform.reading import Reading

router = APIRouter(tags=["reservations"], route_class=CommandRoute)


@router.put(
    "/v1/reservations/{reservation}",
    status_code=201,
    response_model=ReservationView,
    responses={200: {"model": ReservationView, "description": "It was made before, by the same request."}},
)
async def reserve(
    work: CurrentWork,
    reservation: UUID,
    body: ReservationBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.reserve")],
) -> ReservationView | Response:
    """Set an amount of a line aside under an id that the client made.

    The same request again gets the same answer (200); another under the same id is refused
    (`exists-with-different-<field>`). What was refused because of the state of the line stays refused under its id
    (`id-already-failed`), whatever becomes of the line.
    """
    request = ReservationRequest(
        id=reservation, line=body.line, amount=body.amount, purpose=body.purpose, expires_at=body.expires_at
    )
    (outcome,) = await reservations.reserve(work, [request], actor.person)
    if outcome.reservation is None:
        # Returned and not raised: that it was refused is kept.
        assert outcome.refusal is not None  # noqa: S101 - an outcome is one or the other
        return describe(outcome.refusal)
    response.status_code = 201 if outcome.created else 200
    response.headers["Location"] = f"v1/reservations/{reservation}"
    return reservation_view(outcome.reservation)


@router.get("/v1/reservations/{reservation}", dependencies=[public()])
async def show_reservation(connection: Reading, reservation: UUID) -> ReservationView:
    """Show a reservation, also one that was refused."""
    return reservation_view(await queries.reservation(connection, reservation))


@router.post("/v1/reservations/{reservation}/release")
async def release(
    work: CurrentWork, reservation: UUID, body: Release, _: Annotated[Actor, allow("budget.release-reservation")]
) -> ReservationView:
    """Give back what a reservation does not need."""
    return reservation_view(await reservations.release(work, reservation, body.reason))
