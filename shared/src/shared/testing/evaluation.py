"""What of an evaluation those read who may read the whole of it."""

from collections.abc import Mapping
from typing import Any

from shared.testing.course import OFFICER, standing, tender_path
from shared.testing.town import Town, seen


async def ranking(town: Town, tender: Mapping[str, Any], lot: str) -> Any:
    """Return the whole ranking of a lot's award, as the office reads it where it is not public."""
    award = standing(await seen(town, tender_path(tender)), lot)
    if award["ranking_digest"] is None:
        return award["ranking"]
    whole = await seen(town, tender_path(tender, f"/withheld/{award['ranking_digest']}"), OFFICER)
    return whole["content"]["ranking"]
