"""What the routes get from the composition root."""

from typing import Annotated

from fastapi import Depends, Request

from shared.platform.reading import Now
from shared.rules.pack import RulePack, pack_in_force
from tender.api.receipts import ReceiptSigner
from tender.domain.catalogue import Catalogue


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


async def _receipts(request: Request) -> ReceiptSigner:
    receipts: ReceiptSigner = request.app.state.receipts
    return receipts


async def _prefix(request: Request) -> str:
    prefix: str = request.app.state.ocid_prefix
    return prefix


async def _dry_run(request: Request) -> bool:
    return request.query_params.get("dry_run") == "true"


def _pack(now: Now) -> RulePack:
    """Return the pack that procedures started now are held to."""
    return pack_in_force("model", now.date())


CurrentCatalogue = Annotated[Catalogue, Depends(_catalogue)]
Receipts = Annotated[ReceiptSigner, Depends(_receipts)]
OcidPrefix = Annotated[str, Depends(_prefix)]
CurrentPack = Annotated[RulePack, Depends(_pack)]
DryRun = Annotated[bool, Depends(_dry_run)]
