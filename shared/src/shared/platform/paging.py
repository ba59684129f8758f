"""Lists in pages, by cursor: the place of the last item, opaque to the client."""

import base64
import binascii
from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from shared.platform.problems import EdgeProblem

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=200, description="How many items at the most.")]
Cursor = Annotated[str | None, Query(max_length=400, description="The `next` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """A part of a list; `next` is null on the last page."""

    items: list[Item]
    next: str | None


def page(read: Iterable[Item], limit: int, by: str = "id") -> Page[Item]:
    """Make a page of up to one item more than it has room for; `by` names what the list goes on after."""
    items = list(read)
    shown = items[:limit]
    return Page(items=shown, next=write_cursor(str(getattr(shown[-1], by))) if len(items) > limit else None)


def write_cursor(*place: str) -> str:
    """Hide the place of the last item in a cursor."""
    return base64.urlsafe_b64encode("\x1f".join(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str, parts: int) -> tuple[str, ...]:
    """Find the place a cursor names.

    Raises:
        EdgeProblem: 422 cursor-malformed.
    """
    try:
        place = tuple(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode().split("\x1f")
        )
    except (ValueError, binascii.Error):
        place = ()
    if len(place) != parts or any("\x00" in part for part in place):
        raise cursor_malformed()
    return place


def read_name(cursor: str | None) -> str | None:
    """Find the item a cursor names by its name.

    Raises:
        EdgeProblem: 422 cursor-malformed.
    """
    return read_cursor(cursor, 1)[0] if cursor else None


def read_identifier(cursor: str | None) -> UUID | None:
    """Find the item a cursor names by its id.

    Raises:
        EdgeProblem: 422 cursor-malformed.
    """
    if cursor is None:
        return None
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise cursor_malformed() from error


def cursor_malformed() -> EdgeProblem:
    """Refuse a cursor that is not the `next` of a page."""
    return EdgeProblem(422, "cursor-malformed", "A cursor is the `next` of the page before, unchanged.")


async def _after_id(cursor: Cursor = None) -> UUID | None:
    return read_identifier(cursor)


AfterId = Annotated[UUID | None, Depends(_after_id)]
