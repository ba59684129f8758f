"""JSON text into values that lose nothing: decimals stay decimals, and what JSON does not allow is refused."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from onebox.ocds.document import Problem

# Far above anything published, far below where recursion over a value becomes dangerous.
NESTING_LIMIT = 100

DUPLICATE_KEY = Problem("duplicate-key", "An object has the same key twice; the last value is taken.")
INVALID = Problem("invalid-json", "This is not valid JSON.")
NUMBER_TOO_LARGE = Problem("number-too-large", "A number is too large to be kept.")
TOO_LARGE = Problem("document-too-large", "The JSON value is larger than 32 MiB.")
TOO_DEEP = Problem("nested-too-deeply", f"The JSON value is nested more than {NESTING_LIMIT} levels deep.")

_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotReadable(Exception):  # noqa: N818 - says what is true of the text
    """A text that is not JSON, or not JSON that can be kept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def decode(content: bytes) -> Iterator[tuple[object, tuple[Problem, ...]]]:
    """Decode the JSON values that follow one another in a text, each with what is noted about it.

    Raises:
        NotReadable: after the values that could be read.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise NotReadable(Problem("invalid-utf-8", "The text is not UTF-8.")) from error
    at = _after_blank(text, 0)
    while at < len(text):
        value, at, repeated = _value(text, at)
        yield value, (DUPLICATE_KEY,) if repeated else ()
        at = _after_blank(text, at)


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> tuple[object, int, bool]:
    repeated = False

    def an_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        members = dict(pairs)
        repeated = repeated or len(members) < len(pairs)
        return members

    decoder = json.JSONDecoder(object_pairs_hook=an_object, parse_float=Decimal, parse_constant=_refuse_constant)
    try:
        value, end = decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise NotReadable(INVALID) from error
    except RecursionError as error:
        raise NotReadable(TOO_DEEP) from error
    except (ValueError, ArithmeticError) as error:  # an integer or an exponent of thousands of digits
        raise NotReadable(NUMBER_TOO_LARGE) from error
    if _nesting(value) > NESTING_LIMIT:
        raise NotReadable(TOO_DEEP)
    if _ESCAPED_SURROGATE.search(text, at, end) and not _is_unicode(value):
        raise NotReadable(Problem("invalid-unicode", "A string has half of a surrogate pair."))
    return value, end, repeated


def _refuse_constant(_: str) -> NoReturn:
    raise NotReadable(Problem("not-a-number", "NaN and Infinity are not JSON."))


def _nesting(value: object) -> int:
    deepest = 0
    waiting = [(value, 1)]
    while waiting:
        container, depth = waiting.pop()
        if isinstance(container, dict):
            members: Any = container.values()
        elif isinstance(container, list):
            members = container
        else:
            continue
        deepest = max(deepest, depth)
        waiting.extend((member, depth + 1) for member in members if isinstance(member, (dict, list)))
    return deepest


def _is_unicode(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True
