"""Verifiable random selection: an order that anybody can work out again from public values.

Source: draft-thomson-elegy-vrs, ordering by HKDF (RFC 5869) with SHA-256.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence


def order(code: bytes, randomness: bytes, labels: Iterable[str]) -> Sequence[str]:
    """Order labels by the position that code and randomness give each; one label never moves the others."""
    return sorted(labels, key=lambda label: position(code, randomness, label))


def position(code: bytes, randomness: bytes, label: str) -> bytes:
    """Return a label's 32-byte position."""
    secret = hmac.new(code, randomness, hashlib.sha256).digest()
    return hmac.new(secret, label.encode() + b"\x01", hashlib.sha256).digest()
