"""Prices explained, deficiencies put right, ties drawn."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import LongText, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun
from shared.platform.reading import Reading
from tender.api.draw_schemas import BeaconBody, RandomnessBody, RecordView, beacon_named
from tender.api.schemas import Code, PriceInquiryView, Request, TenderView, show_tender
from tender.usecases import examining, queries

router = APIRouter(tags=["awards"], route_class=CommandRoute)

Office = Annotated[Actor, allow("award.examine")]
Bidder = Annotated[Actor, allow("bid.answer")]


class ExplanationBody(Request):
    explanation: LongText


class ExplanationView(PriceInquiryView):
    """What a bidder was asked about its price, and what it answered."""

    explanation: str | None


class PriceDecisionBody(Request):
    accepted: bool
    reason: LongText


class DeficiencyBody(Request):
    what: LongText


class CorrectionBody(Request):
    """The digest of the document that puts the bid right."""

    digest: Sha256


class CorrectionDecisionBody(Request):
    corrected: bool
    reason: LongText


class TieDrawBody(Request):
    """The public beacon that will draw the tie."""

    beacon: BeaconBody


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/price-inquiry", status_code=201)
async def ask_about_price(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, response: Response, actor: Office
) -> TenderView:
    """Ask a bidder, on judgement, to explain its price; where a figure finds it too low it was asked already."""
    return show_tender(await examining.ask_about_price(work, actor, tender_id, bid_id), response)


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/price-explanation", status_code=201)
async def explain_price(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, body: ExplanationBody, response: Response, actor: Bidder
) -> TenderView:
    """Explain one's own price; what is said stays with those who decide."""
    return show_tender(await examining.explain_price(work, actor, tender_id, bid_id, body.explanation), response)


@router.get("/v1/tenders/{tender_id}/bids/{bid_id}/price-explanation")
async def read_explanation(
    connection: Reading,
    tender_id: UUID,
    bid_id: UUID,
    actor: Annotated[Actor, allow("award.read-explanation")],
) -> ExplanationView:
    """Read what a bidder said of its price: its own, or as those who decide on it."""
    return ExplanationView.model_validate(await examining.explanation(connection, actor, tender_id, bid_id))


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/price-decision")
async def decide_on_price(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, body: PriceDecisionBody, response: Response, actor: Office
) -> TenderView:
    """Decide, with a reason, whether a price that was asked about stands."""
    tender = await examining.decide_on_price(work, actor, tender_id, bid_id, accepted=body.accepted, reason=body.reason)
    return show_tender(tender, response)


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/deficiency", status_code=201)
async def notify_deficiency(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, body: DeficiencyBody, response: Response, actor: Office
) -> TenderView:
    """Tell a bidder, once, what its bid lacks; without a correction in time the bid does not count."""
    return show_tender(await examining.notify_deficiency(work, actor, tender_id, bid_id, body.what), response)


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/correction", status_code=201)
async def correct_deficiency(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, body: CorrectionBody, response: Response, actor: Bidder
) -> TenderView:
    """Hand in what one's own bid lacked."""
    return show_tender(await examining.correct_deficiency(work, actor, tender_id, bid_id, body.digest), response)


@router.post("/v1/tenders/{tender_id}/bids/{bid_id}/correction-decision")
async def decide_on_correction(
    work: CurrentWork, tender_id: UUID, bid_id: UUID, body: CorrectionDecisionBody, response: Response, actor: Office
) -> TenderView:
    """Decide, with a reason, whether what was handed in puts the bid right."""
    tender = await examining.decide_on_correction(
        work, actor, tender_id, bid_id, corrected=body.corrected, reason=body.reason
    )
    return show_tender(tender, response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/tie-draw", status_code=201)
async def announce_tie_draw(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    body: TieDrawBody,
    response: Response,
    dry_run: DryRun,
    actor: Office,
) -> TenderView:
    """Name the public beacon that will draw a tie, before anybody can know what it says; a dry run ranks none."""
    beacon = beacon_named(body.beacon)
    if dry_run:
        return show_tender(await examining.tie_draw_may_be_announced(work, actor, tender_id, lot_id), response)
    return show_tender(await examining.announce_tie_draw(work, actor, tender_id, lot_id, beacon), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/tie-draw/result")
async def draw_tie(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    body: RandomnessBody,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.draw-tie")],
) -> TenderView:
    """Draw the tie by what the beacon has said; the numbers of public records are entered by two persons."""
    act = examining.tie_may_be_drawn if dry_run else examining.draw_tie
    return show_tender(await act(work, actor, tender_id, lot_id, body.given), response)


@router.get("/v1/tenders/{tender_id}/lots/{lot_id}/tie-draw/record", dependencies=[public()])
async def show_tie_draw_record(connection: Reading, tender_id: UUID, lot_id: Code) -> RecordView:
    """Give the record with which anybody can draw the ties of a lot again, as `coxswain draw verify` does."""
    tender, draws = await queries.tie_draws(connection, tender_id, lot_id)
    awaited = next((draw.closing for draw in draws if draw.awaited), None)
    return RecordView.of(f"{tender.ocid}/{lot_id}", [draw.draw for draw in draws if draw.draw], awaited)
