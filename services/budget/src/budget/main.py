"""The budget, put together."""

from fastapi import FastAPI

from budget.api import (
    advances,
    appropriations,
    bank,
    ceilings,
    fiscal_years,
    holds,
    late_payments,
    notices,
    payees,
    payment_status,
    payments,
    reports,
    reservations,
    revisions,
    routes,
)
from budget.db.tables import holds as kept_holds
from budget.db.tables import lines
from budget.db.tables import reservations as kept_reservations
from budget.domain.lifecycles import LIFECYCLES
from budget.domain.policy import POLICY
from budget.messaging.handlers import HANDLERS
from budget.messaging.publish import published
from budget.settings import Settings
from budget.usecases.appropriations import open_quarters
from budget.usecases.holds import let_time_act as release_hold
from budget.usecases.reservations import let_time_act as expire_reservation
from shared.platform.lifecycle_routes import lifecycle_router
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from shared.platform.timekeeper import Timed

DEFINITION = Definition(
    name="budget",
    title="Coxswain budget",
    summary="What the money is doing: appropriated, reserved, committed, accrued, paid or held, to the cent.",
    routers=(
        reservations.router,  # asked for most often, and routes are tried in this order
        routes.router,
        payments.router,
        advances.router,
        late_payments.router,
        payees.router,
        bank.router,
        payment_status.router,
        holds.router,
        notices.router,
        appropriations.router,
        ceilings.router,
        fiscal_years.router,
        revisions.router,
        reports.router,
        lifecycle_router(LIFECYCLES),
    ),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    larger_bodies={**bank.LARGER_BODIES, **payment_status.LARGER_BODIES},
    timed=(Timed(lines, open_quarters), Timed(kept_reservations, expire_reservation), Timed(kept_holds, release_hold)),
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    return create_service(DEFINITION, settings, surroundings)


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory budget.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
