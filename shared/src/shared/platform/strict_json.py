"""Reads JSON the way a ledger should: what is ambiguous is refused."""

import json
import re
from itertools import accumulate
from math import isfinite
from typing import Any

from starlette.requests import Request

from shared.platform.problems import EdgeProblem

_DEEPEST = 40
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - _STEPS.keys())
# A text that does not end goes to the end of the body, so that every byte is looked at once.
_TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


class StrictRequest(Request):
    """A request whose JSON is read once, by whoever asks first, and as parse() reads it."""

    async def json(self) -> Any:
        """Return what the body says."""
        if not hasattr(self, "_json"):
            self._json = parse(await self.body())
        return self._json


def parse(body: bytes) -> Any:
    """Read a body.

    Raises:
        EdgeProblem: 400 json-malformed, for what is not JSON, is not UTF-8, names a member twice, holds NaN or
            Infinity, a number beyond 64 bits, a NUL or half a surrogate pair, or is nested too deeply.
    """
    try:
        _bound(body)
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refuse,
            parse_int=_integer,
            parse_float=_finite,
        )
        # Half a surrogate pair is no UTF-8 and a raw NUL no JSON: both come as escapes alone.
        if b"\\u" in body:
            _check(value)
    except (ValueError, RecursionError) as error:
        raise EdgeProblem(400, "json-malformed", "The body is not unambiguous JSON in UTF-8.") from error
    return value


def _bound(body: bytes) -> None:
    # Before it is read: how deep the reader can go depends on what the process was told, and it may end the process.
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return
    brackets = _TEXTS.sub(b"", body).translate(None, _NO_BRACKETS)
    if any(depth > _DEEPEST for depth in accumulate(map(_STEPS.__getitem__, brackets))):
        raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse(_: str) -> float:
    raise ValueError


def _integer(text: str) -> int:
    # The length first: reading a number of a million digits takes long.
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError
    return number


def _check(value: Any) -> None:
    if isinstance(value, str):
        value.encode("utf-8")
        if "\x00" in value:
            raise ValueError
    elif isinstance(value, dict):
        for key, member in value.items():
            _check(key)
            _check(member)
    elif isinstance(value, list):
        for member in value:
            _check(member)
