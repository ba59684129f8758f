"""A token issuer for tests, with the same claims and keys as a real one."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from shared.kernel.ids import new_id

ISSUER = "https://issuer.test"


class Tokens:
    """Mints access tokens (RFC 9068) and publishes its keys."""

    def __init__(self, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.key = OKPKey.generate_key("Ed25519", {"kid": "test", "use": "sig", "alg": "Ed25519"})

    async def keys(self) -> Mapping[str, Any]:
        """Publish the keys (JWKS)."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def mint(self, person: str, organisation: str, *roles: str, audience: str, **claims: Any) -> str:
        """Make a token; a keyword replaces a claim."""
        now = int(time.time())
        return jwt.encode(
            {"alg": "Ed25519", "typ": "at+jwt", "kid": "test"},
            {
                "iss": self.issuer,
                "aud": [audience],
                "sub": person,
                "org": organisation,
                "roles": list(roles),
                "client_id": person,
                "iat": now,
                "exp": now + 300,
                "jti": str(new_id()),
                **claims,
            },
            self.key,
            algorithms=["Ed25519"],
        )
