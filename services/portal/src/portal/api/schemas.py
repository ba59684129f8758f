"""What goes over the wire."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from portal.api.links import Links, event_page, procedure_page
from portal.api.sentences import sentence
from portal.domain.course import Course
from portal.domain.entry import Entry
from portal.domain.procedure import Amounts, Party, Procedure, State
from portal.domain.provider import Provider, Record, Status
from portal.usecases.queries import ProviderInFull
from shared.contracts.fields import Amount, DecimalText, Instant


class PartyView(BaseModel):
    id: str | None
    name: str | None


class AmountsView(BaseModel):
    """Sums to date; null where there is none, or where they are in several currencies."""

    estimate: Amount | None
    reserved: Amount | None
    awarded: Amount | None
    contracted: Amount | None
    committed: Amount | None
    accrued: Amount | None
    paid: Amount | None
    held: Amount | None


class GradeView(BaseModel):
    period: str
    score: DecimalText
    grade: str
    contract: str | None


class LinksView(BaseModel):
    """Where else to look, from the portal's root."""

    self: str
    events: str
    page: str


class ProcedureView(BaseModel):
    """A procedure at a glance; amounts of an external one are rounded to the currency's minor unit."""

    ocid: str
    external: bool
    attribution: str | None
    sandbox: bool
    title: str | None
    state: State
    category: str | None
    buyer: PartyView | None
    suppliers: list[PartyView]
    amounts: AmountsView
    grades: list[GradeView]
    closes_at: str | None
    last_event_at: Instant
    events: int
    links: LinksView


class EventLinks(BaseModel):
    """Where the event stands in its own service, and in the portal."""

    event: str
    feed: str
    page: str


class EventView(BaseModel):
    """An event; `sentence` says what happened, for a reader."""

    id: UUID
    type: str
    time: Instant
    source: str
    position: int
    sandbox: bool
    sentence: str
    data: dict[str, Any]
    links: EventLinks


class RecordView(BaseModel):
    """A track record as the registry published it; `mean_score` is null while the provider is not rated."""

    contracts: int
    periods_graded: int
    mean_score: DecimalText | None
    latest_grade: str | None
    latest_ocid: str | None


class ProviderView(BaseModel):
    organisation: str
    sandbox: bool
    name: str | None
    legal_form: str | None
    identifier: str | None
    status: Status | None
    verified_at: str | None
    valid_until: str | None
    merged_into: str | None
    record: RecordView | None
    last_event_at: Instant


class ProviderDetail(ProviderView):
    procedures: list[ProcedureView]
    events: list[EventView]


def procedure_fields(procedure: Procedure, links: Links) -> dict[str, Any]:
    page = procedure_page(procedure.ocid)
    return {
        "ocid": procedure.ocid,
        "external": procedure.external,
        "attribution": links.attribution(procedure),
        "sandbox": procedure.sandbox,
        "title": procedure.title,
        "state": procedure.state,
        "category": procedure.category,
        "buyer": _party(procedure.buyer) if procedure.buyer else None,
        "suppliers": [_party(supplier) for supplier in procedure.suppliers],
        "amounts": _amounts(procedure.amounts),
        "grades": [GradeView.model_validate(grade, from_attributes=True) for grade in procedure.grades],
        "closes_at": procedure.closes_at,
        "last_event_at": procedure.last_event_at,
        "events": procedure.events,
        "links": LinksView(self=f"/v1{page}", events=f"/v1{page}/events", page=page),
    }


def procedure_view(procedure: Procedure, links: Links) -> ProcedureView:
    return ProcedureView(**procedure_fields(procedure, links))


def event_view(entry: Entry, course: Course | None, links: Links) -> EventView:
    return EventView(
        id=entry.id,
        type=entry.type,
        time=entry.time,
        source=entry.source,
        position=entry.position,
        sandbox=entry.sandbox,
        sentence=sentence(entry, course),
        data=dict(entry.data),
        links=EventLinks(event=links.event(entry), feed=links.feed(entry), page=event_page(entry.source, entry.id)),
    )


def provider_view(provider: Provider) -> ProviderView:
    return ProviderView(**_provider_fields(provider))


def provider_detail(found: ProviderInFull, links: Links) -> ProviderDetail:
    return ProviderDetail(
        **_provider_fields(found.provider),
        procedures=[procedure_view(procedure, links) for procedure in found.procedures],
        events=[event_view(entry, None, links) for entry in found.entries],
    )


def _provider_fields(provider: Provider) -> dict[str, Any]:
    return {
        "organisation": provider.organisation,
        "sandbox": provider.sandbox,
        "name": provider.name,
        "legal_form": provider.legal_form,
        "identifier": provider.identifier,
        "status": provider.status,
        "verified_at": provider.verified_at,
        "merged_into": provider.merged_into,
        "valid_until": provider.valid_until,
        "record": _record(provider.record) if provider.record else None,
        "last_event_at": provider.last_event_at,
    }


def _party(party: Party) -> PartyView:
    return PartyView(id=party.id, name=party.name)


def _amounts(amounts: Amounts) -> AmountsView:
    return AmountsView.model_validate(amounts, from_attributes=True)


def _record(record: Record) -> RecordView:
    return RecordView.model_validate(record, from_attributes=True)
