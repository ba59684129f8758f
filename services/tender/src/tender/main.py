"""The tender service, put together."""

from dataclasses import replace
from importlib.resources import files

from fastapi import FastAPI

from shared.kernel.ids import new_secret
from shared.platform import rule_routes
from shared.platform.lifecycle_routes import lifecycle_router
from shared.platform.objects import Objects
from shared.platform.service import Definition, Surroundings, create_service, standing_alone
from shared.platform.timekeeper import Timed
from shared.rules import strict_yaml
from shared.rules.pack import load_pack
from tender.api import (
    amendments,
    awarding,
    bidding,
    cancellation,
    challenges,
    contract,
    contract_assignment,
    documents,
    examining,
    exceptions,
    experts,
    frameworks,
    invitations,
    negotiation,
    notices,
    opening,
    own_bids,
    panel,
    panel_scores,
    planning,
    plans,
    preconditions,
    publicities,
    questions,
    reference,
    search,
)
from tender.api.receipts import ReceiptSigner
from tender.api.schemas import LARGEST_SCORES
from tender.db.challenges import challenges as kept_challenges
from tender.db.frameworks import frameworks as kept_frameworks
from tender.db.tables import contracts, tenders
from tender.domain.catalogue import read_catalogues
from tender.domain.policy import POLICY
from tender.domain.state_machines import LIFECYCLES
from tender.messaging.handlers import HANDLERS
from tender.messaging.publish import published
from tender.settings import Settings
from tender.usecases import challenges as challenge_time
from tender.usecases import contract as contract_time
from tender.usecases import examining as examining_time
from tender.usecases import frameworks as framework_time

DEFINITION = Definition(
    name="tender",
    title="Coxswain tender",
    summary="From the plan to the contract: tenders, sealed bids, opening, scores, award.",
    routers=(
        plans.router,
        search.router,
        planning.router,
        preconditions.router,
        exceptions.router,
        invitations.router,
        publicities.router,
        bidding.router,
        own_bids.router,
        documents.router,
        opening.router,
        negotiation.router,
        examining.router,
        awarding.router,
        contract.router,
        contract_assignment.router,
        challenges.router,
        frameworks.router,
        questions.router,
        amendments.router,
        cancellation.router,
        notices.router,
        experts.router,
        panel.router,
        panel_scores.router,
        reference.router,
        lifecycle_router(LIFECYCLES),
        rule_routes.router,
    ),
    policy=POLICY,
    publish=published,
    handlers=HANDLERS,
    timed=(
        Timed(tenders, examining_time.let_time_act),
        Timed(contracts, contract_time.let_time_act),
        Timed(kept_challenges, challenge_time.let_time_act),
        Timed(kept_frameworks, framework_time.let_time_act),
    ),
    # That somebody puts a document here may tell that it is about to bid.
    sealed=("/bids", "/documents", "/quotes", "/interest", "/my/"),
)


def create(settings: Settings, surroundings: Surroundings) -> FastAPI:
    """Make the service."""
    # Two envelopes of the largest size, in base64; documents; and the scores of the largest tender.
    larger = {
        "/bids": 1_500_000,
        "/documents": settings.largest_document,
        "/scores": LARGEST_SCORES,
        "/panel/consensus": LARGEST_SCORES,
    }
    app = create_service(replace(DEFINITION, larger_bodies=larger), settings, surroundings)
    app.state.objects = Objects(settings.objects)
    app.state.receipts = ReceiptSigner(settings.receipt_key.get_secret_value())
    app.state.make_secret = new_secret
    app.state.ocid_prefix = settings.ocid_prefix
    app.state.pack = load_pack(settings.pack).id
    app.state.catalogues = read_catalogues(strict_yaml.read(_catalogue(settings)))
    return app


def _catalogue(settings: Settings) -> str:
    own = settings.catalogue
    return (own or files("tender.domain").joinpath("catalogue.yaml")).read_text("utf-8")


def from_environment() -> FastAPI:
    """Make the service by itself: `uvicorn --factory tender.main:from_environment`."""
    settings = Settings()
    return create(settings, standing_alone(DEFINITION.name, settings))
