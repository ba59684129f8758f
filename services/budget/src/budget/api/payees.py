"""Where organisations are paid: entered by one person, confirmed by another, shown to nobody else."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from budget.api.payee_schemas import AccountBody, PayeeView, RejectionBody, payee_view
from budget.domain.payee_account import PayeeAccount
from budget.usecases import payees
from budget.usecases import payment_queries as queries
from shared.contracts.fields import OrganisationId
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork, RequiredIfMatch, etag
from shared.platform.paging import Cursor, Limit, Page, page, read_name
from shared.platform.reading import Reading

router = APIRouter(tags=["payees"], route_class=CommandRoute)

Organisation = Annotated[OrganisationId, Path(description="The organisation, by the id its tokens carry.")]


@router.get("/v1/payees")
async def list_payees(
    connection: Reading, _: Annotated[Actor, allow("budget.read-account")], cursor: Cursor = None, limit: Limit = 50
) -> Page[PayeeView]:
    """List the organisations that an account is known or proposed of."""
    found = await queries.payees(connection, read_name(cursor), limit + 1)
    return page(map(payee_view, found), limit, by="organisation")


@router.get("/v1/payees/{organisation}/account")
async def show_payee_account(
    connection: Reading,
    organisation: Organisation,
    response: Response,
    _: Annotated[Actor, allow("budget.read-account")],
) -> PayeeView:
    """Show where an organisation is paid."""
    return _shown(await queries.payee(connection, organisation), response)


@router.put("/v1/payees/{organisation}/account")
async def propose_payee_account(
    work: CurrentWork,
    organisation: Organisation,
    body: AccountBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.propose-account")],
) -> PayeeView:
    """Enter an organisation's account, its first or a changed one; nothing is paid to it before it is confirmed."""
    return _shown(await payees.propose(work, organisation, body.account(), actor.person), response)


@router.post("/v1/payees/{organisation}/account/confirmation")
async def confirm_payee_account(
    work: CurrentWork,
    organisation: Organisation,
    read: RequiredIfMatch,
    response: Response,
    actor: Annotated[Actor, allow("budget.confirm-account")],
) -> PayeeView:
    """Confirm, as another person than entered it, that the account is the organisation's."""
    return _shown(await payees.confirm(work, organisation, read, actor.person), response)


@router.post("/v1/payees/{organisation}/account/rejection")
async def reject_payee_account(
    work: CurrentWork,
    organisation: Organisation,
    read: RequiredIfMatch,
    body: RejectionBody,
    response: Response,
    actor: Annotated[Actor, allow("budget.confirm-account")],
) -> PayeeView:
    """Reject, as another person than entered it, an account that is not the organisation's."""
    return _shown(await payees.reject(work, organisation, read, body.reason, actor.person), response)


def _shown(payee: PayeeAccount, response: Response) -> PayeeView:
    response.headers["ETag"] = etag(payee.version)
    response.headers["Cache-Control"] = "private, no-store"
    return payee_view(payee)
