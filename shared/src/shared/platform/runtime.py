"""What a running service has at hand."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kernel.access import Policy
from shared.kernel.clock import Clock
from shared.platform.auth import TokenVerifier
from shared.platform.consumer import Consumer, Projection
from shared.platform.gathering import Answer, Asked, CarryOut, Gathering
from shared.platform.kafka.relay import Relay
from shared.platform.sequencer import Sequencer
from shared.platform.settings import Role
from shared.platform.timekeeper import Timekeeper
from shared.platform.work import Publish, Work


@dataclass(slots=True)
class Runtime:
    """One service at work; wired once in its main module."""

    name: str
    engine: AsyncEngine
    clock: Clock
    sandbox: bool
    policy: Policy
    publish: Publish
    tokens: TokenVerifier
    sequencer: Sequencer
    projections: Mapping[str, Projection]
    role: Role = Role.ALL
    consumers: tuple[Consumer, ...] = ()
    relay: Relay | None = None
    timekeeper: Timekeeper | None = None
    persons_key: bytes | None = field(default=None, repr=False)

    gatherings: dict[CarryOut[Any, Any], Gathering[Any, Any]] = field(default_factory=dict)

    def work(self, connection: AsyncConnection) -> Work:
        """Begin a unit of work on a transaction."""
        return Work(connection, self.clock.now(), self.sandbox, self.publish)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Work]:
        """Begin a transaction of its own, and commit it unless it fails."""
        async with self.engine.begin() as connection:
            yield self.work(connection)
        self.sequencer.wake()

    def gathering(self, carry_out: CarryOut[Asked, Answer]) -> Gathering[Asked, Answer]:
        """Return where those gather who ask for the same use case."""
        return self.gatherings.setdefault(carry_out, Gathering(self.transaction, carry_out))


def runtime_of(request: Request) -> Runtime:
    """Return the service that a request has come to."""
    runtime: Runtime = request.app.state.runtime
    return runtime
