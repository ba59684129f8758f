"""The budget's reports: for programs, for spreadsheets, and to be read and printed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel

from budget.api import report_forms
from budget.api.report_forms import Chart
from budget.api.report_schemas import (
    AgeBandView,
    ExecutionView,
    MonthOfCashView,
    ProviderPaymentsView,
    PunctualityView,
    Report,
    YearCommitmentsView,
)
from budget.usecases import reports
from shared.platform.access import public
from shared.platform.reading import Now, Reading

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=[public()])

Row = TypeVar("Row", bound=BaseModel)
Form = Annotated[
    Literal["json", "csv", "html"],
    Query(alias="format", description="`csv` for a spreadsheet, `html` for a page to be printed."),
]
Year = Annotated[int, Query(ge=1900, le=2200, description="The fiscal year.")]
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/csv": {"schema": {"type": "string"}}, "text/html": {"schema": {"type": "string"}}},
        "description": "The report, in the form that was asked for.",
    }
}


@router.get("/budget-execution", responses=_FORMS, response_model=Report[ExecutionView])
async def report_budget_execution(connection: Reading, now: Now, year: Year, form: Form = "json") -> Any:
    """Report how each line of a year was carried out (IPSAS 24): original, adjustments, final, actual, encumbered."""
    rows = await reports.execution(connection, year)
    title = f"Budget execution, fiscal year {year}"
    return _report(title, now, rows, ExecutionView, form, Chart("code", ("actual", "encumbered"), "final"))


@router.get("/commitments-by-year", responses=_FORMS, response_model=Report[YearCommitmentsView])
async def report_commitments_by_year(connection: Reading, now: Now, form: Form = "json") -> Any:
    """Report what contracts bind of each fiscal year, and promise of those to come."""
    rows = await reports.commitments(connection)
    chart = Chart("fiscal_year", ("encumbered", "promised"))
    return _report("Commitments by fiscal year", now, rows, YearCommitmentsView, form, chart)


@router.get("/cash-flow", responses=_FORMS, response_model=Report[MonthOfCashView])
async def report_cash_flow(connection: Reading, now: Now, form: Form = "json") -> Any:
    """Forecast by month what is to be paid: what is owed, and what contracts make expect."""
    rows = await reports.cash_flow(connection, now)
    return _report("Cash-flow forecast", now, rows, MonthOfCashView, form, Chart("month", ("ordered", "expected")))


@router.get("/ageing", responses=_FORMS, response_model=Report[AgeBandView])
async def report_ageing(connection: Reading, now: Now, form: Form = "json") -> Any:
    """Report what is owed and unpaid, by how long it is past due."""
    rows = await reports.ageing(connection, now)
    return _report("Ageing of what is owed", now, rows, AgeBandView, form, Chart("band", ("amount",)))


@router.get("/payments-by-provider", responses=_FORMS, response_model=Report[ProviderPaymentsView])
async def report_payments_by_provider(connection: Reading, now: Now, year: Year, form: Form = "json") -> Any:
    """Report what each provider was paid in a fiscal year."""
    rows = await reports.payments_by_provider(connection, year)
    title = f"Payments by provider, fiscal year {year}"
    return _report(title, now, rows, ProviderPaymentsView, form, Chart("payee", ("amount",)))


@router.get("/late-payments", responses=_FORMS, response_model=Report[PunctualityView])
async def report_late_payments(connection: Reading, now: Now, year: Year, form: Form = "json") -> Any:
    """Report how punctually orders were paid in a fiscal year, and what paying late cost."""
    rows = await reports.late_payments(connection, year, now)
    title = f"Late payments, fiscal year {year}"
    return _report(title, now, rows, PunctualityView, form, Chart("currency", ("late_amount", "interest")))


def _report(title: str, now: datetime, rows: Sequence[Any], view: type[Row], form: str, chart: Chart) -> Any:
    report = Report[view](  # type: ignore[valid-type]  # the form of the rows, known when it is asked for
        title=title, as_of=now, rows=[view.model_validate(row) for row in rows]
    )
    match form:
        case "csv":
            return report_forms.as_csv(report, view)
        case "html":
            return report_forms.as_page(report, view, chart)
    return report
