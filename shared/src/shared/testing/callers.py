"""Persons who call one service over HTTP, and what a test sees of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from shared.testing.services import RunningService

ABSENT = "00000000-0000-0000-0000-000000000000"
MODEL_PACK = "Coxswain model pack"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token."""

    name: str
    organisation: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Callers:
    """Everybody who calls a service."""

    service: RunningService

    async def send(
        self,
        method: str,
        path: str,
        person: Person | None = None,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
        dry_run: bool = False,
    ) -> httpx.Response:
        """Send a request."""
        headers = self.service.headers(person.name, person.organisation, *person.roles) if person else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        parameters = {"dry_run": "true"} if dry_run else None
        return await self.service.client.request(method, path, headers=headers, params=parameters, json=body)

    async def done(self, method: str, path: str, person: Person, body: Any = None, **options: Any) -> Any:
        """Send a request that succeeds, and return what was answered."""
        response = await self.send(method, path, person, body, **options)
        expect(response.is_success, response)
        return response.json() if response.content else None

    async def uploaded(self, person: Person, content: bytes) -> str:
        """Put a document of plain text where documents are kept, and return its digest."""
        headers = self.service.headers(person.name, person.organisation, *person.roles)
        headers["Content-Type"] = "application/octet-stream"
        path = "/v1/documents?media_type=text/plain"
        response = await self.service.client.post(path, headers=headers, content=content)
        expect(response.status_code == 201, response)
        return str(response.json()["digest"])

    async def shown(self, path: str, person: Person | None = None) -> Any:
        """Return what can be read at a path."""
        response = await self.send("GET", path, person)
        expect(response.status_code == 200, response)
        return response.json()

    def refused(
        self, response: httpx.Response, status: int, code: str, rule: str | None = None, source: str = MODEL_PACK
    ) -> dict[str, Any]:
        """See that a request was refused with this problem, by this rule or by none, and return the problem."""
        problem: dict[str, Any] = response.json()
        expect((response.status_code, problem.get("code")) == (status, code), response)
        expect(response.headers["content-type"] == "application/problem+json", response)
        expect(problem["type"] == f"urn:coxswain:problem:{code}", response)
        expect((problem.get("rule"), problem.get("source")) == (rule, source if rule else None), response)
        return problem

    async def readable(self, known: Mapping[str, str]) -> list[str]:
        """Return every path that can be read, but for the stream; what is not known is named as something absent."""
        filled = {
            "pack_id": "model",
            "consumer": "budget",
            "event_id": str((await self.service.published())[0].id),
            "digest": "0" * 64,
            **known,
        }
        found = []
        for path, methods in self.service.app.openapi()["paths"].items():
            if "get" in methods and not path.endswith("/stream"):
                names = re.findall(r"{(\w+)}", path)
                found.append(path.format(**{name: filled.get(name, ABSENT) for name in names}))
        return found

    async def kept(self) -> dict[str, str]:
        """Return everything the database holds, by table, but for the proofs of refusals, which a refusal leaves."""
        tables = await self.service.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'bid_refusals' ORDER BY 1"
        )
        return {
            table: str((await self.service.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1")).scalars().all())
            for table in tables.scalars().all()
        }

    async def count(self, table: str) -> int:
        """Return how many rows a table holds."""
        return int((await self.service.execute(f"SELECT count(*) FROM {table}")).scalar_one())

    async def events(self, of: Mapping[str, Any] | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Return what was published, of one procedure or at all, by type."""
        published = await self.service.published()
        return [(event.type, event.data) for event in published if of is None or event.partitionkey == of["ocid"]]


def expect(holds: bool, response: httpx.Response) -> None:
    """Fail a test, showing what was answered, unless something holds."""
    if not holds:
        raise AssertionError(f"{response.request.url.path}: {response.status_code} {response.text}")
