"""What reports are made of, added up by the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, and_, case, cast, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from budget.db.payment_feed import UNDONE_PAYMENTS
from budget.db.tables import balances, lines, payment_orders, payments, revisions, transfers
from budget.domain.adjustment import CARRIED_OVER
from budget.domain.ledger import Stage
from budget.domain.payment_order import OrderKind, OrderState
from budget.domain.report import AdjustmentTotal, Execution, Owed, PaidOrder, YearCommitments
from shared.kernel.money import Money

_ACTUAL = (Stage.ACCRUED, Stage.HELD, Stage.PAID)
_NOT_DELIVERED = (OrderKind.INTEREST, OrderKind.ADVANCE)
_ENCUMBERED = (Stage.COMMITTED, Stage.ADVANCE)
_STANDS = payments.c.id.not_in(UNDONE_PAYMENTS)

# Periods that are not graded yet, by the day they end; what a later year promises is in it as well. What is, or is to
# be, paid in advance is taken off in proportion, each period up to its end, so that it adds up.
_EXPECTED = text("""
    WITH open_periods AS (
        SELECT (milestone ->> 'ends')::date AS ends, contract, currency,
               (milestone -> 'amount' ->> 'minor')::bigint AS due,
               (SELECT coalesce(sum(
                           (one -> 'amount' ->> 'minor')::bigint - (one -> 'repaid' ->> 'minor')::bigint
                           - (SELECT coalesce(sum((recovery -> 'amount' ->> 'minor')::bigint), 0)
                              FROM jsonb_array_elements(one -> 'recoveries') AS recovery)), 0)
                FROM jsonb_array_elements(coalesce(contract -> 'advances', '[]')) AS one
                WHERE one -> 'payee' = contract -> 'contract' -> 'payee') AS advanced,
               milestone -> 'period' AS period
        FROM funds, jsonb_array_elements(document -> 'contracts') AS contract,
             jsonb_array_elements(contract -> 'milestones') AS milestone
        WHERE milestone ->> 'grade' IS NULL AND milestone ->> 'ends' IS NOT NULL
          AND NOT coalesce((contract ->> 'terminated')::boolean, false)
    ), until_each AS (
        SELECT *, sum(due) OVER in_order AS until, sum(due) OVER (PARTITION BY contract -> 'contract' -> 'id') AS whole
        FROM open_periods WINDOW in_order AS (PARTITION BY contract -> 'contract' -> 'id' ORDER BY ends, period)
    )
    SELECT ends, contract -> 'contract' ->> 'pack' AS pack, contract -> 'contract' ->> 'pack_version' AS pack_version,
           (contract -> 'contract' ->> 'acceleration')::int AS acceleration, currency,
           sum(due - div(least(advanced, whole) * until, whole)
                   + div(least(advanced, whole) * (until - due), whole))::bigint AS amount
    FROM until_each GROUP BY 1, 2, 3, 4, 5
""")
_PROMISED = text("""
    SELECT (memo ->> 'year')::int AS year, currency, sum((memo -> 'amount' ->> 'minor')::bigint) AS amount
    FROM funds, jsonb_array_elements(document -> 'contracts') AS contract,
         jsonb_array_elements(coalesce(contract -> 'memos', '[]')) AS memo
    GROUP BY 1, 2
""")
_CEILINGS = text("""
    SELECT year, document ->> 'currency' AS currency, sum(ceiling) AS amount
    FROM ceilings_by_year JOIN ceilings ON ceilings.id = ceilings_id GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class ExpectedPeriods:
    """What periods that end on one day are worth, and the terms under which they will be paid."""

    ends: date
    pack: str
    pack_version: str
    acceleration: int
    amount: Money


async def execution(connection: AsyncConnection, year: int) -> Sequence[Execution]:
    """Return a row for each line of a year, by code."""
    rows = await connection.execute(
        select(
            lines,
            *(
                func.sum(case((balances.c.stage.in_(stages), balances.c.amount), else_=0)).label(name)
                for name, stages in (
                    ("final", (Stage.APPROPRIATED,)),
                    ("actual", _ACTUAL),
                    ("encumbered", _ENCUMBERED),
                )
            ),
        )
        .join(balances, balances.c.line_id == lines.c.id)
        .where(lines.c.fiscal_year == year)
        .group_by(lines.c.id)
        .order_by(lines.c.code, lines.c.currency)
    )
    adjusted = await _adjustments(connection, year)
    return [_execution(row, adjusted.get(row["id"], {})) for row in rows.mappings()]


def _execution(row: RowMapping, adjusted: dict[str, int]) -> Execution:
    currency = row["currency"]
    grant = row["original"] or {}
    return Execution(
        line=row["id"],
        code=row["code"],
        title=row["title"],
        programme=grant.get("programme"),
        fiscal_year=row["fiscal_year"],
        currency=currency,
        original=Money(int(row["final"]) - sum(adjusted.values()), currency),
        adjustments=tuple(AdjustmentTotal(kind, Money(amount, currency)) for kind, amount in sorted(adjusted.items())),
        final=Money(int(row["final"]), currency),
        actual=Money(int(row["actual"]), currency),
        encumbered=Money(int(row["encumbered"]), currency),
    )


async def _adjustments(connection: AsyncConnection, year: int) -> dict[UUID, dict[str, int]]:
    granted = transfers.c.from_stage == Stage.APPROPRIATED
    kind = func.coalesce(revisions.c.document["kind"].astext, CARRIED_OVER)
    rows = await connection.execute(
        select(transfers.c.line_id, kind, func.sum(case((granted, transfers.c.amount), else_=-transfers.c.amount)))
        .join(lines, lines.c.id == transfers.c.line_id)
        .outerjoin(revisions, revisions.c.id == transfers.c.cause_event)
        .where(
            lines.c.fiscal_year == year,
            transfers.c.cause_event.is_not(None),
            or_(granted, transfers.c.to_stage == Stage.APPROPRIATED),
        )
        .group_by(transfers.c.line_id, kind)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for line, name, amount in rows:
        found[line][name] = int(amount)
    return found


async def commitments(connection: AsyncConnection) -> Sequence[YearCommitments]:
    """Return a row for each year and currency in which contracts bind or promise something, or may."""
    encumbered = await connection.execute(
        select(lines.c.fiscal_year, lines.c.currency, func.sum(balances.c.amount))
        .join(balances, and_(balances.c.line_id == lines.c.id, balances.c.stage.in_(_ENCUMBERED)))
        .group_by(lines.c.fiscal_year, lines.c.currency)
    )
    sums: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    promised, ceilings = await connection.execute(_PROMISED), await connection.execute(_CEILINGS)
    for name, rows in (("encumbered", encumbered), ("promised", promised), ("ceiling", ceilings)):
        for year, currency, amount in rows:
            sums[year, currency][name] = int(amount)
    return [
        YearCommitments(
            fiscal_year=year,
            currency=currency,
            encumbered=Money(known.get("encumbered", 0), currency),
            promised=Money(known.get("promised", 0), currency),
            ceiling=Money(known["ceiling"], currency) if "ceiling" in known else None,
        )
        for (year, currency), known in sorted(sums.items())
        if any(known.values())
    ]


async def expected(connection: AsyncConnection) -> Sequence[ExpectedPeriods]:
    """Return what contracts make expect, by the day on which periods end."""
    return [
        ExpectedPeriods(row.ends, row.pack, row.pack_version, row.acceleration, Money(int(row.amount), row.currency))
        for row in await connection.execute(_EXPECTED)
    ]


async def open_orders(connection: AsyncConnection, *, advances: bool = False) -> Sequence[Owed]:
    """Return what is owed and unpaid; with advances, also what is to be paid though nothing was delivered for it."""
    left_out = () if advances else (OrderKind.ADVANCE,)
    rows = await connection.execute(
        select(payment_orders.c.due_at, payment_orders.c.amount - payment_orders.c.paid, payment_orders.c.currency)
        .where(
            payment_orders.c.state.in_((OrderState.DUE, OrderState.APPROVED)), payment_orders.c.kind.not_in(left_out)
        )
        .order_by(payment_orders.c.number)
    )
    return [Owed(due_at, Money(amount, currency)) for due_at, amount, currency in rows]


async def paid_by_provider(
    connection: AsyncConnection, since: datetime, until: datetime
) -> Sequence[tuple[str, int, Money]]:
    """Return how often and how much each provider was paid from one instant to another."""
    rows = await connection.execute(
        select(payments.c.payee, func.count(), func.sum(payments.c.amount), payments.c.currency)
        .where(payments.c.paid_at >= since, payments.c.paid_at < until, _STANDS)
        .group_by(payments.c.payee, payments.c.currency)
    )
    return [(payee, count, Money(int(amount), currency)) for payee, count, amount, currency in rows]


async def paid_orders(connection: AsyncConnection, since: datetime, until: datetime) -> Sequence[PaidOrder]:
    """Return the orders for what was delivered whose last payment lies from one instant to another."""
    last = func.max(payments.c.paid_at)
    due, accepted = (payment_orders.c.document[name].astext for name in ("due_at", "accepted_at"))
    rows = await connection.execute(
        select(accepted, due, last, payment_orders.c.amount, payment_orders.c.currency)
        .join(payments, payments.c.order_id == payment_orders.c.id)
        .where(payment_orders.c.state == OrderState.PAID, payment_orders.c.kind.not_in(_NOT_DELIVERED), _STANDS)
        .group_by(payment_orders.c.id)
        .having(and_(last >= since, last < until))
    )
    return [
        PaidOrder(datetime.fromisoformat(accepted_at), datetime.fromisoformat(due_at), paid, Money(amount, currency))
        for accepted_at, due_at, paid, amount, currency in rows
    ]


async def interest(connection: AsyncConnection, since: datetime, until: datetime) -> Sequence[Money]:
    """Return what was owed for paying late, by currency, from one instant to another."""
    accepted = cast(payment_orders.c.document["accepted_at"].astext, payment_orders.c.due_at.type)
    rows = await connection.execute(
        select(func.sum(payment_orders.c.amount), payment_orders.c.currency)
        .where(payment_orders.c.kind == OrderKind.INTEREST, accepted >= since, accepted < until)
        .group_by(payment_orders.c.currency)
    )
    return [Money(int(amount), currency) for amount, currency in rows]
