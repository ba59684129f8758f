"""The values that requirements ask for: one way to write each data type, as text."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

LONGEST_VALUE = 1000
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")

Value = bool | int | Decimal | date | str


class DataType(StrEnum):
    """What form an answer has."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    CODE = "code"


def read_value(data_type: DataType, text: str) -> Value | None:
    """Read a value written as true, 12, 12.50, 2026-03-02, a code, or any text; anything else is none."""
    match data_type:
        case DataType.BOOLEAN:
            return {"true": True, "false": False}.get(text)
        case DataType.INTEGER:
            return int(text) if _INTEGER.fullmatch(text) else None
        case DataType.DECIMAL:
            return Decimal(text) if _DECIMAL.fullmatch(text) else None
        case DataType.DATE:
            return _day(text)
        case DataType.CODE:
            return text if _CODE.fullmatch(text) else None
        case DataType.TEXT:
            return text if text.strip() and len(text) <= LONGEST_VALUE else None


def meets(
    data_type: DataType,
    text: str,
    *,
    expected: str | None = None,
    minimum: str | None = None,
    maximum: str | None = None,
    options: tuple[str, ...] = (),
) -> bool:
    """Tell whether a value is what was asked for; bounds are of numbers and dates and include themselves."""
    value = read_value(data_type, text)
    if value is None:
        return False
    if expected is not None and value != read_value(data_type, expected):
        return False
    if options and value not in {read_value(data_type, option) for option in options}:
        return False
    return _at_least(value, _bound(data_type, minimum)) and _at_least(_bound(data_type, maximum), value)


def _bound(data_type: DataType, text: str | None) -> Value | None:
    return None if text is None else read_value(data_type, text)


def _at_least(upper: Value | None, lower: Value | None) -> bool:
    match upper, lower:
        case (int() | Decimal(), int() | Decimal()) | (date(), date()):
            return bool(upper >= lower)  # type: ignore[operator]  # the pattern pairs what can be compared
        case _:
            return True


def _day(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
