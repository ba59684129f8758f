"""The evaluation service as the import sees it: over HTTP, with a token, patient where it is busy."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from onebox.ocds.document import Problem
from onebox.ocds.files import Original
from shared.kernel.ids import opaque_id

# The service keeps no larger file.
LARGEST_ORIGINAL = 64 * 2**20

_ONE_BOX_ISSUER = "/identity/token"
# Seconds before each try.
_PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_PASSING = frozenset({409, 429, 502, 503, 504})


class CannotImport(Exception):  # noqa: N818 - said to the person at the terminal as it stands
    """One clear sentence on why nothing can be imported."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client of a token issuer (OAuth 2.0 client credentials): the one-box's, unless another's endpoint is given."""

    client_id: str
    client_secret: str
    token_url: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the service made of a process."""

    outcome: str
    problems: tuple[Problem, ...] = ()


class EvaluationService:
    """Keeps originals and takes in processes."""

    def __init__(self, http: httpx.AsyncClient, credentials: Credentials) -> None:
        self._http, self._credentials = http, credentials
        self._url = str(http.base_url).rstrip("/")
        self._token, self._token_until = "", 0.0

    async def keep(self, original: Original, content: bytes) -> Problem | None:
        """Have a file kept as it is, or tell why it is not.

        Raises:
            CannotImport: if the service does not answer, or not to this client.
        """
        response = await self._send(
            "PUT", f"/evaluation/v1/originals/{original.sha256}", content, {"Content-Type": "application/octet-stream"}
        )
        return None if response.is_success else _problem(response)

    async def take_in(self, processes: Sequence[bytes]) -> list[Result]:
        """Have processes taken in; of several that are refused together, the one at fault is found.

        Shape: each is a JSON object as the API describes it; the results are in the same order.

        Raises:
            CannotImport: if the service does not answer, or not to this client.
        """
        # The key is new in each run: what has not changed is told from the digests, and evaluated anew.
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(opaque_id())}
        content = b'{"processes":[%b]}' % b",".join(processes)
        response = await self._send("POST", "/evaluation/v1/external-processes", content, headers)
        if response.is_success:
            return [_result(item) for item in _body(response)["results"]]
        if len(processes) == 1:
            return [Result("refused", (_problem(response),))]
        middle = len(processes) // 2
        return [*await self.take_in(processes[:middle]), *await self.take_in(processes[middle:])]

    async def sign_in(self) -> None:
        """Get a token, unless there is one that lasts.

        Raises:
            CannotImport: if there is none to be had.
        """
        if time.monotonic() < self._token_until:
            return
        known = self._credentials
        form = {"grant_type": "client_credentials", "audience": "evaluation"}
        form |= {"client_id": known.client_id, "client_secret": known.client_secret}
        try:
            response = await self._http.post(known.token_url or _ONE_BOX_ISSUER, data=form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotImport(f"{self._url} does not answer ({type(error).__name__}).") from error
        if response.status_code in {400, 401, 403}:
            raise CannotImport(f"The client {known.client_id} is given no token: its credentials are refused.")
        answer = _body(response) if response.is_success else {}
        if "access_token" not in answer:
            raise CannotImport(f"There is no token issuer at {response.url}.")
        self._token = answer["access_token"]
        self._token_until = time.monotonic() + answer.get("expires_in", 60) - 30

    async def _send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        failure = ""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            await self.sign_in()
            sent = {**headers, "Authorization": f"Bearer {self._token}"}
            try:
                response = await self._http.request(method, path, content=content, headers=sent)
            except httpx.HTTPError as error:
                failure = f"{self._url} does not answer any more ({type(error).__name__})."
            else:
                if response.status_code in {401, 403}:
                    raise CannotImport(
                        f"The client {self._credentials.client_id} may not import: it needs the role importer."
                    )
                if response.status_code == httpx.codes.NOT_FOUND:
                    raise CannotImport(f"There is no evaluation service at {self._url}.")
                if response.status_code not in _PASSING:
                    return response
                failure = f"The service at {self._url} stays busy ({response.status_code})."
        raise CannotImport(failure)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise CannotImport(f"What answers at {response.url} is not Coxswain.")
    return body


def _problem(response: httpx.Response) -> Problem:
    body = _body(response)
    return Problem(str(body.get("code", response.status_code)), str(body.get("detail", response.reason_phrase)))


def _result(item: Mapping[str, Any]) -> Result:
    return Result(item["outcome"], tuple(Problem(one["code"], one["detail"]) for one in item["problems"]))
