"""The course of a procedure over the wire: each part has the form of the event it is made of."""

from pydantic import BaseModel

from portal.api.conduct_schemas import (
    ChallengeView,
    FrameworkView,
    PanelView,
    PublicityView,
    challenge_view,
    framework_view,
    panel_view,
    publicity_view,
)
from portal.api.facts import Fact, fact, made
from portal.api.links import Links
from portal.api.lot_schemas import LotView, lot_view
from portal.api.schemas import EventView, ProcedureView, event_view, procedure_fields
from portal.domain import course as domain
from portal.domain.amounts import amount
from portal.domain.contracts import Contract, Period
from portal.domain.questions import Question
from portal.usecases.queries import Appropriation, ProcedureInFull
from shared.contracts.audit import ProcessImported
from shared.contracts.budget import Accrued, Committed, Held, Paid, Refused, Reserved
from shared.contracts.contract import Signed
from shared.contracts.event import Organisation
from shared.contracts.fields import Amount
from shared.contracts.inspection import Assigned, PeriodGraded, Reported
from shared.contracts.tender import (
    BidsQualified,
    Cancelled,
    FundingRequested,
    Opened,
    Planned,
    PricesOpened,
    Unsuccessful,
)
from shared.contracts.tender import Published as TenderPublished


class AppropriationView(BaseModel):
    """What was granted for the budget line that the procedure draws on."""

    code: str
    title: str
    fiscal_year: int
    amount: Amount | None


class PeriodView(BaseModel):
    """One period of delivery; `amount` is what the contract says it is worth."""

    contract: str
    period: str
    start: str | None
    end: str | None
    amount: Amount | None
    report: Fact[Reported] | None
    grade: Fact[PeriodGraded] | None
    accrued: Fact[Accrued] | None
    paid: list[Fact[Paid]]
    held: list[Fact[Held]]


class ContractView(BaseModel):
    """A contract; `value` is what it is worth now, `further` are its events that nothing else here is made of."""

    contract: str
    award: str | None
    supplier: Organisation | None
    value: Amount | None
    signed: Fact[Signed] | None
    committed: Fact[Committed] | None
    assigned: Fact[Assigned] | None
    periods: list[PeriodView]
    further: list[EventView]


class QuestionView(BaseModel):
    """A question about the tender; of several answers the last one counts."""

    question: str
    asked: EventView | None
    answers: list[EventView]


class CourseView(BaseModel):
    plan: Fact[Planned] | None
    funding: Fact[FundingRequested] | None
    reserved: Fact[Reserved] | None
    refused: Fact[Refused] | None
    published: Fact[TenderPublished] | None
    amended: list[EventView]
    questions: list[QuestionView]
    opened: Fact[Opened] | None
    qualified: Fact[BidsQualified] | None
    prices_opened: Fact[PricesOpened] | None
    unsuccessful: Fact[Unsuccessful] | None
    cancelled: Fact[Cancelled] | None
    imported: Fact[ProcessImported] | None
    publicities: list[PublicityView]
    panel: PanelView | None
    challenges: list[ChallengeView]
    frameworks: list[FrameworkView]
    lots: list[LotView]
    contracts: list[ContractView]


class ProcedureDetail(ProcedureView):
    appropriation: AppropriationView | None
    course: CourseView


def procedure_detail(found: ProcedureInFull, links: Links) -> ProcedureDetail:
    return ProcedureDetail(
        **procedure_fields(found.summary, links),
        appropriation=_appropriation(found.appropriation) if found.appropriation else None,
        course=_course(found.course, links),
    )


def _course(course: domain.Course, links: Links) -> CourseView:
    return CourseView(
        plan=fact(Planned, course.plan, links),
        funding=fact(FundingRequested, course.funding, links),
        reserved=fact(Reserved, course.reserved, links),
        refused=fact(Refused, course.refused, links),
        published=fact(TenderPublished, course.published, links),
        questions=[_question(question, course, links) for question in course.questions],
        amended=[event_view(entry, course, links) for entry in course.amended],
        opened=fact(Opened, course.opened, links),
        qualified=fact(BidsQualified, course.qualified, links),
        prices_opened=fact(PricesOpened, course.prices_opened, links),
        unsuccessful=fact(Unsuccessful, course.unsuccessful, links),
        cancelled=fact(Cancelled, course.cancelled, links),
        imported=fact(ProcessImported, course.imported, links),
        publicities=[publicity_view(one, links) for one in course.publicities],
        panel=panel_view(course.panel, links) if course.panel else None,
        challenges=[challenge_view(one, links) for one in course.challenges],
        frameworks=[framework_view(one, links) for one in course.frameworks],
        lots=[lot_view(lot, links) for lot in course.lots],
        contracts=[_contract(contract, course, links) for contract in course.contracts],
    )


def _question(question: Question, course: domain.Course, links: Links) -> QuestionView:
    return QuestionView(
        question=question.id,
        asked=event_view(question.asked, course, links) if question.asked else None,
        answers=[event_view(entry, course, links) for entry in question.answers],
    )


def _contract(contract: Contract, course: domain.Course, links: Links) -> ContractView:
    return ContractView(
        contract=contract.id,
        award=contract.award,
        supplier=Organisation.model_validate(contract.supplier) if contract.supplier else None,
        value=amount(contract.agreed.data["value"]) if contract.agreed else None,
        signed=fact(Signed, contract.signed, links),
        committed=fact(Committed, contract.committed, links),
        assigned=fact(Assigned, contract.assigned, links),
        periods=[_period(period, links) for period in contract.periods],
        further=[event_view(entry, course, links) for entry in contract.further],
    )


def _period(period: Period, links: Links) -> PeriodView:
    milestone = period.milestone or {}
    return PeriodView(
        contract=period.contract,
        period=period.period,
        start=milestone.get("start"),
        end=milestone.get("end"),
        amount=milestone.get("amount"),
        report=fact(Reported, period.report, links),
        grade=fact(PeriodGraded, period.grade, links),
        accrued=fact(Accrued, period.accrued, links),
        paid=[made(Paid, entry, links) for entry in period.paid],
        held=[made(Held, entry, links) for entry in period.held],
    )


def _appropriation(found: Appropriation) -> AppropriationView:
    return AppropriationView.model_validate(found, from_attributes=True)
