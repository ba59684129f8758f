"""The portal's API: the JSON twins of its pages."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from portal.api.caching import CachedRoute
from portal.api.course_schemas import ProcedureDetail, procedure_detail
from portal.api.links import links_of
from portal.api.schemas import (
    EventView,
    ProcedureView,
    ProviderDetail,
    ProviderView,
    event_view,
    procedure_view,
    provider_detail,
    provider_view,
)
from portal.domain.procedure import Procedure, State
from portal.domain.search import Place, Search
from portal.usecases import queries
from shared.contracts.fields import OrganisationId
from shared.platform.access import public
from shared.platform.operations import OverdueItem
from shared.platform.paging import Cursor, Limit, Page, cursor_malformed, page, read_cursor, read_name, write_cursor
from shared.platform.reading import Reading

router = APIRouter(route_class=CachedRoute)

_PUBLISHERS = ("own", "external")
_WITHOUT_NUL = r"^[^\x00]*$"
OcidPath = Annotated[str, Path(min_length=1, max_length=200, pattern=_WITHOUT_NUL, description="Percent-encoded.")]
OrganisationPath = Annotated[OrganisationId, Path()]
Text = Annotated[str | None, Query(max_length=200, pattern=_WITHOUT_NUL)]


@router.get("/v1/procedures", dependencies=[public()], tags=["procedures"])
async def list_procedures(
    request: Request,
    connection: Reading,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: State | None = None,
    buyer: Annotated[Text, Query(description="The buyer's id.")] = None,
    q: Annotated[Text, Query(description="Only titles that contain this text, in any case of letters.")] = None,
    external: Annotated[bool | None, Query(description="Only processes of other publishers, or only our own.")] = None,
    sandbox: Annotated[bool | None, Query(description="Only what did not happen in earnest, or only what did.")] = None,
) -> Page[ProcedureView]:
    """List procedures: our own first, and of those the one with the newest event."""
    search = Search(state=state, buyer=buyer, title_contains=q, external=external, sandbox=sandbox)
    found = await queries.procedures(connection, search, read_place(cursor), limit + 1)
    items = [procedure_view(procedure, links_of(request)) for procedure in found[:limit]]
    return Page(items=items, next=write_place(found[limit - 1]) if len(found) > limit else None)


@router.get("/v1/procedures/{ocid:path}/events", dependencies=[public()], tags=["procedures"])
async def list_procedure_events(request: Request, connection: Reading, ocid: OcidPath) -> list[EventView]:
    """List the events that a procedure is made of, in the order of time."""
    found = await queries.procedure_in_full(connection, ocid)
    return [event_view(entry, found.course, links_of(request)) for entry in found.course.entries]


@router.get("/v1/procedures/{ocid:path}", dependencies=[public()], tags=["procedures"])
async def show_procedure(request: Request, connection: Reading, ocid: OcidPath) -> ProcedureDetail:
    """Show a procedure; each part of its course is the data of the event that made it."""
    return procedure_detail(await queries.procedure_in_full(connection, ocid), links_of(request))


@router.get("/v1/providers", dependencies=[public()], tags=["providers"])
async def list_providers(connection: Reading, cursor: Cursor = None, limit: Limit = 50) -> Page[ProviderView]:
    """List providers."""
    found = await queries.providers(connection, read_name(cursor), limit + 1)
    return page(map(provider_view, found), limit, by="organisation")


@router.get("/v1/providers/{organisation}", dependencies=[public()], tags=["providers"])
async def show_provider(request: Request, connection: Reading, organisation: OrganisationPath) -> ProviderDetail:
    """Show a provider, its track record and the procedures it won."""
    return provider_detail(await queries.provider_in_full(connection, organisation), links_of(request))


@router.get("/v1/overdue", dependencies=[public()], tags=["operations"])
async def list_overdue() -> list[OverdueItem]:
    """List what has waited longer than its term: nothing, as the portal waits for nobody."""
    return []


def read_place(cursor: str | None) -> Place | None:
    """Find the place in the list of procedures that a cursor names.

    Raises:
        EdgeProblem: 422 cursor-malformed.
    """
    if not cursor:
        return None
    external, instant, ocid = read_cursor(cursor, 3)
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or external not in _PUBLISHERS:
        raise cursor_malformed()
    return Place(external == _PUBLISHERS[1], at, ocid)


def write_place(procedure: Procedure) -> str:
    """Write the place of a procedure in the list as a cursor."""
    return write_cursor(_PUBLISHERS[procedure.external], procedure.last_event_at.isoformat(), procedure.ocid)
