"""The evaluation's events, as the others read them."""

from collections.abc import Iterable
from datetime import datetime

from evaluation.domain import events as domain
from evaluation.domain.external.fields import Amount, Note
from evaluation.domain.external.organisations import Organisation as ExternalOrganisation
from evaluation.domain.external.process import WITHOUT_SUPPLIER
from shared.contracts import audit
from shared.contracts import inspection as contract
from shared.contracts.event import EventData, Organisation
from shared.kernel.events import DomainEvent


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    match event:
        case domain.SupervisorAccredited():
            return contract.SupervisorAccredited(
                supervisor=event.supervisor,
                name=event.name,
                inspection_body_type=event.inspection_body_type,
                valid_until=event.valid_until,
            )
        case domain.ConflictDeclared():
            return contract.ConflictDeclared(supervisor=event.supervisor, organisation=event.organisation)
        case domain.ProcessImported():
            return _imported(event)
    return _of_a_file(event)


def _of_a_file(event: DomainEvent) -> EventData:
    match event:
        case domain.SupervisorAssigned():
            return _assigned(event)
        case domain.InspectionReported():
            return _reported(event)
        case domain.PeriodGraded():
            return contract.PeriodGraded(
                ocid=event.ocid,
                contract=event.aggregate,
                period=event.period,
                provider=event.provider,
                score=event.score,
                grade=event.grade,
                derivation=tuple(dict(step) for step in event.derivation),
                kpis=tuple(contract.Measurement(kpi=kpi.id, value=kpi.observed) for kpi in event.kpis),
            )
        case domain.SupervisionClosed():
            return contract.Closed(ocid=event.ocid, contract=event.aggregate, not_accepted=event.not_accepted)
    raise TypeError(type(event).__name__)


def _assigned(event: domain.SupervisorAssigned) -> contract.Assigned:
    draw = event.draw
    return contract.Assigned(
        ocid=event.ocid,
        contract=event.aggregate,
        supervisor=Organisation(id=event.supervisor.id, name=event.supervisor.name),
        pool=draw.pool,
        order=draw.order,
        skipped=tuple(contract.SkippedSupervisor(supervisor=skip.supervisor, rule=skip.rule) for skip in draw.skipped),
        seed=draw.seed,
        method=draw.method,
        report_due=event.report_due,
    )


def _reported(event: domain.InspectionReported) -> contract.Reported:
    return contract.Reported(
        ocid=event.ocid,
        contract=event.aggregate,
        period=event.period,
        inspection=event.inspection,
        supervisor=event.supervisor,
        visited_on=event.visited_on,
        kpis=tuple(
            contract.Kpi(id=kpi.id, title=kpi.title, direction=kpi.direction, target=kpi.target, observed=kpi.observed)
            for kpi in event.kpis
        ),
        findings=tuple(contract.Finding(severity=item.severity, text=item.text) for item in event.findings),
        acceptance_due=event.acceptance_due,
    )


def _imported(event: domain.ProcessImported) -> audit.ProcessImported:
    process = event.process
    awards = [award for award in process.awards if award.status not in WITHOUT_SUPPLIER]
    contracts = [one for one in process.contracts if one.status != "cancelled"]
    return audit.ProcessImported(
        ocid=process.ocid,
        title=process.title,
        status=process.status,
        buyer=_party(process.buyer) if process.buyer else None,
        procurement_method=process.procurement_method,
        category=process.category,
        estimate=_amount(process.estimate) if process.estimate else None,
        awards=_amounts(award.value for award in awards),
        contracts=_amounts(one.value for one in contracts),
        suppliers=tuple(_party(supplier) for supplier in process.suppliers),
        published=process.published_at,
        closes=process.tender_period_end,
        awarded=_first(award.awarded_at for award in awards),
        signed=_first(one.signed_at for one in contracts),
        bids=process.bids,
        release=event.release,
        originals=event.originals,
        notes=(*event.remarks, *map(_note, process.notes)),
    )


def _note(note: Note) -> str:
    return f"{note.path}: {note.detail}" if note.path else note.detail


def _party(organisation: ExternalOrganisation) -> audit.ExternalParty:
    return audit.ExternalParty(id=organisation.id, name=organisation.name)


def _amounts(found: Iterable[Amount | None]) -> tuple[audit.PublishedAmount, ...]:
    return tuple(_amount(value) for value in found if value is not None)


def _amount(value: Amount) -> audit.PublishedAmount:
    return audit.PublishedAmount(amount=value.amount, currency=value.currency)


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
