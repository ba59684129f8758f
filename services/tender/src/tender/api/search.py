"""The list of tenders, and what it can be narrowed down by."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from shared.contracts.fields import DecimalText, Moment, OrganisationId
from shared.kernel.errors import Invalid
from shared.kernel.money import money
from shared.platform.access import public
from shared.platform.paging import AfterId, Limit, Page, page
from shared.platform.reading import Reading
from tender.api.schemas import Code, ListedTenderView
from tender.domain.parts import Status
from tender.domain.search import Search
from tender.usecases import queries

router = APIRouter(tags=["procedures"])


Currency = Annotated[str, Query(pattern="^[A-Z]{3}$", description="The currency of the tender's value (ISO 4217).")]


@dataclass(frozen=True, slots=True)
class Values:
    """A range of values; an amount says nothing without its currency."""

    currency: str | None
    least: int | None
    most: int | None


async def values(
    currency: Currency | None = None,
    value_from: Annotated[
        DecimalText | None, Query(description="The least value, in `currency`, which is then given too.")
    ] = None,
    value_to: Annotated[
        DecimalText | None, Query(description="The greatest value, in `currency`, which is then given too.")
    ] = None,
) -> Values:
    """Read a range of values.

    Raises:
        Invalid: currency-missing; what is no amount of the currency.
    """
    if currency is None and (value_from is not None or value_to is not None):
        raise Invalid("currency-missing", "A value is compared in a currency.", pointer="/query/currency")
    return Values(currency, _minor(value_from, currency), _minor(value_to, currency))


@router.get("/v1/tenders", dependencies=[public()])
async def list_tenders(
    connection: Reading,
    after: AfterId,
    within: Annotated[Values, Depends(values)],
    limit: Limit = 50,
    status: Status | None = None,
    buyer: Annotated[OrganisationId | None, Query(description="The buyer's id.")] = None,
    service: Annotated[Code | None, Query(description="The code of the catalogue's service.")] = None,
    method: Annotated[Code | None, Query(description="The procurement method.")] = None,
    pack: Annotated[Code | None, Query(description="The id of the rule pack that is pinned.")] = None,
    closes_from: Annotated[Moment | None, Query(description="Bids are taken until this instant or later.")] = None,
    closes_before: Annotated[Moment | None, Query(description="Bids are taken until before this instant.")] = None,
) -> Page[ListedTenderView]:
    """List tenders, the newest first; drafts are not public.

    What is asked for holds all at once. The order is that in which the tenders were drafted and never changes, so that
    paging on gives each tender once, as it is when its page is read. A page has 200 tenders at the most; how many there
    are in all is not told. Rankings are shown with the tender, and not here.
    """
    search = Search(
        status=status,
        buyer=buyer,
        service=service,
        method=method,
        pack=pack,
        currency=within.currency,
        value_from=within.least,
        value_to=within.most,
        closes_from=closes_from,
        closes_before=closes_before,
    )
    found = await queries.tenders(connection, search, after, limit + 1)
    return page(map(ListedTenderView.model_validate, found), limit)


def _minor(value: Decimal | None, currency: str | None) -> int | None:
    return None if value is None or currency is None else money(value, currency).minor
