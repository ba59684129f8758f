"""The bank's reports of payments that it was told to make, before it books them."""

import asyncio
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from budget.api.iso20022.status_report import read_status_report
from budget.domain.payment_status import StatusOutcome
from budget.usecases import payment_status
from shared.kernel.access import Actor
from shared.platform.access import allow
from shared.platform.commands import CommandRoute, CurrentWork

LARGER_BODIES = {"/v1/payment-status-reports": 8 * 2**20}

router = APIRouter(tags=["bank"], route_class=CommandRoute)


class StatusReportView(BaseModel):
    """A report of the bank, under its own id as `report`, and how often each outcome was found in it.

    `rejected` payments are undone and owed again; `repeated` were undone before; `differs` and `unknown` are among the
    differences of the reconciliation; the others change nothing.
    """

    id: UUID
    report: str
    created_on: date
    outcomes: dict[StatusOutcome, int]


@router.post("/v1/payment-status-reports", responses={201: {"model": StatusReportView}})
async def take_payment_status_report(
    work: CurrentWork,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    response: Response,
    actor: Annotated[Actor, allow("budget.take-status-report")],
) -> StatusReportView:
    """Take in what the bank says of a file of payments (ISO 20022, pain.002.001.10).

    A payment that it rejects is undone and owed again. A report that is known changes nothing: 200 instead of 201.
    """
    # Several megabytes take seconds to read; others are answered meanwhile.
    report = await asyncio.to_thread(read_status_report, content)
    taken = await payment_status.take(work, actor, report)
    response.status_code = 201 if taken.now else 200
    return StatusReportView(
        id=taken.id, report=taken.report.id, created_on=taken.report.created_on, outcomes=dict(taken.outcomes)
    )
