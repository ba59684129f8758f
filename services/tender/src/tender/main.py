"""The tender service, put together."""

from dataclasses import replace
from importlib.resources import files

import yaml
from fastapi import FastAPI

from shared.platform import rule_routes
from shared.platform.objects import Objects
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from tender.api import awarding, bidding, documents, own_bids, planning, reference
from tender.api.receipts import ReceiptSigner
from tender.domain.catalogue import read_catalogue
from tender.domain.policy import POLICY
from tender.messaging.handlers import HANDLERS
from tender.messaging.publish import published
from tender.settings import Settings

DEFINITION = Definition(
    name="tender",
    title="Coxswain tender",
    summary="From the plan to the contract: tenders, sealed bids, opening, scores, award.",
    routers=(
        planning.router,
        bidding.router,
        own_bids.router,
        documents.router,
        awarding.router,
        reference.router,
        rule_routes.router,
    ),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    # That somebody puts a document here may tell that it is about to bid.
    sealed=("/bids", "/documents"),
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    # Two envelopes of the largest size, in base64; and documents.
    larger = {"/bids": 1_500_000, "/documents": settings.largest_document}
    app = create_service(replace(DEFINITION, larger_bodies=larger), settings, surroundings)
    app.state.objects = Objects(settings.objects)
    app.state.receipts = ReceiptSigner(settings.receipt_key.get_secret_value())
    app.state.ocid_prefix = settings.ocid_prefix
    app.state.catalogue = read_catalogue(
        yaml.safe_load(files("tender.domain").joinpath("catalogue.yaml").read_text("utf-8"))
    )
    return app


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory tender.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
