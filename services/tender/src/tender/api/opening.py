"""From the deadline to the prices."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from shared.contracts.fields import Instant, LongText, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch
from shared.platform.reading import Reading
from tender.api.schemas import Code, Request, TenderView, View, show_tender
from tender.domain.qualification_parts import Acceptance, Disqualification, Qualification, UnconfirmedSize
from tender.usecases import opening

router = APIRouter(tags=["opening"], route_class=CommandRoute)


class DisqualificationBody(Request):
    """A bid that does not meet the conditions of participation, by a rule of the pack or by a requirement.

    `requirement` is the id of a requirement of the tender, or of a criterion that was not answered at all.
    """

    bid: UUID
    reason: LongText
    rule: ShortText | None = None
    requirement: Code | None = None


class AcceptanceBody(Request):
    """A bid that qualifies although its answers leave a requirement open."""

    bid: UUID
    reason: LongText


class UnconfirmedSizeBody(Request):
    """A bid whose declared size is not what the office finds: nothing is taken off its price."""

    bid: UUID
    reason: LongText


class QualificationBody(Request):
    """The bids that do not qualify, with what is waived and which sizes are not confirmed; all others qualify."""

    disqualified: Annotated[list[DisqualificationBody], Field(max_length=1000)]
    accepted: Annotated[list[AcceptanceBody], Field(default_factory=list, max_length=1000)]
    unconfirmed: Annotated[list[UnconfirmedSizeBody], Field(default_factory=list, max_length=1000)]


class DisqualificationView(View):
    bid: UUID
    reason: str
    rule: str | None
    requirement: str | None


class DecisionOnBidView(View):
    bid: UUID
    reason: str


class ProposedQualificationView(View):
    """A decision against the answers of a bidder, as it waits for a second person."""

    disqualified: list[DisqualificationView]
    accepted: list[DecisionOnBidView]
    unconfirmed: list[DecisionOnBidView]
    proposed_at: Instant


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
    """Decide which bids meet the conditions of participation; they alone are scored, and only their prices opened.

    A decision against the answers waits for a second person: who waives a requirement that is not met, or disqualifies
    a bid for anything but a requirement that its answers do not meet, does not decide that alone.
    """
    decision = Qualification(
        tuple(Disqualification(item.bid, item.reason, item.rule, item.requirement) for item in body.disqualified),
        tuple(Acceptance(item.bid, item.reason) for item in body.accepted),
        tuple(UnconfirmedSize(item.bid, item.reason) for item in body.unconfirmed),
    )
    return show_tender(await opening.qualify_bids(work, actor, tender_id, decision, version=version), response)


@router.get("/v1/tenders/{tender_id}/qualification/proposed")
async def show_proposed_qualification(
    connection: Reading, tender_id: UUID, actor: Annotated[Actor, allow("tender.read-qualification")]
) -> ProposedQualificationView:
    """Read the decision that waits for a second person, as the office that buys."""
    proposed = await opening.waiting_qualification(connection, actor, tender_id)
    decision = proposed.decision
    return ProposedQualificationView.model_validate(
        {
            "disqualified": decision.disqualified,
            "accepted": decision.accepted,
            "unconfirmed": decision.unconfirmed,
            "proposed_at": proposed.proposed_at,
        }
    )


@router.post("/v1/tenders/{tender_id}/qualification/confirmation")
async def confirm_qualification(
    work: CurrentWork,
    tender_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("tender.confirm-qualification")],
) -> TenderView:
    """Confirm, as a second person, a decision against the answers of a bidder; another proposal takes its place."""
    return show_tender(await opening.confirm_bids(work, actor, tender_id, version=version), response)


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
