"""What waits for too long."""

from fastapi import APIRouter

from evaluation.usecases import queries
from shared.platform.access import public
from shared.platform.operations import OverdueItem
from shared.platform.reading import Now, Reading

router = APIRouter(tags=["operations"])


@router.get("/v1/overdue", dependencies=[public()])
async def list_overdue(connection: Reading, now: Now) -> list[OverdueItem]:
    """List what has waited longer than its term."""
    return [OverdueItem.model_validate(item) for item in await queries.overdue(connection, now)]
