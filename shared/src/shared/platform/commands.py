"""The edge owns the transaction: effects, events and the stored answer commit together or not at all."""

import hashlib
import re
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.platform import strict_json, tables
from shared.platform.access import authenticate
from shared.platform.gathering import Answer, Asked, CarryOut
from shared.platform.problems import EdgeProblem
from shared.platform.runtime import Runtime, runtime_of
from shared.platform.work import Work

_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_IF_MATCH = "If-Match"
_KEPT_HEADERS = ("etag", "location", "content-type")


class CommandRoute(APIRoute):
    """A route that changes something: one transaction, answered once per Idempotency-Key, undone for dry_run=true.

    An If-Match on a route that takes none is refused: it would be a condition that nobody checks. A route that takes
    SharedWork is given no transaction, unless the request needs one of its own: for its Idempotency-Key or dry_run.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler in the transaction."""
        handle = super().get_route_handler()
        conditional = any(field.alias == _IF_MATCH for field in get_flat_params(self.dependant))
        shares = any(dependency.call is shared_work for dependency in self.dependant.dependencies)

        async def command(request: Request) -> Response:
            if request.method in {"GET", "HEAD"}:
                return await handle(request)
            strict = strict_json.StrictRequest(request.scope, request.receive)
            return await _command(strict, handle, conditional=conditional, shares=shares)

        return command


async def _command(
    request: strict_json.StrictRequest,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    *,
    conditional: bool,
    shares: bool,
) -> Response:
    runtime = runtime_of(request)
    actor = await authenticate(request)
    if not conditional and _IF_MATCH in request.headers:
        raise EdgeProblem(400, "if-match-not-taken", "A condition that this route does not check is not ignored.")
    dry_run = _dry_run(request)
    body = await _read(request)
    key = _idempotency_key(request)
    if shares and not (key or dry_run):
        request.state.work = None
        return _from_the_root(request, await handle(request))
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()
    async with runtime.engine.connect() as connection, connection.begin() as transaction:
        kept = await _claim(connection, runtime, actor, key, fingerprint) if key else None
        if kept is not None:
            return kept
        request.state.work = runtime.work(connection)
        response = _from_the_root(request, await handle(request))
        if dry_run:
            await transaction.rollback()
            response.headers["Dry-Run"] = "true"
            return response
        if key:
            await _keep(connection, actor, key, response)
    runtime.sequencer.wake()
    return response


def _from_the_root(request: Request, response: Response) -> Response:
    """Lead a Location up from the request to where its service stands (RFC 3986, section 5.2), wherever that is."""
    if location := response.headers.get("location"):
        below: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        response.headers["location"] = "../" * (below.count("/") - 1) + location
    return response


async def _read(request: strict_json.StrictRequest) -> bytes:
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type == "application/json":
        await request.json()
    elif body and media_type != "application/octet-stream":
        raise EdgeProblem(415, "media-type-unsupported", "The body is read as application/json.")
    return body


def _dry_run(request: Request) -> bool:
    value = request.query_params.get("dry_run", "false")
    if value not in {"true", "false"}:
        raise EdgeProblem(422, "value-invalid", "dry_run is true or false.")
    return value == "true"


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None and request.method == "POST":
        raise EdgeProblem(
            400, "idempotency-key-missing", "A POST carries an Idempotency-Key, so that it can be sent again."
        )
    if key is not None and not _KEY.fullmatch(key):
        raise EdgeProblem(400, "idempotency-key-malformed", "An Idempotency-Key is 1 to 100 visible ASCII characters.")
    return key


async def _claim(
    connection: AsyncConnection, runtime: Runtime, actor: Actor, key: str, fingerprint: bytes
) -> Response | None:
    """Take the key, or find what was answered to it; the same key in flight waits here for the other transaction."""
    table = tables.idempotency
    claimed = await connection.execute(
        upsert(table)
        .values(person=actor.person, key=key, fingerprint=fingerprint, answered_at=runtime.clock.now())
        .on_conflict_do_nothing()
        .returning(table.c.key)
    )
    if claimed.first() is not None:
        return None
    row = (await connection.execute(select(table).where(table.c.person == actor.person, table.c.key == key))).one()
    if row.fingerprint != fingerprint:
        raise EdgeProblem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
    return Response(row.body, row.status, {**row.headers, "Idempotency-Hit": "true"})


async def _keep(connection: AsyncConnection, actor: Actor, key: str, response: Response) -> None:
    table = tables.idempotency
    mine = (table.c.person == actor.person, table.c.key == key)
    if response.status_code >= 400:
        await connection.execute(delete(table).where(*mine))
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    await connection.execute(
        update(table).where(*mine).values(status=response.status_code, headers=headers, body=bytes(response.body))
    )


async def current_work(request: Request) -> Work:
    """Hand the transaction to a route."""
    work: Work = request.state.work
    return work


CurrentWork = Annotated[Work, Depends(current_work)]


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a route whose answer is kept under an id of its own has its use case carried out."""

    runtime: Runtime
    work: Work | None

    async def ask(self, carry_out: CarryOut[Asked, Answer], lane: Hashable, asked: Asked) -> Answer:
        """Have it done in the request's own transaction, or together with what others ask in the lane; committed."""
        if self.work is None:
            return await self.runtime.gathering(carry_out).ask(lane, asked)
        (answer,) = await carry_out(self.work, [asked])
        return answer


async def shared_work(request: Request) -> Sharing:
    """Hand a transaction of its own, or one that is shared, to a route."""
    return Sharing(runtime_of(request), request.state.work)


SharedWork = Annotated[Sharing, Depends(shared_work)]

_Condition = Annotated[str | None, Header(alias=_IF_MATCH, description="The ETag that the last reading gave.")]


async def version_condition(if_match: _Condition = None) -> int | None:
    """Read If-Match; None where the client set no condition."""
    if if_match is None:
        return None
    match = re.fullmatch(r'"(\d{1,9})"', if_match)
    if match is None:
        raise EdgeProblem(412, "stale", "If-Match holds the ETag that the last reading gave.")
    return int(match[1])


async def required_version(if_match: _Condition = None) -> int:
    """Read If-Match where a change must name what it changes."""
    version = await version_condition(if_match)
    if version is None:
        raise EdgeProblem(428, "if-match-missing", "A change names in If-Match the ETag of what it changes.")
    return version


async def dry_run(request: Request) -> bool:
    """Tell whether what is done is undone again, for a route that acts on more than the database."""
    return _dry_run(request)


DryRun = Annotated[bool, Depends(dry_run)]
IfMatch = Annotated[int | None, Depends(version_condition)]
RequiredIfMatch = Annotated[int, Depends(required_version)]


def etag(version: int) -> str:
    """Write an aggregate's version as an ETag."""
    return f'"{version}"'
