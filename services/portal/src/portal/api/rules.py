"""The rule packs for people: every rule with its value, its source, and how far that was verified."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from portal.api.caching import PAGE, CachedRoute
from portal.api.rendering import render
from shared.platform.rule_routes import Day, PackPath, pack_on
from shared.platform.rule_schemas import pack_view
from shared.rules.pack import available_packs, load_pack

router = APIRouter(route_class=CachedRoute)


@router.api_route("/rules", **PAGE)
async def packs_page(request: Request) -> HTMLResponse:
    return render(request, "rule_packs.html", packs=[pack_view(load_pack(pack_id)) for pack_id in available_packs()])


@router.api_route("/rules/{pack_id}", **PAGE)
async def pack_page(request: Request, pack_id: PackPath, on: Day = None) -> HTMLResponse:
    return render(request, "rule_pack.html", pack=pack_view(pack_on(pack_id, on)))
