"""How the funds of contracting processes, waiting grades and waiting ends are kept."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.tables import ceilings, fiscal_years, funds, pending_endings, pending_grades, revisions
from budget.domain.funds import Funds
from budget.domain.funds_data import Ending, GradedPeriod
from budget.domain.ledger import Cause
from shared.kernel.errors import NotFound, not_here
from shared.kernel.ids import derived_id
from shared.platform import database

# As the index is written.
_OF_CONTRACT = text(
    "SELECT ocid FROM funds WHERE jsonb_path_query_array(document, '$.contracts[*].contract.id')"
    " @> to_jsonb(CAST(:contract AS text))"
)
_OTHER_ENDING = {
    Ending.TERMINATED: "the closing of the contract's supervision",
    Ending.SUPERVISION_CLOSED: "the end of the contract",
}


async def lock_process(connection: AsyncConnection, ocid: str) -> None:
    """Let nobody else act on a contracting process until the transaction ends, even if it has no funds yet."""
    await database.hold_name(connection, ocid)


async def process(connection: AsyncConnection, ocid: str) -> Funds:
    return await database.load(connection, funds, Funds, derived_id("funds", ocid))


async def find_process(connection: AsyncConnection, ocid: str) -> Funds | None:
    try:
        return await process(connection, ocid)
    except NotFound:
        return None


async def ocid_of(connection: AsyncConnection, contract: UUID) -> str:
    """Find the process whose funds a contract binds, or bound.

    Raises:
        NotFound: not-found.
    """
    found = await connection.scalar(_OF_CONTRACT, {"contract": str(contract)})
    if found is None:
        raise not_here()
    return str(found)


async def save_process(connection: AsyncConnection, before: int, state: Funds) -> None:
    columns = _columns(state)
    if before == 0:
        await database.add(connection, funds, state, columns)
    else:
        await database.save(connection, funds, before, state, columns)


async def is_pending(connection: AsyncConnection, graded: GradedPeriod) -> bool:
    query = select(pending_grades.c.id).where(
        pending_grades.c.contract == graded.contract, pending_grades.c.period == graded.period
    )
    return await connection.scalar(query) is not None


async def add_pending(
    connection: AsyncConnection, graded: GradedPeriod, cause: Cause, awaited: str | None, due: datetime
) -> None:
    await connection.execute(
        insert(pending_grades).values(
            id=cause.event,
            ocid=graded.ocid,
            contract=graded.contract,
            period=graded.period,
            provider=graded.provider,
            grade=graded.grade,
            kpis={kpi: str(value) for kpi, value in graded.kpis},
            received_at=cause.at,
            state="waiting",
            waiting_for=awaited,
            due_at=due,
        )
    )


async def pending_of(connection: AsyncConnection, ocid: str) -> Sequence[tuple[UUID, GradedPeriod]]:
    rows = await connection.execute(
        select(pending_grades)
        .where(pending_grades.c.ocid == ocid)
        .order_by(pending_grades.c.received_at, pending_grades.c.id)
    )
    return [
        (
            row.id,
            GradedPeriod(
                ocid=row.ocid,
                contract=row.contract,
                period=row.period,
                provider=row.provider,
                grade=row.grade,
                kpis=tuple((kpi, Decimal(value)) for kpi, value in row.kpis.items()),
            ),
        )
        for row in rows
    ]


async def refuse_pending(connection: AsyncConnection, identifier: UUID, code: str) -> None:
    await connection.execute(
        update(pending_grades)
        .where(pending_grades.c.id == identifier)
        .values(state=code, waiting_for="a correction of the grade")
    )


async def drop_pending(connection: AsyncConnection, graded: GradedPeriod) -> None:
    await connection.execute(
        delete(pending_grades).where(
            pending_grades.c.contract == graded.contract, pending_grades.c.period == graded.period
        )
    )


async def pending_ending(connection: AsyncConnection, contract: UUID) -> Ending | None:
    query = select(pending_endings.c.state).where(pending_endings.c.contract == contract)
    state = await connection.scalar(query)
    return None if state is None else Ending(state)


async def add_pending_ending(
    connection: AsyncConnection, ocid: str, contract: UUID, told: Ending, cause: Cause, due: datetime
) -> None:
    await connection.execute(
        postgresql.insert(pending_endings)
        .values(
            id=cause.event,
            ocid=ocid,
            contract=contract,
            received_at=cause.at,
            state=told,
            waiting_for=_OTHER_ENDING[told],
            due_at=due,
        )
        .on_conflict_do_nothing(index_elements=["contract"])
    )


async def drop_pending_ending(connection: AsyncConnection, contract: UUID) -> None:
    await connection.execute(delete(pending_endings).where(pending_endings.c.contract == contract))


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return [
        *await database.overdue(connection, funds, "funds", now),
        *await database.overdue(connection, pending_grades, "pending-grade", now),
        *await database.overdue(connection, pending_endings, "pending-ending", now),
        *await database.overdue(connection, revisions, "revision", now),
        *await database.overdue(connection, fiscal_years, "fiscal-year", now),
        *await database.overdue(connection, ceilings, "ceilings", now),
    ]


def _columns(state: Funds) -> dict[str, Any]:
    return {
        "state": state.state,
        "waiting_for": "the opening of the fiscal year" if state.renewal_due else None,
        "due_at": state.renewal_due,
        "ocid": state.ocid,
        "line_id": state.line,
        "currency": state.reserved.currency,
        "reserved": state.reserved.minor,
        "committed": state.committed.minor,
        "advance": state.advance.minor,
        "accrued": state.accrued.minor,
        "paid": state.paid.minor,
        "held": state.held.minor,
        "contract_value": sum(one.bound.minor for one in state.contracts) if state.contracts else None,
    }
