"""Framework agreements and what is called off under them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import (
    Amount,
    Instant,
    LongText,
    Moment,
    OrganisationId,
    PositiveAmount,
    Salt,
    Sha256,
    ShortText,
)
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun, IfMatch, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading
from tender.api.content_schemas import DeliveryBody
from tender.api.contract_schemas import ContractView
from tender.api.deps import FreshSalts
from tender.api.envelopes import envelope
from tender.api.schemas import (
    Base64,
    Code,
    DeliveryView,
    PartyView,
    Request,
    Scheme,
    ServiceView,
    TenderView,
    View,
    show_tender,
)
from tender.domain.framework import Framework
from tender.domain.framework_parts import FrameworkStatus, Order
from tender.domain.parts import Delivery
from tender.usecases import frameworks

router = APIRouter(tags=["framework agreements"], route_class=CommandRoute)

Office = Annotated[Actor, allow("framework.call-off")]
Head = Annotated[Actor, allow("framework.admit")]


class OrderBody(Request):
    """The service of one contract under the agreement; the reason says who chose, and why."""

    title: ShortText
    value: PositiveAmount
    delivery: DeliveryBody
    reason: LongText


class CallOffBody(OrderBody):
    supplier: OrganisationId


class CompetitionBody(OrderBody):
    """An order that the suppliers compete for; its value is the most it may cost."""

    closes_at: Moment


class QuoteBody(Request):
    """A sealed quote: JSON with the price, as in a bid."""

    scheme: Scheme
    envelope: Base64


class JoiningBody(Request):
    admitted: bool
    reason: LongText


class LeavingBody(Request):
    reason: LongText


class QuoteView(View):
    """What a supplier holds in hand: `digest` is the SHA-256 of the salt and the envelope; nobody else has the salt."""

    digest: Sha256
    salt: Salt


class MemberView(View):
    supplier: PartyView
    rank: int
    called_off: Amount
    calls: int
    left_because: str | None


class OrderView(View):
    title: str
    value: Amount
    delivery: DeliveryView
    reason: str


class CompetitionView(View):
    id: UUID
    order: OrderView
    closes_at: Instant
    decided: bool
    lapsed: bool


class AskedView(View):
    supplier: PartyView
    asked_at: Instant
    due_at: Instant


class FrameworkView(View):
    id: UUID
    ocid: str
    tender: UUID
    lot: str
    title: str
    buyer: PartyView
    service: ServiceView
    open: bool
    ceiling: Amount
    called_off: Amount
    members: list[MemberView]
    start: date
    end: date
    ends_at: Instant
    starts_at: Instant | None
    stage_two: str
    status: FrameworkStatus
    competitions: list[CompetitionView]
    joining: list[AskedView]


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/framework")
async def propose_framework(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Annotated[Actor, allow("award.propose")],
) -> TenderView:
    """Rank the bids of a lot and name who is to be admitted to its framework agreement; a dry run ranks none."""
    # Nobody sees the scores before the proposal, and a dry run is none.
    act = frameworks.may_be_proposed if dry_run else frameworks.propose
    return show_tender(await act(work, actor, tender_id, lot_id, version=version), response)


@router.post("/v1/tenders/{tender_id}/lots/{lot_id}/framework/confirmation", status_code=201)
async def conclude_framework(
    work: CurrentWork,
    tender_id: UUID,
    lot_id: Code,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("award.confirm")],
) -> FrameworkView:
    """Conclude the framework agreement as a second person, after the standstill."""
    framework = await frameworks.confirm(work, actor, tender_id, lot_id, version=version)
    response.headers["Location"] = f"v1/frameworks/{framework.id}"
    return _shown(framework, response)


@router.post("/v1/frameworks/{framework_id}/call-offs", status_code=201)
async def call_off(
    work: CurrentWork, framework_id: UUID, body: CallOffBody, version: IfMatch, response: Response, actor: Office
) -> ContractView:
    """Order from a supplier of the agreement, within its ceiling; the contract is generated."""
    contract = await frameworks.call_off(work, actor, framework_id, _order(body), body.supplier, version=version)
    response.headers["Location"] = f"v1/contracts/{contract.id}"
    response.headers["ETag"] = etag(contract.version)
    return ContractView.model_validate(contract)


@router.post("/v1/frameworks/{framework_id}/competitions", status_code=201)
async def open_competition(
    work: CurrentWork, framework_id: UUID, body: CompetitionBody, version: IfMatch, response: Response, actor: Office
) -> FrameworkView:
    """Let the suppliers of the agreement compete for an order with sealed quotes."""
    return _shown(
        await frameworks.compete(work, actor, framework_id, _order(body), body.closes_at, version=version), response
    )


@router.post("/v1/frameworks/{framework_id}/competitions/{competition_id}/quotes", status_code=201)
async def submit_quote(
    work: CurrentWork,
    framework_id: UUID,
    competition_id: UUID,
    body: QuoteBody,
    salts: FreshSalts,
    actor: Annotated[Actor, allow("framework.quote")],
) -> QuoteView:
    """Quote for an order, sealed and strictly before the deadline; the last quote counts."""
    sealed = envelope(body.envelope, "/body/envelope")
    kept = await frameworks.quote(
        work, actor, framework_id, competition_id, scheme_name=body.scheme, envelope=sealed, salt=salts.financial
    )
    return QuoteView.model_validate(kept)


@router.post("/v1/frameworks/{framework_id}/competitions/{competition_id}/opening")
async def open_quotes(
    work: CurrentWork,
    framework_id: UUID,
    competition_id: UUID,
    version: IfMatch,
    response: Response,
    dry_run: DryRun,
    actor: Office,
) -> FrameworkView:
    """Open the quotes from the deadline on; the lowest gets the order. A dry run opens none."""
    act = frameworks.may_be_decided if dry_run else frameworks.decide
    return _shown(await act(work, actor, framework_id, competition_id, version=version), response)


@router.post("/v1/frameworks/{framework_id}/members", status_code=202)
async def ask_to_join(
    work: CurrentWork,
    framework_id: UUID,
    version: IfMatch,
    response: Response,
    actor: Annotated[Actor, allow("framework.join")],
) -> FrameworkView:
    """Ask to be taken into an open framework agreement."""
    return _shown(await frameworks.ask_to_join(work, actor, framework_id, version=version), response)


@router.post("/v1/frameworks/{framework_id}/members/{supplier}/admission")
async def decide_joining(
    work: CurrentWork,
    framework_id: UUID,
    supplier: OrganisationId,
    body: JoiningBody,
    version: IfMatch,
    response: Response,
    actor: Head,
) -> FrameworkView:
    """Decide whether a supplier that asked to join is taken in."""
    framework = await frameworks.decide_joining(
        work, actor, framework_id, supplier, body.reason, admitted=body.admitted, version=version
    )
    return _shown(framework, response)


@router.post("/v1/frameworks/{framework_id}/members/{supplier}/leaving")
async def let_leave(
    work: CurrentWork,
    framework_id: UUID,
    supplier: OrganisationId,
    body: LeavingBody,
    version: IfMatch,
    response: Response,
    actor: Head,
) -> FrameworkView:
    """Call on a supplier no more."""
    return _shown(
        await frameworks.let_leave(work, actor, framework_id, supplier, body.reason, version=version), response
    )


@router.get("/v1/frameworks", dependencies=[public()])
async def list_frameworks(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[FrameworkView]:
    """List framework agreements, the newest first."""
    found = await frameworks.listed(connection, read_identifier(cursor), limit + 1)
    return page(map(FrameworkView.model_validate, found), limit)


@router.get("/v1/frameworks/{framework_id}", dependencies=[public()])
async def show_framework(connection: Reading, framework_id: UUID, response: Response) -> FrameworkView:
    """Show a framework agreement."""
    return _shown(await frameworks.one(connection, framework_id), response)


def _shown(framework: Framework, response: Response) -> FrameworkView:
    response.headers["ETag"] = etag(framework.version)
    return FrameworkView.model_validate(framework)


def _order(body: OrderBody) -> Order:
    delivery = Delivery(body.delivery.start, body.delivery.end, body.delivery.periods)
    return Order(body.title, body.value, delivery, body.reason)
