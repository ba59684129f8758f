"""What may be outsourced: the catalogue and the negative list."""

from fastapi import APIRouter

from shared.platform.access import public
from tender.api.deps import CurrentCatalogue
from tender.api.schemas import CatalogueView

router = APIRouter(tags=["rules"])


@router.get("/v1/catalogue", dependencies=[public()])
async def show_catalogue(catalogue: CurrentCatalogue) -> CatalogueView:
    """Show what may be outsourced, and what may not."""
    return CatalogueView.model_validate(catalogue)
