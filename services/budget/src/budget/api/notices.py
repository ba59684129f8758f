"""Notices to providers: what of a period is paid, held and deducted, as data and as a page that prints."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from budget.api import pages
from budget.api.hold_schemas import HoldView, hold_view
from budget.api.payment_schemas import PaymentOrderView
from budget.domain.notice import Notice, explained, release_words
from budget.usecases import notices
from shared.contracts.fields import Amount, ShortText
from shared.platform.access import public
from shared.platform.commands import CommandRoute
from shared.platform.reading import Reading

router = APIRouter(tags=["payments"], route_class=CommandRoute)

Period = Annotated[ShortText, Query(description="The period of the contract.")]


class LineView(BaseModel):
    """One step of the calculation, in words and as data."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    step: dict[str, str]


class NoticeView(BaseModel):
    """What became of a graded period: `paid`, `payable`, `held` and `deducted` add up to `due`.

    `recovered` is the part of `paid` that had been paid in advance.

    `lines` say how the acceptance was worked out; an order of another kind than `period` has its own derivation.
    """

    ocid: str
    contract: UUID
    period: str
    payee: str
    grade: str
    due: Amount
    paid: Amount
    payable: Amount
    held: Amount
    deducted: Amount
    recovered: Amount
    lines: list[LineView]
    holds: list[HoldView]
    orders: list[PaymentOrderView]


@router.get("/v1/notices/{order}", dependencies=[public()])
async def show_notice(connection: Reading, order: UUID) -> NoticeView:
    """Explain to the provider every unit of the period that a payment order is of."""
    return _shown(await notices.of_order(connection, order))


@router.get("/v1/notices/{order}/page", dependencies=[public()], response_class=HTMLResponse)
async def print_notice(connection: Reading, order: UUID) -> HTMLResponse:
    """Print the notice of a payment order."""
    return _page(await notices.of_order(connection, order))


@router.get("/v1/contracts/{contract}/notice", dependencies=[public()])
async def show_period_notice(connection: Reading, contract: UUID, period: Period) -> NoticeView:
    """Explain to the provider every unit of a period, also of one of which nothing is paid."""
    return _shown(await notices.of_period(connection, contract, period))


@router.get("/v1/contracts/{contract}/notice/page", dependencies=[public()], response_class=HTMLResponse)
async def print_period_notice(connection: Reading, contract: UUID, period: Period) -> HTMLResponse:
    """Print the notice of a period."""
    return _page(await notices.of_period(connection, contract, period))


def _shown(notice: Notice) -> NoticeView:
    return NoticeView(
        ocid=notice.ocid,
        contract=notice.contract,
        period=notice.period,
        payee=notice.payee,
        grade=notice.grade,
        due=notice.due,
        paid=notice.paid,
        payable=notice.payable,
        held=notice.held,
        deducted=notice.deducted,
        recovered=notice.recovered,
        lines=[LineView.model_validate(line) for line in notice.lines],
        holds=[hold_view(hold, None) for hold in notice.holds],
        orders=[PaymentOrderView.model_validate(order) for order in notice.orders],
    )


def _page(notice: Notice) -> HTMLResponse:
    # The steps of the period's own order stand above.
    steps = [explained(one.derivation) for one in notice.orders]
    orders = [(one, () if lines == notice.lines else lines) for one, lines in zip(notice.orders, steps, strict=True)]
    title = f"Notice on period {notice.period}"
    return pages.page("notice.html", title=title, notice=notice, orders=orders, release_words=release_words)
