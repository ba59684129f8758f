"""Public randomness that is named before anybody can know it: rounds of drand, and numbers from public records.

Source: drand quicknet; RFC 3797, section 4.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from shared.kernel.bls import signed
from shared.kernel.errors import Invalid

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
QUICKNET_KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
_QUICKNET_GENESIS = datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)
_QUICKNET_PERIOD = timedelta(seconds=3)
_LARGEST = 10**18

Kind = Literal["drand", "public-records"]


@dataclass(frozen=True, slots=True)
class Beacon:
    """Where the randomness of a draw will come from, and when it can be known at the earliest.

    Shape: chain and round for drand; records names what is looked up, in the order its numbers are written down in.
    """

    source: Kind
    at: datetime
    chain: str | None = None
    round: int | None = None
    records: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name the beacon in a line."""
        return "; ".join(self.records) if self.records else f"drand, chain {self.chain}, round {self.round}"


def drand(round_number: int) -> Beacon:
    """Name a round of drand's network quicknet.

    Raises:
        Invalid: beacon-round-unknown, unless the round is a positive number below 10^10.
    """
    if not 1 <= round_number < 10**10:
        raise Invalid("beacon-round-unknown", "Rounds of drand are numbered from 1.")
    at = _QUICKNET_GENESIS + (round_number - 1) * _QUICKNET_PERIOD
    return Beacon("drand", at, QUICKNET, round_number)


def public_records(records: Sequence[str], at: datetime) -> Beacon:
    """Name public records whose numbers nobody knows yet.

    Raises:
        Invalid: beacon-records-missing.
    """
    if not records:
        raise Invalid("beacon-records-missing", "A draw by public records names one or more.")
    return Beacon("public-records", at, records=tuple(records))


def drand_randomness(signature: bytes) -> bytes:
    """Return a round's randomness: the SHA-256 of its signature."""
    return hashlib.sha256(signature).digest()


def drand_signed(round_number: int, signature: bytes) -> bool:
    """Tell whether drand's network quicknet signed a round so; the message is the SHA-256 of its number.

    Units: the number in eight bytes, the most significant first.
    """
    return signed(QUICKNET_KEY, hashlib.sha256(round_number.to_bytes(8)).digest(), signature)


def records_randomness(sources: Sequence[Sequence[int]]) -> bytes:
    """Write the numbers of public records down in the one way that everybody writes them (RFC 3797, section 4).

    Raises:
        Invalid: record-numbers-missing, record-number-out-of-range.
    """
    return rfc3797_key(sources).encode("ascii")


def rfc3797_key(sources: Sequence[Sequence[int]]) -> str:
    """Write numbers without leading zeros, sorted within a source, each followed by a point, each source by a slash.

    Raises:
        Invalid: record-numbers-missing, record-number-out-of-range.
    """
    if not sources or not all(sources):
        raise Invalid("record-numbers-missing", "Every record has one number or more.")
    if not all(0 <= number < _LARGEST for source in sources for number in source):
        raise Invalid("record-number-out-of-range", "A record's number is whole, not negative, and below 10^18.")
    return "".join("".join(f"{number}." for number in sorted(source)) + "/" for source in sources)
