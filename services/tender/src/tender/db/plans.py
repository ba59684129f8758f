"""How plans are kept, and what their tenders take of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform import database
from tender.db.tables import plans, tenders
from tender.domain.parts import Status
from tender.domain.plan import Plan, PlanStatus
from tender.domain.plan_events import BudgetShare
from tender.domain.tender import Tender

_GIVEN_BACK = (Status.CANCELLED, Status.UNSUCCESSFUL)
_DONE = (*_GIVEN_BACK, Status.COMPLETE)


async def add(connection: AsyncConnection, plan: Plan) -> None:
    await database.add(connection, plans, plan, _columns(plan))


async def load(connection: AsyncConnection, identifier: UUID, *, lock: bool = False) -> Plan:
    return await database.load(connection, plans, Plan, identifier, lock=lock)


async def save(connection: AsyncConnection, before: Plan, after: Plan) -> None:
    await database.save(connection, plans, before.version, after, _columns(after))


async def page(
    connection: AsyncConnection,
    after: UUID | None,
    limit: int,
    *,
    status: PlanStatus | None,
    buyer: str | None,
    service: str | None,
) -> Sequence[Plan]:
    """Return public plans, the newest first; drafts, and what never was more, are not public."""
    public = (plans.c.state != PlanStatus.DRAFT) & (
        (plans.c.state != PlanStatus.CANCELLED) | plans.c.document["scheduled_at"].astext.is_not(None)
    )
    query = select(plans.c.document).where(public).order_by(plans.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(plans.c.id < after)
    if status is not None:
        query = query.where(plans.c.state == status)
    if buyer is not None:
        query = query.where(plans.c.buyer == buyer)
    if service is not None:
        query = query.where(plans.c.document["service"]["code"].astext == service)
    return await database.documents(connection, query, Plan)


async def taken(connection: AsyncConnection, plan: UUID, *, but: UUID | None = None) -> list[BudgetShare]:
    """Return what the tenders of a plan take, but for one; what came to nothing takes nothing."""
    query = select(tenders.c.document).where(_of(plan), tenders.c.state.not_in(_GIVEN_BACK))
    if but is not None:
        query = query.where(tenders.c.id != but)
    found = [database.adapter(Tender).validate_python(row.document) for row in await connection.execute(query)]
    return [BudgetShare(tender.budget_line, tender.content.value) for tender in found]


async def unfinished(connection: AsyncConnection, plan: UUID) -> int:
    """Count the tenders of a plan that are not done."""
    query = select(func.count()).select_from(tenders).where(_of(plan), tenders.c.state.not_in(_DONE))
    return int((await connection.execute(query)).scalar_one())


def _of(plan: UUID) -> Any:
    return tenders.c.document["plan"].astext == str(plan)


def _columns(plan: Plan) -> dict[str, Any]:
    return {"state": plan.status, "waiting_for": plan.waiting_for, "due_at": plan.due_at, "buyer": plan.buyer.id}
