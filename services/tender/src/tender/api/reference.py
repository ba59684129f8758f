"""What the rules are: catalogue, negative list, rule packs."""

from typing import Annotated

from fastapi import APIRouter, Path

from shared.kernel.errors import NotFound
from shared.platform.access import public
from shared.rules.pack import available_packs, load_pack, pack_document
from tender.api.deps import CurrentCatalogue
from tender.api.schemas import CatalogueView, PackView

router = APIRouter(tags=["rules"])

PackPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


@router.get("/v1/catalogue", dependencies=[public()])
async def show_catalogue(catalogue: CurrentCatalogue) -> CatalogueView:
    """Show what may be outsourced, and what may not."""
    return CatalogueView.model_validate(catalogue)


@router.get("/v1/packs", dependencies=[public()])
async def list_packs() -> list[str]:
    """List the rule packs."""
    return list(available_packs())


@router.get("/v1/packs/{pack_id}", dependencies=[public()])
async def show_pack(pack_id: PackPath) -> PackView:
    """Show a rule pack, every rule with its source."""
    if pack_id not in available_packs():
        raise NotFound("not-found", "There is no such rule pack.")
    return PackView(id=pack_id, version=load_pack(pack_id).version, document=pack_document(pack_id))
