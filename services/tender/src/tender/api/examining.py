"""Prices explained, deficiencies put right, ties drawn."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from shared.contracts.fields import LongText, Moment, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.reading import Reading
from tender.api.schemas import Code, PriceInquiryView, Request, TenderView, show_tender
from tender.usecases import examining

router = APIRouter(tags=["awards"], route_class=CommandRoute)

Office = Annotated[Actor, allow("award.examine")]
Bidder = Annotated[Actor, allow("bid.answer")]
Hexadecimal = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){16,96}$")]


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
    """The public beacon that will draw the tie, such as a round of a randomness beacon, and when it is published."""

    source: LongText
    not_before: Moment


class BeaconBody(Request):
    randomness: Hexadecimal


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
    work: CurrentWork, tender_id: UUID, lot_id: Code, body: TieDrawBody, response: Response, actor: Office
) -> TenderView:
    """Name the public beacon that will draw the tie at the top of a lot, before anybody can know what it says."""
    tender = await examining.announce_tie_draw(
        work, actor, tender_id, lot_id, source=body.source, not_before=body.not_before
    )
    return show_tender(tender, response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/tie-draw/result")
async def draw_tie(
    work: CurrentWork, tender_id: UUID, lot_id: Code, body: BeaconBody, response: Response, actor: Office
) -> TenderView:
    """Draw the tie by what the beacon has said; anybody can work the order out again."""
    return show_tender(await examining.draw_tie(work, actor, tender_id, lot_id, body.randomness), response)
