"""The registry, put together."""

from fastapi import FastAPI

from provider_registry.api import record_routes, routes
from provider_registry.domain.policy import POLICY
from provider_registry.messaging.handlers import HANDLERS
from provider_registry.messaging.publish import published
from provider_registry.settings import Settings
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from shared.rules.pack import load_pack

DEFINITION = Definition(
    name="provider-registry",
    title="Coxswain provider registry",
    summary="Who may row: organisations, verification by two officers, and what they have done.",
    routers=(routes.router, record_routes.router),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    app = create_service(DEFINITION, settings, surroundings)
    app.state.pack = load_pack(settings.pack).id
    return app


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory provider_registry.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
