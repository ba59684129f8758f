"""Days on which something held that somebody states."""

from datetime import date

from shared.kernel.errors import Invalid


def in_order(since: date | None, until: date | None, *, today: date, pointer: str) -> None:
    """Hold what somebody states of the past to the calendar.

    Raises:
        Invalid: date-in-future, dates-reversed.
    """
    if (since is not None and since > today) or (until is not None and until > today):
        raise Invalid(
            "date-in-future", "What is stated has begun, and an end that is stated has come.", pointer=pointer
        )
    if since is not None and until is not None and until < since:
        raise Invalid("dates-reversed", "It ends before it begins.", pointer=pointer)
