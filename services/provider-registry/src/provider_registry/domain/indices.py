"""How independent and how healthy a provider is: indices with published formulas; none of them is a gate by itself."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import takewhile
from typing import Any

from provider_registry.domain.figures import Figures, TieKind, income_by_buyer
from provider_registry.domain.index_values import Found, Index, IndexValue, Inputs, Years, money_text, published_value
from shared.kernel.money import Money


def _largest_buyer(years: Years) -> Found:
    figures = _last(years)
    buyers = income_by_buyer(figures)
    buyer, amount = buyers[0] if buyers else ("none", Money(0, figures.total_income.currency))
    inputs = (("buyer", buyer), ("income_from_buyer", money_text(amount)), _total(figures))
    if not figures.total_income.minor:
        return Found(None, inputs, ("total_income",))
    return Found(100 * Fraction(amount.minor, figures.total_income.minor), inputs)


def _concentration(years: Years) -> Found:
    figures = _last(years)
    inputs: Inputs = (
        *((one.buyer or one.kind.value, money_text(one.amount)) for one in figures.income),
        _total(figures),
    )
    if not figures.total_income.minor:
        return Found(None, inputs, ("total_income",))
    shares = (100 * Fraction(one.amount.minor, figures.total_income.minor) for one in figures.income)
    return Found(sum((share**2 for share in shares), Fraction(0)), inputs)


def _office_ties(years: Years) -> Found:
    figures = _last(years)
    if figures.ties is None:
        return Found(None, (), ("ties",))
    counts = {kind: sum(tie.count for tie in figures.ties if tie.kind is kind) for kind in TieKind}
    return Found(Fraction(sum(counts.values())), tuple((kind.value, str(count)) for kind, count in counts.items()))


def _board_independence(years: Years) -> Found:
    return _percent(_last(years), "board_independent", "board_members")


def _current_ratio(years: Years) -> Found:
    return _ratio(_last(years), "current_assets", "current_liabilities")


def _reserves(years: Years) -> Found:
    found = _ratio(_last(years), "unrestricted_reserves", "expenses")
    return Found(12 * found.value, found.inputs) if isinstance(found.value, Fraction) else found


def _deficit_run(years: Years) -> Found:
    last = years[-1][0]
    # Years that follow each other without a gap, backwards from the last.
    latest = [(year, figures) for place, (year, figures) in enumerate(reversed(years)) if year == last - place]
    run = list(takewhile(lambda one: one[1].result.minor < 0, latest))
    return Found(Fraction(len(run)), tuple((str(year), money_text(figures.result)) for year, figures in latest))


def _turnover(years: Years) -> Found:
    figures = _last(years)
    inputs, missing = _stated(figures, "leavers", "staff_start", "staff_end")
    if missing:
        return Found(None, inputs, missing)
    heads = int(figures.staff_start or 0) + int(figures.staff_end or 0)
    if heads == 0:
        return Found(None, inputs, ("staff_start", "staff_end"))
    return Found(100 * Fraction(2 * int(figures.leavers or 0), heads), inputs)


def _audit_opinion(years: Years) -> Found:
    opinion = _last(years).audit_opinion
    if opinion is None:
        return Found(None, (), ("audit_opinion",))
    return Found(opinion.value, (("audit_opinion", opinion.value),))


INDICES: Sequence[Index] = (
    Index(
        "largest-buyer-share",
        "independence",
        "Income share from the largest public buyer",
        "100 x income from the public buyer that pays most / total income",
        "percent",
        "lower",
        "{value} of every 100 units of income came from one public buyer, on which the provider depends so far.",
        _largest_buyer,
    ),
    Index(
        "income-concentration",
        "independence",
        "Concentration of income (Herfindahl-Hirschman index)",
        "sum over the sources of (100 x income from the source / total income)^2",
        "points",
        "lower",
        "{value} points of 10000: 10000 is all income from one source, 2500 what four equal sources make.",
        _concentration,
    ),
    Index(
        "office-ties",
        "independence",
        "Ties to public offices",
        "officers shared with an office + addresses shared with an office + premises donated by an office",
        "ties",
        "lower",
        "The provider and public offices have {value} officers, addresses or donated premises in common.",
        _office_ties,
    ),
    Index(
        "board-independence",
        "independence",
        "Independent members of the board",
        "100 x independent board members / board members",
        "percent",
        "higher",
        "{value} of every 100 members of the board are independent.",
        _board_independence,
    ),
    Index(
        "current-ratio",
        "health",
        "Current ratio",
        "current assets / current liabilities",
        "ratio",
        "higher",
        "For each unit due within a year it has {value} at hand or coming in; below 1.00 it owes more than it has.",
        _current_ratio,
    ),
    Index(
        "reserves-months",
        "health",
        "Unrestricted reserves in months",
        "12 x unrestricted reserves / expenses of the year",
        "months",
        "higher",
        "Without any income the free reserves would last {value} months.",
        _reserves,
    ),
    Index(
        "deficit-run",
        "health",
        "Years in deficit, one after the other",
        "years with a result below zero, without a gap, up to the year",
        "years",
        "lower",
        "The provider has spent more than it earned for {value} years one after the other.",
        _deficit_run,
    ),
    Index(
        "staff-turnover",
        "health",
        "Staff turnover",
        "100 x leavers / ((staff at the start + staff at the end) / 2)",
        "percent",
        "lower",
        "For every 100 of the staff, {value} left within the year.",
        _turnover,
    ),
    Index(
        "audit-opinion",
        "health",
        "Audit opinion",
        "the opinion of the auditor on the financial statements (ISA 700, ISA 705)",
        "opinion",
        "neither",
        "The auditor's opinion is: {value}.",
        _audit_opinion,
    ),
)


def values(years: Years) -> tuple[IndexValue, ...]:
    """Return every index of the last of some years, as it is published."""
    return tuple(IndexValue(index.code, published_value(index.find(years)), index.unit) for index in INDICES)


def _last(years: Years) -> Figures:
    return years[-1][1]


def _total(figures: Figures) -> tuple[str, str]:
    return "total_income", money_text(figures.total_income)


def _percent(figures: Figures, part: str, whole: str) -> Found:
    found = _ratio(figures, part, whole)
    return Found(100 * found.value, found.inputs) if isinstance(found.value, Fraction) else found


def _ratio(figures: Figures, part: str, whole: str) -> Found:
    """Divide one figure by another; a whole of nothing is as good as a missing one."""
    inputs, missing = _stated(figures, part, whole)
    if missing:
        return Found(None, inputs, missing)
    above, below = (_number(getattr(figures, name)) for name in (part, whole))
    return Found(Fraction(above, below), inputs) if below else Found(None, inputs, (whole,))


def _stated(figures: Figures, *names: str) -> tuple[Inputs, tuple[str, ...]]:
    stated = {name: getattr(figures, name) for name in names}
    inputs = tuple((name, _text(value)) for name, value in stated.items() if value is not None)
    return inputs, tuple(name for name, value in stated.items() if value is None)


def _number(value: Any) -> int:
    return value.minor if isinstance(value, Money) else int(value)


def _text(value: Any) -> str:
    return money_text(value) if isinstance(value, Money) else str(value)
