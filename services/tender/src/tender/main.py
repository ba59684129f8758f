"""The tender service, put together."""

from importlib.resources import files

import yaml
from fastapi import FastAPI

from shared.platform import rule_routes
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from shared.platform.timekeeper import Timed
from tender.api import awarding, bidding, contract, planning, reference
from tender.api.receipts import ReceiptSigner
from tender.db.tables import contracts
from tender.domain.catalogue import read_catalogue
from tender.domain.policy import POLICY
from tender.messaging.handlers import HANDLERS
from tender.messaging.publish import published
from tender.settings import Settings
from tender.usecases.contract import let_time_act

DEFINITION = Definition(
    name="tender",
    title="Coxswain tender",
    summary="From the plan to the contract: tenders, sealed bids, opening, scores, award.",
    routers=(planning.router, bidding.router, awarding.router, contract.router, reference.router, rule_routes.router),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    sealed=("/bids",),
    timed=(Timed(contracts, let_time_act),),
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    app = create_service(DEFINITION, settings, surroundings)
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
