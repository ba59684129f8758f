"""Draws as they were published, and whether they come out the same when they are drawn again.

Shape: a record is plain JSON: `closings`, `draws` and `substitutions`, lists of objects as their events tell them; only
`draws` has to be there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.kernel import draw
from shared.kernel.beacon import drand, drand_randomness, drand_signed, records_randomness
from shared.kernel.errors import DomainError

_LARGEST_ITERATION = 10_000
_FIXED = ("method", "pool", "commitment", "iteration", "beacon", "places", "closed_at")


class UnusableRecordError(ValueError):
    """The document is no record of draws."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and whether it is as published.

    Units: draw counts from 1.
    """

    draw: int
    what: str
    kept: bool


def verify(record: Any, beacons: Sequence[Mapping[str, Any]] = ()) -> tuple[Finding, ...]:
    """Draw everything in a record again; beacons are rounds as somebody else published them.

    Raises:
        UnusableRecordError: if it is no such record.
    """
    try:
        return tuple(_findings(record, beacons))
    except (AttributeError, DomainError, LookupError, TypeError, ValueError) as error:
        raise UnusableRecordError(type(error).__name__) from error


def _findings(record: Any, beacons: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    draws, closings = list(record["draws"]), list(record.get("closings", ()))
    substitutions = list(record.get("substitutions", ()))
    if not draws:
        raise UnusableRecordError("no draw")
    for number, drawn in enumerate(draws, 1):
        if drawn["method"] != draw.METHOD:
            raise UnusableRecordError("method")
        if number <= len(closings):
            same = all(closings[number - 1][name] == drawn[name] for name in _FIXED)
            yield Finding(number, "pool, commitment and beacon are those fixed before", same)
        yield from _drawn_again(number, drawn, beacons)
        changes = [change for change in substitutions if change["iteration"] == drawn["iteration"]]
        yield from _substituted(number, drawn, changes)
    commitments = {drawn["commitment"] for drawn in draws}
    in_turn = [drawn["iteration"] for drawn in draws] == list(range(1, len(draws) + 1))
    yield Finding(len(draws), "every draw reveals the next code of one commitment", len(commitments) == 1 and in_turn)


def _drawn_again(number: int, drawn: Mapping[str, Any], beacons: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    pool, order = list(drawn["pool"]), list(drawn["order"])
    if not 1 <= drawn["iteration"] <= _LARGEST_ITERATION:
        raise UnusableRecordError("iteration")
    code, randomness = bytes.fromhex(drawn["code"]), bytes.fromhex(drawn["randomness"])
    yield Finding(number, "nobody is in the pool twice", len(pool) == len(set(pool)))
    opened = draw.opens(bytes.fromhex(drawn["commitment"]), code, drawn["iteration"])
    yield Finding(number, "the code is the one that was committed to", opened)
    yield from _beacon(number, drawn, randomness, beacons)
    yield Finding(number, "code and randomness give the order", list(draw.order(code, randomness, pool)) == order)
    selected, skipped = list(drawn["selected"]), [entry["label"] for entry in drawn["skipped"]]
    looked_at = order[: len(selected) + len(skipped)]
    first = [label for label in looked_at if label not in skipped]
    enough = len(selected) == drawn["places"] or len(looked_at) == len(order)
    in_order = first == selected and [label for label in looked_at if label in skipped] == skipped
    last_taken = len(selected) < drawn["places"] or not looked_at or looked_at[-1] in selected
    yield Finding(number, "the first whom no rule keeps away are selected", enough and in_order and last_taken)
    named = all(entry["rule"] for entry in drawn["skipped"])
    yield Finding(number, "each who was passed over is passed over by a rule", named)


def _beacon(
    number: int, drawn: Mapping[str, Any], randomness: bytes, beacons: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    beacon = drawn["beacon"]
    at = datetime.fromisoformat(beacon["at"])
    before = datetime.fromisoformat(drawn["closed_at"]) < at
    yield Finding(number, "the pool was closed before the beacon", before)
    yield Finding(number, "nobody drew before the beacon", at <= datetime.fromisoformat(drawn["drawn_at"]))
    if beacon["source"] == "drand":
        signature = bytes.fromhex(drawn["signature"])
        known = drand(beacon["round"])
        same_round = (known.at, known.chain) == (at, beacon["chain"])
        yield Finding(number, "the beacon's instant is that of its round", same_round)
        yield Finding(number, "the randomness is that of the signature", drand_randomness(signature) == randomness)
        yield Finding(number, "drand signed the round", drand_signed(beacon["round"], signature))
        for other in beacons:
            if other["round"] == beacon["round"]:
                told = drand_randomness(bytes.fromhex(other["signature"])).hex()
                same = told == drawn["randomness"] == other.get("randomness", told)
                yield Finding(number, "the beacon itself tells the same", same)
    else:
        numbers = drawn["numbers"]
        same = len(numbers) == len(beacon["records"]) and records_randomness(numbers) == randomness
        yield Finding(number, "the randomness is the numbers of the records", same)


def _substituted(number: int, drawn: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    left = list(drawn["order"])[len(drawn["selected"]) + len(drawn["skipped"]) :]
    for change in changes:
        found = [] if change["substitute"] is None else [change["substitute"]]
        named = [*(entry["label"] for entry in change["skipped"]), *found]
        # Nobody takes the place only where the order is used up.
        next_in_order = named == left[: len(named)] and (bool(found) or len(named) == len(left))
        yield Finding(number, "whoever left is replaced by the next in the order", next_in_order)
        left = left[len(named) :]
