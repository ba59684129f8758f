"""What the routes get from the composition root."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from shared.platform.objects import Objects
from shared.platform.reading import Now
from shared.rules.pack import RulePack, pack_in_force
from tender.api.receipts import ReceiptSigner
from tender.domain.catalogue import Catalogues
from tender.domain.seal import Salts


async def _catalogues(request: Request) -> Catalogues:
    catalogues: Catalogues = request.app.state.catalogues
    return catalogues


async def _receipts(request: Request) -> ReceiptSigner:
    receipts: ReceiptSigner = request.app.state.receipts
    return receipts


async def _files(request: Request) -> Objects:
    files: Objects = request.app.state.objects
    return files


async def _prefix(request: Request) -> str:
    prefix: str = request.app.state.ocid_prefix
    return prefix


async def _make_secret(request: Request) -> Callable[[], bytes]:
    make: Callable[[], bytes] = request.app.state.make_secret
    return make


MakeSecret = Annotated[Callable[[], bytes], Depends(_make_secret)]


async def _default_pack(request: Request) -> str:
    pack: str = request.app.state.pack
    return pack


DefaultPack = Annotated[str, Depends(_default_pack)]


async def _pack(default: DefaultPack, now: Now) -> RulePack:
    """Return the pack that plans started now are held to if they name none."""
    return pack_in_force(default, now.date())


async def _salts(make: MakeSecret) -> Salts:
    """Make the salts of one bid, at the edge: its digests are a pure function of them."""
    return Salts(financial=make().hex(), technical=make().hex())


CurrentCatalogues = Annotated[Catalogues, Depends(_catalogues)]
Receipts = Annotated[ReceiptSigner, Depends(_receipts)]
Files = Annotated[Objects, Depends(_files)]
OcidPrefix = Annotated[str, Depends(_prefix)]
CurrentPack = Annotated[RulePack, Depends(_pack)]
FreshSalts = Annotated[Salts, Depends(_salts)]
