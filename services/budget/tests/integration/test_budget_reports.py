"""Reports say what the ledger says, in every form."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from shared.contracts.contract import Milestone
from shared.kernel.money import Money

NAMES = (
    "budget-execution?year=2026",
    "commitments-by-year",
    "cash-flow",
    "ageing",
    "payments-by-provider?year=2026",
    "late-payments?year=2026",
)


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


def plain(amount: dict[str, str]) -> int:
    assert amount["currency"] == "EUR"
    return int(amount["amount"].removesuffix(".00"))


async def formed(budget: Any, name: str, form: str) -> Any:
    joined = "&" if "?" in name else "?"
    return await budget.service.client.get(f"/v1/reports/{name}{joined}format={form}")


async def rows(budget: Any, name: str) -> list[dict[str, Any]]:
    report = await budget.get(f"/v1/reports/{name}")
    assert report["as_of"] == "2026-03-02T09:00:00.000000Z"
    return list(report["rows"])


@pytest.fixture
async def line(budget: Any, procedure: Any) -> str:
    """A line of 5,000,000: 1,050,000 bound, 300,000 delivered (B), 500,000 delivered (A) and paid, 250,000 to come."""
    case = procedure()
    line = await budget.appropriate(5_000_000)
    periods = (
        ("2026-01", 300_000, date(2026, 1, 31)),
        ("2026-02", 500_000, date(2026, 2, 28)),
        ("2026-03", 250_000, date(2026, 3, 31)),
    )
    milestones = tuple(
        Milestone(period=period, start=ends.replace(day=1), end=ends, amount=eur(units))
        for period, units, ends in periods
    )
    await budget.service.deliver(
        "tender", case.requested(line, eur(1_200_000)), case.signed(1_050_000, milestones=milestones)
    )
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    await budget.pay_all()
    await budget.service.deliver("evaluation", case.graded("2026-01", "B"))
    return str(line)


async def test_a_line_is_reported_in_the_form_of_ipsas(budget: Any, line: str) -> None:
    await budget.appropriate(700, code="health")
    health, shown = await rows(budget, "budget-execution?year=2026")
    assert (shown["line"], shown["code"], health["code"]) == (line, "social-care", "health")
    fields = ("original", "final", "actual", "encumbered", "variance")
    # 5,000,000 - 800,000 accepted = 4,200,000
    assert [plain(shown[field]) for field in fields] == [5_000_000, 5_000_000, 800_000, 250_000, 4_200_000]
    assert shown["adjustments"] == []
    assert await rows(budget, "budget-execution?year=2025") == []


async def test_commitments_and_cash_are_reported_by_year_and_month(budget: Any, line: str) -> None:
    (year,) = await rows(budget, "commitments-by-year")
    assert (year["fiscal_year"], plain(year["encumbered"]), plain(year["promised"]), year["ceiling"]) == (
        2026,
        250_000,
        0,
        None,
    )
    (april,) = await rows(budget, "cash-flow")
    # What was accepted on 2 March is due on 1 April; what ends on 31 March, 30 days later, on 30 April.
    assert (april["month"], plain(april["ordered"]), plain(april["expected"])) == ("2026-04-01", 285_000, 250_000)


async def test_what_is_owed_and_paid_is_reported(budget: Any, line: str) -> None:
    bands = await rows(budget, "ageing")
    assert [(band["band"], plain(band["amount"])) for band in bands if band["orders"]] == [("not due yet", 285_000)]
    (provider,) = await rows(budget, "payments-by-provider?year=2026")
    assert (provider["payee"], provider["payments"], plain(provider["amount"]), provider["share"]) == (
        "org-oarsmen", 1, 500_000, "1.0000"
    )  # fmt: skip
    (late,) = await rows(budget, "late-payments?year=2026")
    assert (late["paid"], late["on_time"], late["late"], late["share_on_time"]) == (1, 1, 0, "1.0000")
    budget.service.clock.advance(days=60)
    report = await budget.get("/v1/reports/ageing")
    assert [band["band"] for band in report["rows"] if band["orders"]] == ["1 to 30 days"]
    assert (await budget.get("/v1/reports/late-payments?year=2026"))["rows"][0]["open_and_late"] == 1
    assert (await budget.get("/v1/reports/payments-by-provider?year=2025"))["rows"] == []


@pytest.mark.parametrize("name", NAMES)
async def test_a_report_is_the_same_in_a_spreadsheet(budget: Any, line: str, name: str) -> None:
    known = await rows(budget, name)
    response = await formed(budget, name, "csv")
    assert response.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(response.text)))
    assert len(table) == len(known) > 0
    for cells, row in zip(table, known, strict=True):
        for field, value in row.items():
            if isinstance(value, dict):
                assert cells[field] == value["amount"]
            elif not isinstance(value, list):
                assert cells[field] == ("" if value is None else str(value))


@pytest.mark.parametrize("name", NAMES)
async def test_a_report_is_a_page(budget: Any, line: str, name: str) -> None:
    response = await formed(budget, name, "html")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<svg" in response.text
    assert "There is nothing to report." not in response.text
    assert "href=" not in response.text


@pytest.mark.parametrize("name", NAMES)
async def test_a_report_of_nothing_says_so(budget: Any, name: str) -> None:
    assert await rows(budget, name) == []
    assert "There is nothing to report." in (await formed(budget, name, "html")).text
    table = (await formed(budget, name, "csv")).text
    assert len(table.splitlines()) == 1


async def test_what_somebody_wrote_is_neither_a_formula_nor_markup(budget: Any) -> None:
    await budget.appropriate(100, code="=1+1", title="<script>alert(1)</script>")
    (row,) = csv.DictReader(io.StringIO((await formed(budget, "budget-execution?year=2026", "csv")).text))
    assert row["code"] == "'=1+1"
    assert "<script>" not in (await formed(budget, "budget-execution?year=2026", "html")).text


@pytest.mark.parametrize("query", ["", "?year=x", "?year=1", "?year=2026&format=pdf"])
async def test_a_report_is_refused_when_it_is_asked_for_wrongly(budget: Any, query: str) -> None:
    response = await budget.service.client.get(f"/v1/reports/budget-execution{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
