"""Access tokens: JWTs (RFC 9068) of an OpenID Connect provider, verified by its published keys."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from shared.kernel.access import Actor
from shared.platform.problems import EdgeProblem

DEMO_ISSUER = "urn:coxswain:one-box"
"""Tokens of this issuer are given for secrets that everybody knows; only the one-box accepts them."""

ALGORITHMS = ["Ed25519", "EdDSA", "ES256"]
_LEEWAY_SECONDS = 5
_ORGANISATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_REFRESH_SECONDS = 10.0
_MOST_KEPT = 1_000
_LAST_SECOND = 253_402_300_800  # of the year 9999

Signed = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The header and the claims of a token that the issuer signed."""
FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]


def fetch_keys(client: httpx.AsyncClient, url: str) -> FetchKeys:
    """Read a provider's keys over HTTP."""

    async def fetch() -> Mapping[str, Any]:
        response = await client.get(url)
        response.raise_for_status()
        keys: Mapping[str, Any] = response.json()
        return keys

    return fetch


class TokenVerifier:
    """Verifies tokens of one issuer for one audience; keys are read when a new one turns up.

    A signature is checked once, as long as the keys are the same ones; what the token says, at every request.
    """

    def __init__(self, issuer: str, audience: str, keys: FetchKeys) -> None:
        self._issuer, self._audience, self._fetch = issuer, audience, keys
        self._keys: KeySet | None = None
        self._known: frozenset[str] = frozenset()
        self._signed: dict[bytes, Signed] = {}
        self._fetched_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def actor(self, token: str) -> Actor:
        """Return the party a token speaks for.

        Raises:
            EdgeProblem: 401 token-refused; 503 keys-unavailable.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        signed = self._signed.get(digest)
        if signed is None:
            signed = await self._verified(token)
            if len(self._signed) == _MOST_KEPT:
                del self._signed[next(iter(self._signed))]
            self._signed[digest] = signed
        return self._accept(*signed)

    async def _verified(self, token: str) -> Signed:
        header = _header(token)
        key = header.get("kid")
        if not isinstance(key, str):
            raise refused()
        if key not in self._known:
            await self._refresh()
        if self._keys is None or key not in self._known:
            raise refused()
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise refused() from error
        return header, claims

    def _accept(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Actor:
        now = time.time()
        audiences = claims.get("aud")
        audiences = [audiences] if isinstance(audiences, str) else audiences
        good = (
            header.get("typ") in {"at+jwt", "application/at+jwt"}
            and claims.get("iss") == self._issuer
            and isinstance(audiences, list)
            and self._audience in audiences
            and _number(claims.get("exp")) > now - _LEEWAY_SECONDS
            and ("nbf" not in claims or float("-inf") < _number(claims["nbf"]) <= now + _LEEWAY_SECONDS)
            and _text(claims.get("sub"))
            and _text(claims.get("org"))
            and _ORGANISATION.fullmatch(claims["org"]) is not None
            and isinstance(claims.get("roles"), list)
            and all(_text(role) for role in claims["roles"])
        )
        if not good:
            raise refused()
        return Actor(claims["sub"], claims["org"], frozenset(claims["roles"]))

    async def _refresh(self) -> None:
        # Whoever comes while the keys are being read waits for the same reading.
        if self._reading is None:
            # A flood of tokens with made-up key ids must not become a flood of requests to the provider.
            if time.monotonic() - self._fetched_at < _REFRESH_SECONDS and self._keys is not None:
                return
            self._reading = asyncio.create_task(self._read())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        self._fetched_at = time.monotonic()
        try:
            document = await self._fetch()
            keys = KeySet.import_key_set(document)  # type: ignore[arg-type]  # the shape is checked by joserfc
        except (httpx.HTTPError, JoseError, ValueError, TypeError, KeyError) as error:
            raise EdgeProblem(
                503, "keys-unavailable", "The keys that tokens are verified with cannot be read.", {"Retry-After": "2"}
            ) from error
        finally:
            self._reading = None
        self._keys = keys
        self._signed.clear()
        self._known = frozenset(str(key.kid) for key in keys.keys if key.kid)


def refused() -> EdgeProblem:
    """Refuse a token, without saying which of its parts was wrong."""
    return EdgeProblem(401, "token-refused", "A valid access token is needed.", {"WWW-Authenticate": "Bearer"})


def _header(token: str) -> Mapping[str, Any]:
    try:
        return extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise refused() from error


def _number(value: object) -> float:
    """Read a NumericDate (RFC 7519, section 2); what is none is before all time."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LAST_SECOND:
        return float(value)
    return float("-inf")


def _text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200
