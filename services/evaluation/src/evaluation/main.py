"""The evaluation, put together."""

from fastapi import FastAPI

from evaluation.api.routes import LARGER_BODIES, ROUTERS
from evaluation.domain.policy import POLICY
from evaluation.messaging.handlers import HANDLERS
from evaluation.messaging.projections import PROJECTIONS
from evaluation.messaging.publish import published
from evaluation.settings import Settings
from shared.platform.service import Definition, Surroundings, create_service, standing_alone

DEFINITION = Definition(
    name="evaluation",
    title="Coxswain evaluation",
    summary="Who steers: independent supervisors, drawn by lot, and what they find.",
    routers=ROUTERS,
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    projections=PROJECTIONS,
    larger_bodies=LARGER_BODIES,
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    return create_service(DEFINITION, settings, surroundings)


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory evaluation.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
