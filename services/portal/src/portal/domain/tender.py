"""The tender as it stands: what was published, with the amendments and the deadlines that followed."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, of_type


def tender_as_it_stands(entries: Sequence[Entry]) -> Mapping[str, Any] | None:
    """Return what holds of a published tender; None until it is published.

    Shape: the data of its publication, with every field that an amendment or an answer to a question told since.
    """
    published = of_type(entries, types.PUBLISHED)
    if not published:
        return None
    standing = dict(published[-1].data)
    for entry in of_type(entries, types.AMENDED, types.QUESTION_ANSWERED):
        standing |= {field: value for field, value in entry.data.items() if field in _AMENDABLE}
    return standing


_AMENDABLE = (
    "title",
    "description",
    "value",
    "lots",
    "criteria",
    "requirements",
    "delivery",
    "closes_at",
    "payment_terms",
)
