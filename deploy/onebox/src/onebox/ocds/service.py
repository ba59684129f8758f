"""The evaluation service as the import sees it: over HTTP, with a token, patient where it is busy."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from onebox.credentials import AccessTokens, CannotAsk, Credentials, json_object
from onebox.ocds.document import Problem
from onebox.ocds.files import Original
from shared.kernel.ids import opaque_id

# The service keeps no larger file.
LARGEST_ORIGINAL = 64 * 2**20

_AUDIENCE = "evaluation"
# Seconds before each try.
_PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_PASSING = frozenset({409, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Result:
    """What the service made of a process."""

    outcome: str
    problems: tuple[Problem, ...] = ()


class EvaluationService:
    """Keeps originals and takes in processes."""

    def __init__(self, http: httpx.AsyncClient, credentials: Credentials) -> None:
        self._http, self._tokens = http, AccessTokens(http, credentials)
        self._url = str(http.base_url).rstrip("/")

    async def keep(self, original: Original, content: bytes) -> Problem | None:
        """Have a file kept as it is, or tell why it is not.

        Raises:
            CannotAsk: if the service does not answer, or not to this client.
        """
        response = await self._send(
            "PUT", f"/evaluation/v1/originals/{original.sha256}", content, {"Content-Type": "application/octet-stream"}
        )
        return None if response.is_success else _problem(response)

    async def take_in(self, processes: Sequence[bytes]) -> list[Result]:
        """Have processes taken in; of several that are refused together, the one at fault is found.

        Shape: each is a JSON object as the API describes it; the results are in the same order.

        Raises:
            CannotAsk: if the service does not answer, or not to this client.
        """
        # The key is new in each run: what has not changed is told from the digests, and evaluated anew.
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(opaque_id())}
        content = b'{"processes":[%b]}' % b",".join(processes)
        response = await self._send("POST", "/evaluation/v1/external-processes", content, headers)
        if response.is_success:
            return [_result(item) for item in json_object(response)["results"]]
        if len(processes) == 1:
            return [Result("refused", (_problem(response),))]
        middle = len(processes) // 2
        return [*await self.take_in(processes[:middle]), *await self.take_in(processes[middle:])]

    async def sign_in(self) -> None:
        """See that there is a token to be had.

        Raises:
            CannotAsk: if there is none.
        """
        await self._tokens.token(_AUDIENCE)

    async def _send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        failure = ""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            sent = {**headers, "Authorization": f"Bearer {await self._tokens.token(_AUDIENCE)}"}
            try:
                response = await self._http.request(method, path, content=content, headers=sent)
            except httpx.HTTPError as error:
                failure = f"{self._url} does not answer any more ({type(error).__name__})."
            else:
                if response.status_code in {401, 403}:
                    client = self._tokens.credentials.client_id
                    raise CannotAsk(f"The client {client} may not import: it needs the role importer.")
                if response.status_code == httpx.codes.NOT_FOUND:
                    raise CannotAsk(f"There is no evaluation service at {self._url}.")
                if response.status_code not in _PASSING:
                    return response
                failure = f"The service at {self._url} stays busy ({response.status_code})."
        raise CannotAsk(failure)


def _problem(response: httpx.Response) -> Problem:
    body = json_object(response)
    return Problem(str(body.get("code", response.status_code)), str(body.get("detail", response.reason_phrase)))


def _result(item: Mapping[str, Any]) -> Result:
    return Result(item["outcome"], tuple(Problem(one["code"], one["detail"]) for one in item["problems"]))
