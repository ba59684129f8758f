"""A compiled release as it arrives: JSON text, read without loss and kept in the one form that its digest is of."""

import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, NoReturn

from evaluation.domain.external.process import ExternalProcess, external_process
from shared.kernel.canonical import canonical
from shared.kernel.errors import Invalid

# Of this length an integer still fits into 64 bits.
LONGEST_INTEGER = 19


@dataclass(frozen=True, slots=True)
class CompiledRelease:
    """A compiled release and what it says.

    Shape: content is its canonical JSON in UTF-8 (RFC 8785), and digest the SHA-256 of it, in hexadecimal.
    """

    process: ExternalProcess
    content: bytes
    digest: str


def read_release(text: str) -> CompiledRelease:
    """Read the JSON text of a compiled release.

    Raises:
        Invalid: invalid-json, duplicate-key, not-a-number, number-too-large, nested-too-deeply, invalid-unicode, or
            what external_process refuses.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_float=Decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
        process = external_process(value)
        content = canonical(value).encode()
    except json.JSONDecodeError as error:
        raise Invalid("invalid-json", "This is not valid JSON.") from error
    except ArithmeticError as error:
        raise Invalid("number-too-large", "A number is too large to be kept.") from error
    except RecursionError as error:
        raise Invalid("nested-too-deeply", "The JSON value is nested too deeply.") from error
    except UnicodeEncodeError as error:
        raise Invalid("invalid-unicode", "A string has half of a surrogate pair.") from error
    return CompiledRelease(process, content, sha256(content).hexdigest())


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Invalid("duplicate-key", "An object has the same key twice.")
    return members


def _integer(text: str) -> int | Decimal:
    # Longer ones are neither a count nor an id, but no digit of an amount may be lost.
    return int(text) if len(text) <= LONGEST_INTEGER else Decimal(text)


def _refuse_constant(_: str) -> NoReturn:
    raise Invalid("not-a-number", "NaN and Infinity are not JSON.")
