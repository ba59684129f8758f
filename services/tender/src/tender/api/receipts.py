"""Receipts and refusals that a bidder can show anywhere: compact JWS (RFC 7515), signed with our Ed25519 key."""

from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jws
from joserfc.jwk import KeySet, OKPKey


class ReceiptSigner:
    """Signs what was received or refused, and publishes the key that proves it."""

    def __init__(self, private_key_pem: str) -> None:
        key = OKPKey.import_key(private_key_pem, {"use": "sig", "alg": "Ed25519"})
        self._key = OKPKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})

    def sign(self, payload: Mapping[str, Any], kind: str = "bid-receipt") -> str:
        """Sign a receipt, or a refusal."""
        header = {"alg": "Ed25519", "typ": f"{kind}+jws", "kid": self._key.kid}
        return jws.serialize_compact(header, orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), self._key, ["Ed25519"])

    def keys(self) -> dict[str, Any]:
        """Publish the key (JWKS, RFC 7517)."""
        return dict(KeySet([self._key]).as_dict(private=False))
