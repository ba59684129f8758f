"""What the routes get from the composition root."""

from typing import Annotated

from fastapi import Depends, Request

from shared.platform.reading import Now
from shared.rules.pack import RulePack, pack_in_force


async def _pack(request: Request, now: Now) -> RulePack:
    """Return the version of the registry's rule pack that is in force."""
    return pack_in_force(request.app.state.pack, now.date())


CurrentPack = Annotated[RulePack, Depends(_pack)]
