"""What the budget reports: rows that are the same in JSON, in a table for a spreadsheet, and on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from shared.kernel.money import Money, total, zero


@dataclass(frozen=True, slots=True)
class AdjustmentTotal:
    """What all adjustments of one kind added to a line; below nothing, took away."""

    kind: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How a line's budget was carried out, on the budget's basis: an expenditure counts once it is accepted.

    Units: actual is what was accepted, whether paid, owed or held; encumbered is what contracts bind and is still to be
    accepted; variance is what of the final budget is not actual.
    Source: IPSAS 24, paragraphs 14 and 29: original, final and actual amounts, and what lies between them.
    """

    line: UUID
    code: str
    title: str
    programme: str | None
    fiscal_year: int
    currency: str
    original: Money
    adjustments: tuple[AdjustmentTotal, ...]
    final: Money
    actual: Money
    encumbered: Money

    @property
    def variance(self) -> Money:
        """What of the final budget was not used."""
        return self.final - self.actual


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCommitments:
    """What contracts bind of a fiscal year: encumbered in its lines, or promised of a year that is still to come.

    Units: ceiling is up to how much may be promised; none where no ceiling is set.
    """

    fiscal_year: int
    currency: str
    encumbered: Money
    promised: Money
    ceiling: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfCash:
    """What is to be paid in a month: ordered already, or expected for periods that are still to be accepted."""

    month: date
    currency: str
    ordered: Money
    expected: Money

    @property
    def amount(self) -> Money:
        """All that is to be paid."""
        return self.ordered + self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBand:
    """What is owed and unpaid, by how many days it is past its due date.

    Units: from_day and to_day count days past due; none in from_day is what is not due yet, none in to_day no end.
    """

    from_day: int | None
    to_day: int | None
    currency: str
    orders: int
    amount: Money

    @property
    def band(self) -> str:
        """The band in words."""
        if self.from_day is None:
            return "not due yet"
        return f"{self.from_day} days or more" if self.to_day is None else f"{self.from_day} to {self.to_day} days"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayments:
    """What a provider was paid, and which share that is of all that was paid in the currency.

    Units: share from 0 to 1, to the ten-thousandth.
    """

    payee: str
    currency: str
    payments: int
    amount: Money
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """How punctually orders were paid; an order counts by its last payment.

    Units: shares from 0 to 1, to the ten-thousandth; days from the acceptance to the payment, and past the due date.
    """

    currency: str
    paid: int
    on_time: int
    late: int
    open_and_late: int
    share_on_time: Decimal | None
    average_days_to_pay: Decimal | None
    most_days_late: int
    late_amount: Money
    interest: Money


BANDS: tuple[tuple[int | None, int | None], ...] = ((None, 0), (1, 30), (31, 60), (61, 90), (91, None))


@dataclass(frozen=True, slots=True)
class Owed:
    """An amount that is open, and the first instant at which it is late."""

    due_at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """An order that was paid whole: when it was accepted, from when it was late, and when it was last paid."""

    accepted_at: datetime
    due_at: datetime
    paid_at: datetime
    amount: Money


def age(owed: Iterable[Owed], now: datetime) -> tuple[AgeBand, ...]:
    """Sort what is owed into bands by the days that it is past due; each currency has every band."""
    found: dict[str, list[tuple[int, Money]]] = {}
    for one in owed:
        found.setdefault(one.amount.currency, []).append((_days_late(one.due_at, now), one.amount))
    return tuple(
        _band(first, last, currency, items) for currency, items in sorted(found.items()) for first, last in BANDS
    )


def forecast(ordered: Iterable[Owed], expected: Iterable[Owed], now: datetime) -> tuple[MonthOfCash, ...]:
    """Add up by month what is to be paid; what is past due is to be paid in the present month."""
    months: dict[tuple[date, str], list[Money]] = {}
    for place, owed in enumerate((ordered, expected)):
        for one in owed:
            last_day = max(one.due_at - timedelta.resolution, now).date()
            key = last_day.replace(day=1), one.amount.currency
            sums = months.setdefault(key, [zero(one.amount.currency)] * 2)
            sums[place] += one.amount
    return tuple(
        MonthOfCash(month=month, currency=currency, ordered=sums[0], expected=sums[1])
        for (month, currency), sums in sorted(months.items())
    )


def by_provider(paid: Iterable[tuple[str, int, Money]]) -> tuple[ProviderPayments, ...]:
    """Give each provider's payments their share, the largest first."""
    known = list(paid)
    whole: dict[str, int] = {}
    for _, _, amount in known:
        whole[amount.currency] = whole.get(amount.currency, 0) + amount.minor
    rows = [
        ProviderPayments(
            payee=payee,
            currency=amount.currency,
            payments=count,
            amount=amount,
            share=_share(amount.minor, whole[amount.currency]),
        )
        for payee, count, amount in known
    ]
    return tuple(sorted(rows, key=lambda row: (row.currency, -row.amount.minor, row.payee)))


def punctuality(
    paid: Sequence[PaidOrder], unpaid: Sequence[Owed], interest: Sequence[Money], now: datetime
) -> tuple[Punctuality, ...]:
    """Say by currency how punctually was paid."""
    amounts = (*(one.amount for one in paid), *(one.amount for one in unpaid), *interest)
    return tuple(
        _punctuality(
            currency,
            [one for one in paid if one.amount.currency == currency],
            sum(one.amount.currency == currency and one.due_at <= now for one in unpaid),
            total([amount for amount in interest if amount.currency == currency], currency),
        )
        for currency in sorted({amount.currency for amount in amounts})
    )


def _punctuality(currency: str, paid: Sequence[PaidOrder], open_and_late: int, interest: Money) -> Punctuality:
    late = [one for one in paid if one.paid_at >= one.due_at]
    days = sum((one.paid_at - one.accepted_at).days for one in paid)
    return Punctuality(
        currency=currency,
        paid=len(paid),
        on_time=len(paid) - len(late),
        late=len(late),
        open_and_late=open_and_late,
        share_on_time=_share(len(paid) - len(late), len(paid)) if paid else None,
        average_days_to_pay=(Decimal(days) / len(paid)).quantize(Decimal("0.1"), ROUND_HALF_UP) if paid else None,
        most_days_late=max((_days_late(one.due_at, one.paid_at) for one in late), default=0),
        late_amount=total([one.amount for one in late], currency),
        interest=interest,
    )


def _band(first: int | None, last: int | None, currency: str, items: Sequence[tuple[int, Money]]) -> AgeBand:
    inside = [amount for days, amount in items if (first is None or days >= first) and (last is None or days <= last)]
    return AgeBand(from_day=first, to_day=last, currency=currency, orders=len(inside), amount=total(inside, currency))


def _days_late(due_at: datetime, now: datetime) -> int:
    # The term ends with the day before the instant; every begun day after it counts.
    return (now - due_at).days + 1 if now >= due_at else 0


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)
