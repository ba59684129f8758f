"""Verifiable random selection: an order that anybody can work out again from public values.

Source: draft-thomson-elegy-vrs, ordering by HKDF (RFC 5869) with SHA-256, codes from a one-time-code chain.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from shared.kernel.errors import Invalid

METHOD = "vrs"
CODES = 64
"""Draws that one commitment is good for."""


def commitment(secret: bytes, length: int) -> bytes:
    """Return what is published before the randomness is known: the end of the secret's chain of codes."""
    return chain(secret, length)


def reveal(secret: bytes, length: int, iteration: int) -> bytes:
    """Return the code that one draw reveals; the first draw reveals the last but the commitment, each other one more.

    Raises:
        Invalid: codes-used-up, unless 1 <= iteration <= length.
    """
    if not 1 <= iteration <= length:
        raise Invalid("codes-used-up", "The commitment has no code for so many draws.")
    return chain(secret, length - iteration)


def open_secret(subject: str) -> bytes:
    """Return the secret of a draw that keeps none: anybody can work its codes out, and the beacon alone decides."""
    return hashlib.sha256(subject.encode()).digest()


def opens(commitment: bytes, code: bytes, iteration: int) -> bool:
    """Tell whether a code is the one that a commitment was made to for that draw."""
    return iteration >= 1 and hmac.compare_digest(chain(code, iteration), commitment)


def chain(value: bytes, times: int) -> bytes:
    """Hash a value so many times over with SHA-256."""
    for _ in range(times):
        value = hashlib.sha256(value).digest()
    return value


def order(code: bytes, randomness: bytes, labels: Iterable[str]) -> Sequence[str]:
    """Order labels by the position that code and randomness give each; one label never moves the others."""
    return sorted(labels, key=lambda label: position(code, randomness, label))


def position(code: bytes, randomness: bytes, label: str) -> bytes:
    """Return a label's 32-byte position."""
    secret = hmac.new(code, randomness, hashlib.sha256).digest()
    return hmac.new(secret, label.encode() + b"\x01", hashlib.sha256).digest()
