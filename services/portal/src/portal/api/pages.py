"""The portal's pages for people."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse

from portal.api.bars import in_words, money_bars
from portal.api.caching import PAGE, CachedRoute
from portal.api.links import links_of
from portal.api.rendering import render
from portal.api.routes import OcidPath, OrganisationPath, Text, read_place, write_place
from portal.domain.procedure import State
from portal.domain.search import Search
from portal.usecases import queries
from shared.kernel.errors import NotFound
from shared.platform.paging import Cursor, read_name, write_cursor
from shared.platform.reading import Reading

router = APIRouter(route_class=CachedRoute)

_A_PAGE = 50
_PUBLISHERS = {"": None, "own": False, "external": True}


@router.api_route("/", **PAGE)
async def procedures_page(
    request: Request,
    connection: Reading,
    state: State | Literal[""] = "",
    publisher: Literal["", "own", "external"] = "",
    buyer: Text = None,
    q: Text = None,
    cursor: Cursor = None,
) -> HTMLResponse:
    asked = {"state": str(state), "publisher": publisher, "buyer": buyer or "", "q": (q or "").strip()}
    everywhere = Search(
        buyer=asked["buyer"] or None, title_contains=asked["q"] or None, external=_PUBLISHERS[publisher]
    )
    search = Search(
        state=State(state) if state else None,
        buyer=everywhere.buyer,
        title_contains=everywhere.title_contains,
        external=everywhere.external,
    )
    found = await queries.procedures(connection, search, read_place(cursor), _A_PAGE + 1)
    kept = {name: value for name, value in asked.items() if value}
    following = write_place(found[_A_PAGE - 1]) if len(found) > _A_PAGE else None
    links = links_of(request)
    return render(
        request,
        "procedures.html",
        procedures=[(procedure, links.attribution(procedure)) for procedure in found[:_A_PAGE]],
        counts=await queries.counts(connection, everywhere),
        states=list(State),
        asked=asked,
        first_page="?" + urlencode(kept) if cursor else None,
        next_page="?" + urlencode({**kept, "cursor": following}) if following else None,
    )


@router.api_route("/procedures/{ocid:path}", **PAGE)
async def procedure_page(request: Request, connection: Reading, ocid: OcidPath) -> HTMLResponse:
    found = await queries.procedure_in_full(connection, ocid)
    bars = money_bars(found.summary.amounts, found.appropriation)
    links = links_of(request)
    return render(
        request,
        "procedure.html",
        procedure=found.summary,
        course=found.course,
        appropriation=found.appropriation,
        entries=found.course.entries,
        bars=bars,
        bars_in_words=in_words(bars),
        links=links,
        attribution=links.attribution(found.summary),
    )


@router.api_route("/providers", **PAGE)
async def providers_page(request: Request, connection: Reading, cursor: Cursor = None) -> HTMLResponse:
    found = await queries.providers(connection, read_name(cursor), _A_PAGE + 1)
    following = write_cursor(found[_A_PAGE - 1].organisation) if len(found) > _A_PAGE else None
    return render(
        request,
        "providers.html",
        providers=found[:_A_PAGE],
        first_page="/providers" if cursor else None,
        next_page="?" + urlencode({"cursor": following}) if following else None,
    )


@router.api_route("/providers/{organisation}", **PAGE)
async def provider_page(request: Request, connection: Reading, organisation: OrganisationPath) -> HTMLResponse:
    found = await queries.provider_in_full(connection, organisation)
    return render(request, "provider.html", found=found, entries=found.entries, links=links_of(request))


@router.api_route("/events/{source}/{event_id}", **PAGE)
async def event_page(
    request: Request, connection: Reading, source: Annotated[str, Path(pattern=r"^[a-z-]{1,80}$")], event_id: UUID
) -> HTMLResponse:
    entry = await queries.event(connection, source, event_id)
    return render(request, "event.html", entry=entry, links=links_of(request))


@router.api_route("/static/{name}", **{**PAGE, "response_class": Response})
async def static_file(name: Annotated[str, Path(pattern=r"^[a-z.-]{1,80}$")]) -> Response:
    if name != "style.css":
        raise NotFound("not-found", "There is no such file.")
    return Response(_style_sheet(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@cache
def _style_sheet() -> bytes:
    return files("portal.api").joinpath("static", "style.css").read_bytes()
