"""Yearly reports: what contradicts itself is refused, and two persons make figures count."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from yearly_figures import euros, figures

from provider_registry.domain.figures import Figures, IncomeSource, OfficeTie, SourceKind, TieKind, check_figures
from provider_registry.domain.yearly_report import YearlyReport, empty_year
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import load_pack

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PACK = load_pack("model")
COUNTY = {"kind": "public-buyer", "buyer": "county", "amount": "60.00"}
DONATIONS = {"kind": "donations", "amount": "40.00"}
GOOD = figures(2025, {"income": [COUNTY, DONATIONS], "result": "10.00"})


def refused(**changes: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        check_figures(replace(GOOD, **changes), organisation="oarsmen", year=2025, today=date(2026, 3, 2))
    return refusal.value.code


def sources(*more: IncomeSource) -> dict[str, Any]:
    return {"income": (*GOOD.income, *more)}


def test_figures_that_agree_are_taken() -> None:
    check_figures(GOOD, organisation="oarsmen", year=2025, today=date(2026, 1, 1))


TIE = OfficeTie(TieKind.OFFICER, "county", 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ended_on": date(2026, 3, 2)}, "year-in-future"),
        ({"ended_on": date(2024, 12, 31)}, "year-end-differs"),
        ({"expenses": Money(1, "USD")}, "currencies-differ"),
        ({"unrestricted_reserves": euros("-0.01")}, "amount-negative"),
        (sources(IncomeSource(SourceKind.FEES, euros("-1.00"))), "amount-negative"),
        (sources(IncomeSource(SourceKind.PUBLIC_BUYER, euros("1.00"))), "buyer-missing"),
        (sources(IncomeSource(SourceKind.FEES, euros("1.00"), "county")), "buyer-needless"),
        (sources(IncomeSource(SourceKind.PUBLIC_BUYER, euros("1.00"), "oarsmen")), "buyer-is-provider"),
        (sources(IncomeSource(SourceKind.DONATIONS, euros("1.00"))), "income-repeated"),
        ({"total_income": euros("100.01")}, "income-differs"),
        ({"result": euros("10.01")}, "result-differs"),
        ({"board_members": 3, "board_independent": 4}, "board-differs"),
        ({"ties": (TIE, replace(TIE, count=2))}, "tie-repeated"),
    ],
)
def test_figures_are_refused_each_for_its_own_reason(changes: dict[str, Any], code: str) -> None:
    assert refused(**changes) == code


def entered(by: str = "olga", before: YearlyReport | None = None, what: Figures = GOOD) -> YearlyReport:
    state, _ = (before or empty_year("oarsmen", 2025)).enter(what, by=by, at=AT, due=AT)
    return state


def test_figures_count_once_another_person_has_confirmed_them() -> None:
    state = entered().confirm(by="rosa", at=AT, pack=PACK)
    assert (state.confirmed, state.entered, state.version, state.confirm_due) == (GOOD, None, 2, None)


def test_nobody_confirms_figures_entered_by_the_same_person() -> None:
    with pytest.raises(Forbidden) as refusal:
        entered().confirm(by="olga", at=AT, pack=PACK)
    assert (refusal.value.code, refusal.value.reference) == (
        "second-person-needed",
        PACK.reference("second-person.yearly-report"),
    )


def test_year_is_entered_by_one_person_until_it_is_decided() -> None:
    state = entered()
    assert entered(before=state, what=replace(GOOD, staff_end=4)).entered == replace(GOOD, staff_end=4)
    with pytest.raises(NotAllowed, match="year-entered-by-another"):
        entered("otto", state)
    back, _ = state.send_back("The totals differ from the audited ones.")
    assert (back.sent_back, entered("otto", back).sent_back) == ("The totals differ from the audited ones.", None)


def test_confirmed_figures_count_until_their_correction_is_confirmed() -> None:
    confirmed = entered().confirm(by="rosa", at=AT, pack=PACK)
    correction = entered("otto", confirmed, replace(GOOD, staff_end=4))
    assert correction.confirmed == GOOD
    assert correction.send_back("No.")[0].confirmed == GOOD
    assert correction.confirm(by="rosa", at=AT, pack=PACK).confirmed == replace(GOOD, staff_end=4)


@pytest.mark.parametrize("state", [empty_year("oarsmen", 2025), entered().confirm(by="rosa", at=AT, pack=PACK)])
def test_nothing_is_decided_where_nothing_waits(state: YearlyReport) -> None:
    with pytest.raises(NotAllowed, match="yearly-report-not-entered"):
        state.confirm(by="rosa", at=AT, pack=PACK)
    with pytest.raises(NotAllowed, match="yearly-report-not-entered"):
        state.send_back("No.")
