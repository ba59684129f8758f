"""The course of a procedure over the wire: each part has the form of the event it is made of."""

from pydantic import BaseModel

from portal.api.links import Links
from portal.api.schemas import Fact, ProcedureView, Published, procedure_fields
from portal.domain import course as domain
from portal.domain.entry import Entry
from portal.usecases.queries import Appropriation, ProcedureInFull
from shared.contracts.audit import ProcessImported
from shared.contracts.award import Confirmed, Proposed
from shared.contracts.budget import Accrued, Committed, Held, Paid, Refused, Reserved
from shared.contracts.contract import Changed, Signed, Terminated, TerminationNotified
from shared.contracts.fields import Amount
from shared.contracts.inspection import Assigned, PeriodGraded, Reported
from shared.contracts.tender import Cancelled, FundingRequested, Opened, Planned, Unsuccessful
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


class CourseView(BaseModel):
    plan: Fact[Planned] | None
    funding: Fact[FundingRequested] | None
    reserved: Fact[Reserved] | None
    refused: Fact[Refused] | None
    published: Fact[TenderPublished] | None
    opened: Fact[Opened] | None
    unsuccessful: Fact[Unsuccessful] | None
    cancelled: Fact[Cancelled] | None
    proposed: Fact[Proposed] | None
    confirmed: Fact[Confirmed] | None
    signed: Fact[Signed] | None
    changes: list[Fact[Changed]]
    ending: Fact[TerminationNotified] | None
    terminated: Fact[Terminated] | None
    committed: Fact[Committed] | None
    assigned: Fact[Assigned] | None
    imported: Fact[ProcessImported] | None
    periods: list[PeriodView]


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
        plan=_fact(Planned, course.plan, links),
        funding=_fact(FundingRequested, course.funding, links),
        reserved=_fact(Reserved, course.reserved, links),
        refused=_fact(Refused, course.refused, links),
        published=_fact(TenderPublished, course.published, links),
        opened=_fact(Opened, course.opened, links),
        unsuccessful=_fact(Unsuccessful, course.unsuccessful, links),
        cancelled=_fact(Cancelled, course.cancelled, links),
        proposed=_fact(Proposed, course.proposed, links),
        confirmed=_fact(Confirmed, course.confirmed, links),
        signed=_fact(Signed, course.signed, links),
        changes=[_made(Changed, entry, links) for entry in course.changes],
        ending=_fact(TerminationNotified, course.ending, links),
        terminated=_fact(Terminated, course.terminated, links),
        committed=_fact(Committed, course.committed, links),
        assigned=_fact(Assigned, course.assigned, links),
        imported=_fact(ProcessImported, course.imported, links),
        periods=[_period(period, links) for period in course.periods],
    )


def _period(period: domain.Period, links: Links) -> PeriodView:
    milestone = period.milestone or {}
    return PeriodView(
        contract=period.contract,
        period=period.period,
        start=milestone.get("start"),
        end=milestone.get("end"),
        amount=milestone.get("amount"),
        report=_fact(Reported, period.report, links),
        grade=_fact(PeriodGraded, period.grade, links),
        accrued=_fact(Accrued, period.accrued, links),
        paid=[_made(Paid, entry, links) for entry in period.paid],
        held=[_made(Held, entry, links) for entry in period.held],
    )


def _fact(kind: type[Published], entry: Entry | None, links: Links) -> Fact[Published] | None:
    return _made(kind, entry, links) if entry else None


def _made(kind: type[Published], entry: Entry, links: Links) -> Fact[Published]:
    return Fact[kind](  # type: ignore[valid-type]  # the class is known only here
        event=entry.id,
        source=entry.source,
        time=entry.time,
        link=links.event(entry),
        data=kind.model_validate(entry.data),
    )


def _appropriation(found: Appropriation) -> AppropriationView:
    return AppropriationView.model_validate(found, from_attributes=True)
