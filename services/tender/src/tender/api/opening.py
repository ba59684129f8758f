"""From the deadline to the prices."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from shared.contracts.fields import LongText, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, IfMatch
from tender.api.deps import DryRun
from tender.api.schemas import Request, TenderView, show_tender
from tender.domain.qualification import Acceptance, Disqualification, Qualification
from tender.usecases import opening

router = APIRouter(tags=["opening"], route_class=CommandRoute)


class DisqualificationBody(Request):
    """A bid that does not meet the conditions of participation; `rule` is the rule of the pack that says so."""

    bid: UUID
    reason: LongText
    rule: ShortText | None = None


class AcceptanceBody(Request):
    """A bid that qualifies although its answers leave a requirement open."""

    bid: UUID
    reason: LongText


class QualificationBody(Request):
    """The bids that do not qualify; all others do. Nothing is taken off the price of a bidder of unconfirmed size."""

    disqualified: Annotated[list[DisqualificationBody], Field(max_length=1000)]
    accepted: Annotated[list[AcceptanceBody], Field(default_factory=list, max_length=1000)]
    unconfirmed: Annotated[list[UUID], Field(default_factory=list, max_length=1000)]


@router.post("/v1/tenders/{tender_id}/opening")
async def open_tender(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("tender.open")],
) -> TenderView:
    """Make public who bid, from the deadline on; the prices stay sealed. A dry run opens and counts none."""
    # A dry run leaves no trace, and nobody looks at a sealed bid without one.
    act = opening.may_be_opened if dry_run else opening.open_tender
    return show_tender(await act(work, actor, tender_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/qualification")
async def qualify_bids(
    work: CurrentWork,
    tender_id: UUID,
    body: QualificationBody,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.qualify")],
) -> TenderView:
    """Decide which bids meet the conditions of participation; they alone are scored, and only their prices opened."""
    decision = Qualification(
        [Disqualification(item.bid, item.reason, item.rule) for item in body.disqualified],
        [Acceptance(item.bid, item.reason) for item in body.accepted],
        body.unconfirmed,
    )
    return show_tender(await opening.qualify_bids(work, actor, tender_id, decision, version=version), response)


@router.post("/v1/tenders/{tender_id}/price-opening")
async def open_prices(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("tender.open")],
) -> TenderView:
    """Open the prices, once the quality is settled; what is abnormally low is asked about. A dry run opens none."""
    act = opening.prices_may_be_opened if dry_run else opening.open_tender_prices
    return show_tender(await act(work, actor, tender_id, version=version), response)
