"""What the budget reports, as it stands now or of a fiscal year."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db import fiscal_years, reports
from budget.domain import report
from shared.rules.pack import pinned_pack


async def execution(connection: AsyncConnection, year: int) -> Sequence[report.Execution]:
    return await reports.execution(connection, year)


async def commitments(connection: AsyncConnection) -> Sequence[report.YearCommitments]:
    return await reports.commitments(connection)


async def cash_flow(connection: AsyncConnection, now: datetime) -> Sequence[report.MonthOfCash]:
    """Expect that each period is accepted on the day it ends, and paid by the last day of its pack's term.

    What is paid in advance is paid when its order says, and not again.
    """
    expected = [
        report.Owed(
            pinned_pack(one.pack, one.pack_version).ends_at(
                "payment", datetime.combine(one.ends, time(), UTC), one.acceleration
            ),
            one.amount,
        )
        for one in await reports.expected(connection)
    ]
    return report.forecast(await reports.open_orders(connection, advances=True), expected, now)


async def ageing(connection: AsyncConnection, now: datetime) -> Sequence[report.AgeBand]:
    return report.age(await reports.open_orders(connection), now)


async def payments_by_provider(connection: AsyncConnection, year: int) -> Sequence[report.ProviderPayments]:
    found = await fiscal_years.find(connection, year)
    return report.by_provider(await reports.paid_by_provider(connection, found.quarter_opens_at(1), found.over_at))


async def late_payments(connection: AsyncConnection, year: int, now: datetime) -> Sequence[report.Punctuality]:
    found = await fiscal_years.find(connection, year)
    span = (found.quarter_opens_at(1), found.over_at)
    return report.punctuality(
        await reports.paid_orders(connection, *span),
        await reports.open_orders(connection),
        await reports.interest(connection, *span),
        now,
    )
