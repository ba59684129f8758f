"""Who asks, and the access tokens for it: OAuth 2.0 client credentials (RFC 6749, 4.4)."""

import time
from dataclasses import dataclass
from typing import Any

import httpx

_ONE_BOX_ISSUER = "/identity/token"
# Seconds; a token is renewed so long before it ends.
_MARGIN = 30
_LIFE_WHERE_UNSAID = 60


class CannotAsk(Exception):  # noqa: N818 - said to the person at the terminal as it stands
    """One clear sentence on why a service cannot be asked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client of a token issuer: the one-box's, unless another's endpoint is given."""

    client_id: str
    client_secret: str
    token_url: str | None = None


class AccessTokens:
    """Gets tokens, one for each service that is asked, and keeps each as long as it lasts."""

    def __init__(self, http: httpx.AsyncClient, credentials: Credentials) -> None:
        self._http, self.credentials = http, credentials
        self._tokens: dict[str, tuple[str, float]] = {}

    async def token(self, service: str) -> str:
        """Return a token that lasts.

        Raises:
            CannotAsk: if there is none to be had.
        """
        token, until = self._tokens.get(service, ("", 0.0))
        if time.monotonic() >= until:
            answer = await self._answer(service)
            token, lasts = answer["access_token"], answer.get("expires_in")
            life = lasts if isinstance(lasts, int | float) else _LIFE_WHERE_UNSAID
            self._tokens[service] = token, time.monotonic() + life - _MARGIN
        return token

    async def _answer(self, service: str) -> dict[str, Any]:
        known = self.credentials
        form = {"grant_type": "client_credentials", "audience": service}
        form |= {"client_id": known.client_id, "client_secret": known.client_secret}
        url = known.token_url or _ONE_BOX_ISSUER
        try:
            response = await self._http.post(url, data=form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            address = known.token_url or str(self._http.base_url).rstrip("/")
            raise CannotAsk(f"{address} does not answer ({type(error).__name__}).") from error
        if response.status_code in {400, 401, 403}:
            raise CannotAsk(f"The client {known.client_id} is given no token: its credentials are refused.")
        answer = json_object(response) if response.is_success else {}
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii():
            raise CannotAsk(f"There is no token issuer at {response.url}.")
        return answer


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Read an answer that is a JSON object.

    Raises:
        CannotAsk: if it is none.
    """
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise CannotAsk(f"What answers at {response.url} is not Coxswain.")
    return body
