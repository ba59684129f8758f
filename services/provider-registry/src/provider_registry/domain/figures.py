"""What a provider reports of one financial year: its income and where it came from, its staff, its board, its ties."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Invalid
from shared.kernel.money import Money, total, zero


class SourceKind(StrEnum):
    """Where income comes from; only a public buyer is named."""

    PUBLIC_BUYER = "public-buyer"
    GRANTS = "grants"
    DONATIONS = "donations"
    FEES = "fees"
    OTHER = "other"


class AuditOpinion(StrEnum):
    """What the auditor said of the financial statements (ISA 700 and 705), or that nobody audited them."""

    UNMODIFIED = "unmodified"
    QUALIFIED = "qualified"
    ADVERSE = "adverse"
    DISCLAIMER = "disclaimer"
    UNAUDITED = "unaudited"


class TieKind(StrEnum):
    """What a provider has in common with a public office, or has from it for nothing."""

    OFFICER = "officer"
    ADDRESS = "address"
    PREMISES = "premises"


class SizeBand(StrEnum):
    """How large a provider is, by heads at the end of the year.

    Source: Commission Recommendation 2003/361/EC, annex, art. 2 (staff headcount).
    """

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class IncomeSource:
    """Hold the income of one kind, or from one public buyer."""

    kind: SourceKind
    amount: Money
    buyer: str | None = None


@dataclass(frozen=True, slots=True)
class OfficeTie:
    """Hold how many officers or addresses are shared with an office, or premises donated by it."""

    kind: TieKind
    office: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Hold the figures of a financial year; what is None was not stated.

    Units: result is the surplus, below zero a deficit; staff in heads.
    """

    ended_on: date
    income: tuple[IncomeSource, ...]
    total_income: Money
    expenses: Money
    result: Money
    current_assets: Money | None = None
    current_liabilities: Money | None = None
    unrestricted_reserves: Money | None = None
    staff_start: int | None = None
    staff_end: int | None = None
    leavers: int | None = None
    audit_opinion: AuditOpinion | None = None
    board_members: int | None = None
    board_independent: int | None = None
    ties: tuple[OfficeTie, ...] | None = None

    @property
    def size_band(self) -> SizeBand | None:
        """The band of the heads at the end of the year, if they are known."""
        if self.staff_end is None:
            return None
        bounds = ((10, SizeBand.MICRO), (50, SizeBand.SMALL), (250, SizeBand.MEDIUM))
        return next((band for below, band in bounds if self.staff_end < below), SizeBand.LARGE)


def check_figures(figures: Figures, *, organisation: str, year: int, today: date) -> None:
    """Refuse figures that contradict each other or the calendar.

    Raises:
        Invalid: year-in-future, year-end-differs, currencies-differ, amount-negative, buyer-missing, buyer-needless,
            buyer-is-provider, income-repeated, income-differs, result-differs, board-differs, or tie-repeated.
    """
    _check_calendar(figures.ended_on, year, today)
    _check_amounts(figures)
    _check_sources(figures, organisation)
    _check_sums(figures)
    members, independent = figures.board_members, figures.board_independent
    if members is not None and independent is not None and independent > members:
        raise Invalid(
            "board-differs", "No more members are independent than there are.", pointer="/body/board_independent"
        )
    if figures.ties is not None and _repeated((tie.kind, tie.office) for tie in figures.ties):
        raise Invalid("tie-repeated", "A kind of tie to an office is stated once.", pointer="/body/ties")


def _check_calendar(ended_on: date, year: int, today: date) -> None:
    if ended_on >= today:
        raise Invalid(
            "year-in-future",
            "A year is reported after its last day.",
            satisfied_by="The report of a year that is over.",
            pointer="/body/ended_on",
        )
    if ended_on.year != year:
        raise Invalid(
            "year-end-differs", "A financial year is named after the year it ends in.", pointer="/body/ended_on"
        )


def _check_amounts(figures: Figures) -> None:
    stated = [one.amount for one in figures.income]
    stated += [figures.total_income, figures.expenses]
    balance = (figures.current_assets, figures.current_liabilities, figures.unrestricted_reserves)
    stated += [amount for amount in balance if amount is not None]
    if {amount.currency for amount in (*stated, figures.result)} != {figures.total_income.currency}:
        raise Invalid("currencies-differ", "All amounts of a year are of one currency.")
    if any(amount.minor < 0 for amount in stated):
        raise Invalid("amount-negative", "No amount but the result is below zero.")


def _check_sources(figures: Figures, organisation: str) -> None:
    for one in figures.income:
        if (one.kind is SourceKind.PUBLIC_BUYER) != (one.buyer is not None):
            code = "buyer-missing" if one.buyer is None else "buyer-needless"
            raise Invalid(
                code, "Income from a public buyer names it, and no other income does.", pointer="/body/income"
            )
        if one.buyer == organisation:
            raise Invalid("buyer-is-provider", "Nobody has income from itself.", pointer="/body/income")
    if _repeated((one.kind, one.buyer) for one in figures.income):
        raise Invalid("income-repeated", "A source of income is stated once.", pointer="/body/income")


def _check_sums(figures: Figures) -> None:
    currency = figures.total_income.currency
    # So many amounts of the largest size would not fit; the sum is refused by what adds them.
    if total([one.amount for one in figures.income], currency) != figures.total_income:
        raise Invalid("income-differs", "The sources of income add up to the total.", pointer="/body/total_income")
    if figures.total_income - figures.expenses != figures.result:
        raise Invalid("result-differs", "The result is the income less the expenses.", pointer="/body/result")


def _repeated(names: Iterator[object]) -> bool:
    return any(times > 1 for times in Counter(names).values())


def income_by_buyer(figures: Figures) -> tuple[tuple[str, Money], ...]:
    """Return the income from each public buyer, the largest first."""
    nothing = zero(figures.total_income.currency)
    found = [(one.buyer, one.amount) for one in figures.income if one.buyer is not None and one.amount > nothing]
    return tuple(sorted(found, key=lambda one: (-one[1].minor, one[0])))
