"""One one-box for all journeys of the run; what is looked at afterwards happens here first, side by side."""

import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from onebox.journey.course import Course
from onebox.journey.log import Log
from shared.platform.embedded_postgres import execute
from shared.testing.onebox import OneBox, coxswain, data_folder

Command = Future[CompletedProcess[str]]


@dataclass(frozen=True, slots=True)
class Walked:
    """Two journeys that were walked side by side on one box: one told in JSON, one for a person."""

    box: OneBox
    told: CompletedProcess[str]
    shown: CompletedProcess[str]

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.told.stdout)
        return document

    def sql(self, service: str, statement: str) -> list[str]:
        """Ask a service's database as that service's own role; a row is a line."""
        return execute(self.box.database_url(service), statement).splitlines()

    def api(self, service: str) -> str:
        """Return the address of a service's API; the portal's is that of the front door."""
        return self.box.url if service == "portal" else f"{self.box.url}/{service}"

    def feed(self, service: str) -> list[dict[str, Any]]:
        """Read a whole feed."""
        events: list[dict[str, Any]] = []
        while True:
            parameters = {"after": events[-1]["position"] if events else 0, "limit": 500}
            page = httpx.get(f"{self.api(service)}/v1/events", params=parameters, timeout=60).json()
            if not page:
                return events
            events += page


@pytest.fixture(scope="session")
def journeys_box() -> Iterator[OneBox]:
    with data_folder() as folder:
        box = OneBox(folder)
        box.start()
        yield box
        box.stop()


@pytest.fixture(scope="session")
def walking(journeys_box: OneBox) -> Iterator[tuple[Command, Command]]:
    """Two journeys under way; other tests may use the box meanwhile."""
    with ThreadPoolExecutor(2) as pool:
        yield (
            pool.submit(coxswain, "journey", "--json", "--url", journeys_box.url),
            pool.submit(coxswain, "journey", "--url", journeys_box.url),
        )


@pytest.fixture(scope="session")
def walked(journeys_box: OneBox, walking: tuple[Command, Command]) -> Walked:
    told, shown = walking
    return Walked(journeys_box, told.result(), shown.result())


@pytest.fixture
async def course(journeys_box: OneBox) -> AsyncIterator[Course]:
    """The parties of the demonstration on the box, for a procedure that takes another course."""
    async with httpx.AsyncClient(base_url=journeys_box.url, timeout=60) as http:
        yield Course(http, Log(), journeys_box.url, accelerate=True)


@pytest.fixture
def envelope() -> Any:
    """Write a bid."""

    def write(price: str, offer: str) -> Mapping[str, str]:
        content = json.dumps({"price": {"amount": price, "currency": "EUR"}, "offer": offer}).encode()
        return {"lot": "lot-1", "scheme": "access/v1", "financial": base64.b64encode(content).decode()}

    return write
