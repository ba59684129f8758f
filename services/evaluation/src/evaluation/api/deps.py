"""What the evaluation's routes get from outside."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path

from shared.contracts.fields import OrganisationId
from shared.kernel.ids import new_secret


async def draw_seed() -> bytes:
    """Make the randomness of one draw, at the edge: the draw itself is a pure function of it."""
    return new_secret()


Seed = Annotated[bytes, Depends(draw_seed)]
OrganisationPath = Annotated[OrganisationId, Path(description="The organisation's id, as its tokens carry it.")]
ContractPath = Annotated[UUID, Path(description="The contract's id.")]
