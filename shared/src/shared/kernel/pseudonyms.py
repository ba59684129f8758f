"""Names of persons that only services with a common key recognise, and that differ from contract to contract."""

import hmac
from hashlib import sha256
from uuid import UUID


def pseudonym(key: bytes, contract: UUID, person: str) -> str:
    """Return what stands for a person in the events of one contract.

    Shape: 64 hexadecimal digits: HMAC-SHA256 of the contract's id and the person.
    Source: RFC 2104; docs/adr/0019.
    """
    return hmac.new(key, contract.bytes + person.encode(), sha256).hexdigest()
