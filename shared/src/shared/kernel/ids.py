"""Identifiers."""

import secrets
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5  # noqa: TID251 - sealed bids need an id without a time

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make a time-ordered identifier (UUIDv7, RFC 9562).

    It shows when it was made and is not a commit order.
    """
    return uuid7()


def opaque_id() -> UUID:
    """Make an identifier that tells nothing, not even when it was made (UUIDv4)."""
    return uuid4()


def new_secret() -> bytes:
    """Make 32 bytes that nobody can guess."""
    return secrets.token_bytes(32)


def derived_id(*parts: object) -> UUID:
    """Make the identifier that the same parts always give, so that doing a thing twice finds the first time."""
    return uuid5(NAMESPACE_URL, "coxswain:" + "/".join(str(part) for part in parts))


def process_identifier(prefix: str, tender: UUID) -> str:
    """Name a contracting process: the registered OCID prefix and the tender's id (OCDS 1.1, identifiers)."""
    return f"{prefix}-{tender}"
