"""What the evaluation's routes get from outside."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path

from shared.contracts.fields import OrganisationId
from shared.kernel.ids import new_secret
from shared.platform.paging import Cursor, read_cursor
from shared.platform.problems import EdgeProblem


async def draw_seed() -> bytes:
    """Make the randomness of one draw, at the edge: the draw itself is a pure function of it."""
    return new_secret()


async def after_id(cursor: Cursor = None) -> UUID | None:
    """Read the cursor of a list that is ordered by id."""
    if cursor is None:
        return None
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise EdgeProblem(422, "cursor-malformed", "A cursor is the `next` of the page before, unchanged.") from error


Seed = Annotated[bytes, Depends(draw_seed)]
AfterId = Annotated[UUID | None, Depends(after_id)]
OrganisationPath = Annotated[OrganisationId, Path(description="The organisation's id, as its tokens carry it.")]
ContractPath = Annotated[UUID, Path(description="The contract's id.")]
