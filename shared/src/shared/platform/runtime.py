"""What a running service has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kernel.access import Policy
from shared.kernel.clock import Clock
from shared.platform.auth import TokenVerifier
from shared.platform.consumer import Consumer, Projection
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

    def work(self, connection: AsyncConnection) -> Work:
        """Begin a unit of work on a transaction."""
        return Work(connection, self.clock.now(), self.sandbox, self.publish)


def runtime_of(request: Request) -> Runtime:
    """Return the service that a request has come to."""
    runtime: Runtime = request.app.state.runtime
    return runtime
