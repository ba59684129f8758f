"""The reservations of finance systems, each under an id of theirs: asked again, it is answered as the first time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from budget.api.reservation_schemas import (
    IdentifiedReservation,
    OutcomeView,
    Release,
    ReservationBody,
    ReservationView,
    outcome_view,
    reservation_view,
)
from budget.usecases import queries, reservations
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, SharedWork
from shared.platform.problems import describe
from shared.platform.reading import Reading
from shared.platform.work import present_trace

router = APIRouter(tags=["reservations"], route_class=CommandRoute)


@router.put(
    "/v1/reservations/{reservation}",
    status_code=201,
    response_model=ReservationView,
    responses={200: {"model": ReservationView, "description": "It was made before, by the same request."}},
)
async def reserve(
    sharing: SharedWork,
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
    asked = reservations.Asking(body.request_under(reservation), actor.person, present_trace())
    outcome = await sharing.ask(reservations.reserve, body.line, asked)
    if outcome.reservation is None:
        # Returned and not raised: that it was refused is kept.
        assert outcome.refusal is not None  # noqa: S101 - an outcome is one or the other
        return describe(outcome.refusal)
    response.status_code = 201 if outcome.created else 200
    response.headers["Location"] = f"v1/reservations/{reservation}"
    return reservation_view(outcome.reservation)


@router.post("/v1/reservations")
async def reserve_several(
    work: CurrentWork,
    body: Annotated[list[IdentifiedReservation], Field(min_length=1, max_length=1_000)],
    actor: Annotated[Actor, allow("budget.reserve")],
) -> list[OutcomeView]:
    """Set several amounts aside, each under its id and each answered by itself, in the order in which they were asked.

    What does not fit is refused, and the others are made all the same. The answers are those of the single request, so
    the two may be mixed and repeated as one likes.
    """
    trace = present_trace()
    asked = [reservations.Asking(one.request(), actor.person, trace) for one in body]
    outcomes = await reservations.reserve(work, asked)
    return [outcome_view(one.id, outcome) for one, outcome in zip(body, outcomes, strict=True)]


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
