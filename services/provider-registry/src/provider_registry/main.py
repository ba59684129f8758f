"""The registry, put together."""

from dataclasses import replace

from fastapi import FastAPI

from provider_registry.api import (
    cases,
    details,
    duplicates,
    eligibility,
    evidence,
    next_steps,
    professionals,
    programme_routes,
    record_routes,
    reserved,
    routes,
    screening,
    year_routes,
)
from provider_registry.db.documents import documents
from provider_registry.db.screening import lists, screened_providers
from provider_registry.db.tables import cases as kept_cases
from provider_registry.db.tables import eligibilities
from provider_registry.domain.lifecycles import LIFECYCLES
from provider_registry.domain.policy import POLICY
from provider_registry.messaging.handlers import HANDLERS
from provider_registry.messaging.publish import published
from provider_registry.settings import Settings
from provider_registry.usecases import cases as case_time
from provider_registry.usecases import eligibility as eligibility_time
from provider_registry.usecases.documents import let_time_act as expire_document
from provider_registry.usecases.screening import ListClock, ProviderClock
from shared.platform.lifecycle_routes import lifecycle_router
from shared.platform.objects import Objects
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from shared.platform.timekeeper import Timed
from shared.rules.pack import load_pack

DEFINITION = Definition(
    name="provider-registry",
    title="Coxswain provider registry",
    summary="Who may row: organisations, verification by two officers, and what they have done.",
    routers=(
        # Asked the most, and found first.
        eligibility.router,
        routes.router,
        details.router,
        duplicates.router,
        record_routes.router,
        year_routes.router,
        programme_routes.router,
        next_steps.router,
        cases.router,
        reserved.router,
        screening.router,
        evidence.router,
        professionals.router,
        professionals.questions,
        lifecycle_router(LIFECYCLES),
    ),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    timed=(
        Timed(kept_cases, case_time.let_time_act),
        Timed(documents, expire_document),
        Timed(eligibilities, eligibility_time.let_time_act),
    ),
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    larger = {evidence.LARGER_BODIES: settings.largest_document, **screening.LARGER_BODIES}
    definition = replace(DEFINITION, larger_bodies=larger, timed=(*DEFINITION.timed, *_screening(settings.pack)))
    app = create_service(definition, settings, surroundings)
    app.state.objects = Objects(settings.objects)
    app.state.pack = load_pack(settings.pack).id
    return app


def _screening(pack: str) -> tuple[Timed, ...]:
    return Timed(lists, ListClock(pack)), Timed(screened_providers, ProviderClock(pack))


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory provider_registry.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
