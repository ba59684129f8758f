"""What a rule says, in words."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.platform.rule_schemas import CountingView

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?")
_CODE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_DAYS = {"D": "day", "WD": "working day"}
_INEQUALITIES = {"strict": "the bound itself does not count", "inclusive": "the bound itself counts"}


def value_words(value: Any, unit: str | None) -> str:
    """Write a rule's value; what in it is a number has the rule's unit."""
    match value:
        case bool():
            return "yes" if value else "no"
        case {"min": least, "max": most}:
            return f"{value_words(least, unit if unit == 'share' else None)} to {value_words(most, unit)}"
        case {"role": role, "never_with": others}:
            return f"{value_words(role, None)}: never with {value_words(others, None)}"
        case Mapping():
            return "; ".join(f"{value_words(name, None)}: {_within(inner, unit)}" for name, inner in value.items())
        case list():
            return ", ".join(_within(inner, unit) for inner in value)
        case _:
            return _quantity(str(value), unit) if _NUMBER.fullmatch(str(value)) else _text(str(value))


def inequality_words(inequality: str) -> str:
    """Say whether a value just at the bound is taken as within it."""
    return _INEQUALITIES[inequality]


def counting_words(counting: CountingView) -> str:
    """Say how the days of a period are counted."""
    first = "counts" if counting.first_day == "included" else "does not count"
    last = "moves to the next working day" if counting.roll == "next-working-day" else "stays where it is"
    backward = ", counted backwards" if counting.direction == "backward" else ""
    return f"The day of the event {first}{backward}; an end on a day off {last}."


def _within(value: Any, unit: str | None) -> str:
    """Write a part of a value; one that has parts itself stands in brackets."""
    words = value_words(value, unit)
    return f"({words})" if isinstance(value, Mapping) else words


def _quantity(number: str, unit: str | None) -> str:
    if unit is None:
        return number
    if unit == "share":
        return number if "/" in number else f"{(Decimal(number) * 100).normalize():f} %"
    if unit in _DAYS:
        return f"{number} {_DAYS[unit]}{'' if number == '1' else 's'}"
    return f"{number} {unit}"


def _text(text: str) -> str:
    return re.sub("[-_]", " ", text) if _CODE.fullmatch(text) else text
