"""The JSON that commands are given: a file, or standard input; what is ambiguous is refused, as in a request."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any


class Unreadable(Exception):  # noqa: N818 - told to a person
    """Why something cannot be read: the end of a sentence."""


def read_json(file: str, most: int) -> Any:
    """Read a file of up to so many bytes; - is standard input.

    Raises:
        Unreadable: if it does not open, or is no JSON.
    """
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as source:
            content = source.read(most + 1)
    except OSError as problem:
        raise Unreadable(problem.strerror or "it does not open") from problem
    return parsed(content, most)


def parsed(content: bytes, most: int) -> Any:
    """Read what was fetched, up to so many bytes.

    Raises:
        Unreadable: if it is longer, or no JSON.
    """
    from shared.platform import strict_json  # noqa: PLC0415 - what these import takes a second
    from shared.platform.problems import EdgeProblem  # noqa: PLC0415

    if len(content) > most:
        raise Unreadable(f"it has more than {most} bytes")
    try:
        return strict_json.parse(content)
    except EdgeProblem as problem:
        raise Unreadable("it is not unambiguous JSON in UTF-8") from problem
