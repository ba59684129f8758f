"""Reads the JSON of a question: what is missing, not known here or of another form is refused, by its JSON Pointer."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.kernel.errors import Invalid

LONGEST_ID = 100
MOST_BIDS = 1_000

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")


def read_object(value: Any, pointer: str, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, Any]:
    """Read an object with these members and no others.

    Raises:
        Invalid: value-invalid, unknown-field, or field-missing.
    """
    if not isinstance(value, dict):
        raise Invalid("value-invalid", "Here stands a JSON object.", pointer=pointer)
    for name in value:
        if name not in (*required, *optional):
            raise Invalid("unknown-field", "This field is not known here.", pointer=below(pointer, name))
    for name in required:
        if name not in value:
            raise Invalid("field-missing", "This field is missing.", pointer=below(pointer, name))
    return value


def read_bids(value: Any) -> Sequence[Any]:
    """Read the list of bids.

    Raises:
        Invalid: value-invalid, or bids-too-many.
    """
    if not isinstance(value, list):
        raise Invalid("value-invalid", "Here stands a list of bids.", pointer="/bids")
    if len(value) > MOST_BIDS:
        raise Invalid("bids-too-many", f"At most {MOST_BIDS} bids are looked at in one go.", pointer="/bids")
    return value


def read_id(value: Any, pointer: str) -> str:
    """Read an id.

    Raises:
        Invalid: value-invalid.
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise Invalid("value-invalid", f"An id is text of 1 to {LONGEST_ID} characters.", pointer=pointer)
    return value


def read_decimal(value: Any, pointer: str) -> Decimal:
    """Read a decimal number of 15 digits and 6 decimals at the most, written as text.

    Raises:
        Invalid: number-not-text, or decimal-malformed.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        detail = "Write the number as a string, so that no digit is lost."
        raise Invalid("number-not-text", detail, pointer=pointer)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        detail = "Write a plain decimal number as a string, such as '12.50': at most 15 digits and 6 decimals."
        raise Invalid("decimal-malformed", detail, pointer=pointer)
    return Decimal(value)


def below(pointer: str, name: str) -> str:
    """Return the pointer to a member."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
