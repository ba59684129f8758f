"""The portal, put together."""

from fastapi import FastAPI

from portal.api import error_pages, language, pages, routes, rules
from portal.api.links import Links
from portal.db.tables import procedures, providers, timeline
from portal.domain.policy import POLICY
from portal.messaging.handlers import TYPES, on_events
from portal.messaging.publish import published
from portal.settings import Settings
from shared.platform import rule_routes
from shared.platform.consumer import Projection
from shared.platform.service import Definition, Surroundings, create_service, standing_alone

DEFINITION = Definition(
    name="portal",
    title="Coxswain portal",
    summary="What is bought, from whom, for how much and how good it is, shown from published events alone.",
    routers=(routes.router, rule_routes.router, language.router, rules.router, pages.router),
    policy=POLICY,
    publish=published,
    projections={"procedures": Projection((procedures, providers, timeline), TYPES, on_events)},
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    app = create_service(DEFINITION, settings, surroundings)
    app.state.links = Links(settings.service_urls, settings.attributions)
    error_pages.install(app)
    return app


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory portal.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
