"""What goes over the wire of yearly reports and indices."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from provider_registry.api.request import Request
from provider_registry.domain.figures import AuditOpinion, Figures, IncomeSource, OfficeTie, SourceKind, TieKind
from provider_registry.domain.index_values import Quartiles
from provider_registry.domain.yearly_report import YearlyReport
from provider_registry.usecases.index_queries import IndexAnswer, IndicesAnswer
from shared.contracts.fields import Amount, Day, DecimalText, Instant, OrganisationId

Heads = Annotated[int, Field(ge=0, le=10_000_000)]


class IncomeBody(Request):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    kind: SourceKind
    amount: Amount
    buyer: OrganisationId | None = None


class TieBody(Request):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    kind: TieKind
    office: OrganisationId
    count: Annotated[int, Field(ge=1, le=1000)]


class FiguresBody(Request):
    """The figures of a financial year; what is not stated leaves the indices that need it not rated.

    `income` adds up to `total_income`; `result` is that less `expenses`, below zero a deficit. `ties` is null where
    nothing is said, and empty where there are none.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    ended_on: Day
    income: Annotated[list[IncomeBody], Field(max_length=500)]
    total_income: Amount
    expenses: Amount
    result: Amount
    current_assets: Amount | None = None
    current_liabilities: Amount | None = None
    unrestricted_reserves: Amount | None = None
    staff_start: Heads | None = None
    staff_end: Heads | None = None
    leavers: Heads | None = None
    audit_opinion: AuditOpinion | None = None
    board_members: Heads | None = None
    board_independent: Heads | None = None
    ties: Annotated[list[TieBody], Field(max_length=500)] | None = None

    def figures(self) -> Figures:
        """Read the body."""
        lists = {"income", "ties"}
        plain = {name: getattr(self, name) for name in FiguresBody.model_fields if name not in lists}
        income = tuple(IncomeSource(one.kind, one.amount, one.buyer) for one in self.income)
        ties = tuple(OfficeTie(one.kind, one.office, one.count) for one in self.ties or ())
        return Figures(**plain, income=income, ties=None if self.ties is None else ties)


class YearView(BaseModel):
    """A year of a provider: `confirmed` counts; `entered` waits, for the provider and the registry to see."""

    organisation: str
    year: int
    waiting_until: Instant | None
    confirmed: FiguresBody | None
    confirmed_at: Instant | None
    sent_back: str | None
    entered: FiguresBody | None = None


class QuartilesView(BaseModel):
    """Where a quarter, a half and three quarters of the peers lie (nearest rank)."""

    model_config = ConfigDict(from_attributes=True)

    peers: int
    lower: DecimalText
    median: DecimalText
    upper: DecimalText


class InputView(BaseModel):
    name: str
    value: str


class TrendView(BaseModel):
    year: int
    value: str | None


class IndexView(BaseModel):
    """An index; `value` is null while it is not rated, and `missing` says what for."""

    code: str
    family: str
    title: str
    value: str | None
    unit: str
    better: str
    missing: list[str]
    formula: str
    inputs: list[InputView]
    trend: list[TrendView]
    quartiles: QuartilesView | None
    reading: str


class IndicesView(BaseModel):
    """The indices of the last confirmed year; `quartiles` are those of providers of the same kind and size.

    None of them decides anything by itself.
    """

    organisation: str
    at: Instant
    year: int | None
    kind: str
    size_band: str | None
    least_peers: int
    indices: list[IndexView]


def year_view(report: YearlyReport, *, entered: bool) -> YearView:
    return YearView(
        organisation=report.organisation,
        year=report.year,
        waiting_until=report.confirm_due,
        confirmed=_figures(report.confirmed),
        confirmed_at=report.confirmed_at,
        sent_back=report.sent_back if entered else None,
        entered=_figures(report.entered) if entered else None,
    )


def indices_view(answer: IndicesAnswer) -> IndicesView:
    return IndicesView(
        organisation=answer.organisation,
        at=answer.at,
        year=answer.year,
        kind=answer.kind,
        size_band=answer.size_band,
        least_peers=answer.least_peers,
        indices=[_index(one) for one in answer.indices],
    )


def _index(one: IndexAnswer) -> IndexView:
    named = {name: getattr(one.index, name) for name in ("code", "family", "title", "unit", "better", "formula")}
    return IndexView(
        **named,
        value=one.value,
        missing=list(one.found.missing),
        inputs=[InputView(name=name, value=value) for name, value in one.found.inputs],
        trend=[TrendView(year=year, value=value) for year, value in one.trend],
        quartiles=_quartiles(one.peers),
        reading=one.reading,
    )


def _quartiles(peers: Quartiles | None) -> QuartilesView | None:
    return None if peers is None else QuartilesView.model_validate(peers)


def _figures(figures: Figures | None) -> FiguresBody | None:
    return None if figures is None else FiguresBody.model_validate(figures)
