"""How a bid's content is kept from everybody until the opening; the bid API is the same for every scheme."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.kernel.errors import Invalid


class Purpose(StrEnum):
    """What a sealed envelope is read for; each kind of envelope is read for one thing alone."""

    OPENING = "opening"
    PRICE_OPENING = "price-opening"
    QUOTE = "quote"
    FINAL_QUOTE = "final-quote"


class SealScheme(Protocol):
    """One way of sealing."""

    def check(self, envelope: bytes, pointer: str) -> None:
        """Refuse an envelope that could never be opened; the pointer says which one it is.

        Raises:
            Invalid: envelope-malformed.
        """
        ...

    def unseal(self, envelope: bytes) -> bytes | None:
        """Return the content at the opening, or None where the envelope does not give it."""
        ...


class AccessSeal:
    """Scheme access/v1: the service keeps the envelope as it came and releases it at the opening only.

    It guards against everybody who comes through the API; it does not guard against whoever runs the database.
    """

    def check(self, envelope: bytes, pointer: str) -> None:
        """Refuse an empty envelope."""
        if not envelope:
            raise Invalid("envelope-malformed", "An envelope holds something.", pointer=pointer)

    def unseal(self, envelope: bytes) -> bytes | None:
        """Return the content: the envelope itself."""
        return envelope


@dataclass(frozen=True, slots=True)
class Salts:
    """What makes the digests of one bid's envelopes unguessable, however few contents are likely.

    Units: 32 random bytes each, in hexadecimal digits.
    """

    financial: str
    technical: str


def digest(salt: str, envelope: bytes) -> str:
    """Return the SHA-256 of a salt's bytes followed by an envelope.

    Without a salt whoever knows the form of an envelope finds its price by trying amounts.
    """
    return hashlib.sha256(bytes.fromhex(salt) + envelope).hexdigest()


SCHEMES: Mapping[str, SealScheme] = {"access/v1": AccessSeal()}


def scheme(name: str) -> SealScheme:
    """Find a scheme.

    Raises:
        Invalid: seal-scheme-unknown.
    """
    if name not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise Invalid("seal-scheme-unknown", "This sealing scheme is not known.", satisfied_by=f"One of: {known}.")
    return SCHEMES[name]
