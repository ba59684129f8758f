"""What the routes get from the composition root."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from provider_registry.api.instants import At
from shared.contracts.fields import OrganisationId, ShortText
from shared.platform.objects import Objects
from shared.platform.reading import Now
from shared.rules.pack import RulePack, pack_in_force


async def _pack(request: Request, now: Now) -> RulePack:
    """Return the version of the registry's rule pack that is in force."""
    return pack_in_force(request.app.state.pack, now.date())


CurrentPack = Annotated[RulePack, Depends(_pack)]
OrganisationPath = Annotated[OrganisationId, Path(description="The organisation's id, as its tokens carry it.")]


_Asked = Annotated[ShortText | None, Query(alias="pack", description="The rule pack; without one, the registry's.")]


async def _pack_asked(request: Request, at: At, pack: _Asked = None) -> RulePack:
    """Return the version of the pack that is asked for which is in force at the instant asked about."""
    return pack_in_force(pack or request.app.state.pack, at.date())


PackAsked = Annotated[RulePack, Depends(_pack_asked)]


async def _files(request: Request) -> Objects:
    files: Objects = request.app.state.objects
    return files


Files = Annotated[Objects, Depends(_files)]
