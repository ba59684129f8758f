"""What happens to fiscal years; nothing here commits."""

from datetime import date

from budget.db import fiscal_years
from budget.domain.fiscal_year import FiscalYear, YearEndPolicy, check_apart
from shared.kernel.errors import NotAllowed, expect_version
from shared.platform.work import Work


async def declare(
    work: Work, number: int, *, starts: date, ends: date, time_zone: str, policy: YearEndPolicy, version: int | None
) -> FiscalYear:
    """Set a year's days and what becomes of money at its end; whoever changes them names what they read."""
    await fiscal_years.hold(work.connection, alone=True)
    before = await fiscal_years.find(work.connection, number)
    if before.version:
        expect_version(version, before.version)
    in_use = await fiscal_years.in_use(work.connection, number)
    year, events = before.declare(starts=starts, ends=ends, time_zone=time_zone, policy=policy, in_use=in_use)
    if year.version == before.version:
        return year
    if before.version and version is None:
        raise NotAllowed(
            "fiscal-year-declared",
            "The year was declared otherwise.",
            satisfied_by="If-Match with the ETag of what is to be changed.",
        )
    check_apart(year, await fiscal_years.declared(work.connection))
    await fiscal_years.save(work.connection, before.version, year)
    await work.record(events)
    return year
