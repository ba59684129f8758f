"""The instant that a question is about."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from shared.contracts.fields import Moment
from shared.kernel.errors import Invalid
from shared.platform.reading import Now

_At = Annotated[Moment | None, Query(description="The instant that is asked about; without one, the present.")]


async def _past(now: Now, at: _At = None) -> datetime | None:
    if at is not None and at > now:
        raise Invalid("at-in-future", "What will be known is not known yet.", pointer="/query/at")
    return at


PastInstant = Annotated[datetime | None, Depends(_past)]


async def _instant(now: Now, at: PastInstant) -> datetime:
    return at or now


At = Annotated[datetime, Depends(_instant)]
