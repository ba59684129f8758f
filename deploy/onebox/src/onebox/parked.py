"""Events that wait because they could not be handled, as the services' API for operators tells of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from onebox.credentials import AccessTokens, CannotAsk
from shared.kernel.ids import opaque_id

_PORTAL = "portal"
# So many ids are told where several begin alike.
_CANDIDATES = 5


class ParkedEvent(BaseModel):
    """An event that was put aside: `parked` itself, or waiting behind or for another one of its key."""

    model_config = ConfigDict(frozen=True)

    service: str = ""
    consumer: str
    event_id: UUID
    position: int
    key: str
    type: str
    state: str
    problem: str
    parked_at: AwareDatetime
    discard_reason: str | None = None
    event: Any = None


class FieldProblem(BaseModel):
    """One thing wrong with what was sent."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """A service's problem details (RFC 9457)."""

    status: int
    title: str
    detail: str
    code: str = ""
    rule: str | None = None
    source: str | None = None
    satisfied_by: str | None = None
    trace_id: str | None = None
    errors: list[FieldProblem] | None = None

    @property
    def is_general(self) -> bool:
        """Whether the service would answer so whatever this client asked."""
        return self.status == httpx.codes.UNAUTHORIZED or self.code == "role-missing" or self.status >= 500


@dataclass(frozen=True, slots=True)
class Name:
    """Where an event waits and which it is; the id may be only how it begins."""

    service: str
    consumer: str
    event_id: str


class Refused(Exception):  # noqa: N818 - what a service answers, not what breaks here
    """A service does not do what it was asked; advice is what the operator can do about it, line by line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.advice: tuple[str, ...] = ()


class NotNamed(Exception):  # noqa: N818 - said to the person at the terminal as it stands
    """One clear sentence on why it cannot be told which event is meant."""


_LISTED = TypeAdapter(list[ParkedEvent])


class ParkedEvents:
    """Asks services about the events that wait there, and has them handled or discarded.

    Raises:
        CannotAsk: from every method, if the service does not answer.
        Refused: from every method, if the service answers with a problem.
    """

    def __init__(self, http: httpx.AsyncClient, tokens: AccessTokens) -> None:
        self._http, self._tokens = http, tokens
        self._url = str(http.base_url).rstrip("/")

    async def listed(self, service: str) -> list[ParkedEvent]:
        """List what waits at a service."""
        response = await self._ask("GET", service, "")
        try:
            events = _LISTED.validate_json(response.content)
        except ValidationError as error:
            raise _not_coxswain(response) from error
        return [event.model_copy(update={"service": service}) for event in events]

    async def alike(self, event: ParkedEvent) -> list[ParkedEvent]:
        """List what waits at the same consumer with the same key."""
        listed = await self.listed(event.service)
        return [other for other in listed if (other.consumer, other.key) == (event.consumer, event.key)]

    async def shown(self, name: Name) -> ParkedEvent:
        """Return an event, whatever became of it."""
        return await self._answered("GET", name)

    async def replay(self, name: Name) -> ParkedEvent:
        """Have an event handled again, and what queued behind it."""
        return await self._answered("POST", name, "/replay")

    async def propose_discard(self, name: Name, reason: str) -> ParkedEvent:
        """Propose that an event is never handled."""
        return await self._answered("POST", name, "/discard-proposal", {"reason": reason})

    async def confirm_discard(self, name: Name) -> ParkedEvent:
        """Confirm what another person has proposed."""
        return await self._answered("POST", name, "/discard")

    async def named(self, name: Name) -> Name:
        """Find the whole id of an event that is named by how its id begins.

        Raises:
            NotNamed: if none that is listed begins so, or several do.
        """
        if _is_whole(name.event_id):
            return name
        listed = await self.listed(name.service)
        ids = [str(event.event_id) for event in listed if event.consumer == name.consumer]
        return Name(name.service, name.consumer, _only(ids, name.event_id.lower()))

    async def _answered(
        self, method: str, name: Name, action: str = "", body: Mapping[str, str] | None = None
    ) -> ParkedEvent:
        response = await self._ask(method, name.service, f"/{name.consumer}/{name.event_id}{action}", body)
        try:
            event = ParkedEvent.model_validate_json(response.content)
        except ValidationError as error:
            raise _not_coxswain(response) from error
        return event.model_copy(update={"service": name.service})

    async def _ask(self, method: str, service: str, path: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._tokens.token(service)}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(opaque_id())
        # The portal is the front door itself.
        place = "" if service == _PORTAL else f"/{service}"
        try:
            response = await self._http.request(method, f"{place}/v1/parked{path}", json=body, headers=headers)
        except httpx.HTTPError as error:
            unsure = " `coxswain events parked show` tells whether it was done." if method == "POST" else ""
            raise CannotAsk(f"{self._url} does not answer ({type(error).__name__}).{unsure}") from error
        if response.is_success:
            return response
        if not path and response.status_code == httpx.codes.NOT_FOUND:
            raise CannotAsk(f"There is no {service} service at {self._url}.")
        raise self._refusal(response, service)

    def _refusal(self, response: httpx.Response, service: str) -> Refused | CannotAsk:
        try:
            return Refused(Problem.model_validate_json(response.content))
        except ValidationError:
            return CannotAsk(f"No {service} service answers at {self._url} ({response.status_code}).")


def _not_coxswain(response: httpx.Response) -> CannotAsk:
    return CannotAsk(f"What answers at {response.url} is not Coxswain.")


def _is_whole(event_id: str) -> bool:
    try:
        return str(UUID(event_id)) == event_id.lower()
    except ValueError:
        return False


def _only(ids: Sequence[str], start: str) -> str:
    found = sorted(one for one in ids if one.startswith(start))
    if not found:
        raise NotNamed(f"No event that waits at this consumer has an id that begins with {start}.")
    if len(found) > 1:
        some = ", ".join(found[:_CANDIDATES])
        raise NotNamed(f"{len(found)} events have an id that begins with {start}; give more of it, such as {some}.")
    return found[0]
