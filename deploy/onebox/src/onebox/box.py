"""All services in one process: the same applications as anywhere, calling each other over ASGI."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

import budget.main
import budget.settings
import evaluation.main
import evaluation.settings
import portal.main
import portal.settings
import provider_registry.main
import provider_registry.settings
import tender.main
import tender.settings
from onebox.issuer import create_issuer
from onebox.persons_key import persons_key
from onebox.receipt_key import receipt_key
from shared.kernel.clock import SystemClock
from shared.platform.auth import DEMO_ISSUER
from shared.platform.operations import readiness
from shared.platform.runtime import Runtime
from shared.platform.service import Surroundings
from shared.platform.settings import ServiceSettings
from shared.platform.sources import FeedSource

REPOSITORY = Path(__file__).parents[4]


@dataclass(frozen=True, slots=True)
class Part:
    """A service, as the one-box finds it."""

    name: str
    create: Callable[[Any, Surroundings], FastAPI]
    settings: type[ServiceSettings]

    @property
    def database(self) -> str:
        """The name of its database and of its application role."""
        return self.name.replace("-", "_")

    @property
    def migrations(self) -> Path:
        """Where its schema comes from."""
        return REPOSITORY / "services" / self.name / "migrations"


def _part(name: str, main: ModuleType, settings: ModuleType) -> Part:
    return Part(name, main.create, settings.Settings)


PARTS = (
    _part("provider-registry", provider_registry.main, provider_registry.settings),
    _part("budget", budget.main, budget.settings),
    _part("tender", tender.main, tender.settings),
    _part("evaluation", evaluation.main, evaluation.settings),
    _part("portal", portal.main, portal.settings),
)


@dataclass(frozen=True, slots=True)
class Box:
    """The whole system as one application."""

    app: Starlette
    runtimes: tuple[Runtime, ...]


def assemble(databases: Mapping[str, str], folder: Path, *, sandbox: bool = True) -> Box:
    """Put all services together; databases are URLs by service name."""
    issuer_app, issuer = create_issuer(folder / "identity")
    apps: dict[str, FastAPI] = {}
    clients: list[httpx.AsyncClient] = []

    def source(name: str, _: str) -> FeedSource:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            await apps[name](scope, receive, send)

        client = httpx.AsyncClient(transport=httpx.ASGITransport(call), base_url=f"http://{name}.box")
        clients.append(client)
        return FeedSource(name, client)

    surroundings = Surroundings(clock=SystemClock(), source=source, keys=issuer.keys)
    particular: dict[str, dict[str, Any]] = {
        "tender": {
            "receipt_key": SecretStr(receipt_key(folder / "identity" / "receipt-key.pem")),
            "objects": str(folder / "objects"),
        },
        "provider-registry": {"objects": str(folder / "objects")},
    }
    for part in PARTS:
        values: dict[str, Any] = {
            "database_url": SecretStr(databases[part.name]),
            "issuer": DEMO_ISSUER,
            "one_box": True,
            "sandbox": sandbox,
            "persons_key": SecretStr(persons_key(folder / "identity" / "persons-key")),
            **particular.get(part.name, {}),
        }
        apps[part.name] = part.create(part.settings(**values), surroundings)
    runtimes = tuple(app.state.runtime for app in apps.values())

    async def ready(_: Request) -> JSONResponse:
        states = await asyncio.gather(*(readiness(runtime) for runtime in runtimes))
        everything = all(state.ready for state in states)
        body = {"ready": everything, "services": [state.model_dump() for state in states]}
        return JSONResponse(body, 200 if everything else 503)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for client in clients:
                await stack.enter_async_context(client)
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    mounted = [Mount(f"/{name}", app) for name, app in apps.items() if name != "portal"]
    routes = [Route("/health/ready", ready), Mount("/identity", issuer_app), *mounted, Mount("/", apps["portal"])]
    return Box(Starlette(routes=routes, lifespan=lifespan), runtimes)
