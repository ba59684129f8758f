"""Who asks, and may they: bearer tokens and the service's policy table, at every route."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.kernel.access import Actor, permit
from shared.platform.auth import refused
from shared.platform.runtime import runtime_of

PUBLIC = "public"

# Declared for the API document; authenticate() reads the header itself, for routes and for the commands around them.
_SCHEME = HTTPBearer(auto_error=False, scheme_name="AccessToken", bearerFormat="JWT (RFC 9068)")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)]


async def authenticate(request: Request) -> Actor:
    """Return the party behind a request."""
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refused()
    actor = await runtime_of(request).tokens.actor(token.strip())
    request.state.actor = actor
    return actor


async def known(request: Request, _: Bearer) -> Actor | None:
    """Return the party behind a request that anybody may make, if it says who it is."""
    return await authenticate(request) if "authorization" in request.headers else None


def allow(action: str) -> Any:
    """Let through those whom the policy table lets do the action; the route's parameter is then the Actor."""

    async def allowed(request: Request, _: Bearer) -> Actor:
        actor = await authenticate(request)
        permit(runtime_of(request).policy, action, actor)
        return actor

    allowed.action = action  # type: ignore[attr-defined]  # read by the test that every route is in the table
    return Depends(allowed)


def public() -> Any:
    """Say of a route that anybody may read it."""

    async def anybody() -> None:
        return None

    anybody.action = PUBLIC  # type: ignore[attr-defined]  # read by the test that every route is in the table
    return Depends(anybody)
