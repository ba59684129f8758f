"""Every service is asked what its OpenAPI document allows, and more; it never fails and never leaves its document."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from onebox.box import PARTS, Part
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "600"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BASE = "http://service.test"
STREAMS = "/stream"


@dataclass
class Asked:
    """A service that is asked over and over."""

    service: RunningService
    office: Any
    scenes: list[Mapping[str, list[str]]]
    runner: asyncio.Runner

    def ask(self, operation: Any, mode: GenerationMode, cases: int, number: int) -> int:
        """Ask an operation many things; return how many there were to ask."""
        asked = 0

        @seed(number)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data(), case=operation.as_strategy(mode))
        def one(data: st.DataObject, case: Any) -> None:
            nonlocal asked
            asked += 1
            known = data.draw(st.sampled_from(self.scenes))
            for part in (case.path_parameters, case.body):
                for name in known_in(part, known):
                    if data.draw(st.booleans()):
                        part[name] = data.draw(st.sampled_from(known[name]))
            if case.query and "wait" in case.query:
                case.query["wait"] = 0
            person, organisation = (data.draw(st.sampled_from(known[name])) for name in ("person", "organisation"))
            version = data.draw(st.none() | st.integers(1, 12))
            headers = self.office.headers(person, organisation) | ({"If-Match": f'"{version}"'} if version else {})
            case.validate_response(self.runner.run(self._send(case, headers)), checks=CHECKS)

        # What takes nothing cannot be asked wrongly.
        with suppress(*([Unsatisfiable] if mode is GenerationMode.NEGATIVE else [])):
            one()
        return asked

    async def _send(self, case: Any, headers: Mapping[str, str]) -> httpx.Response:
        prepared: Any = requests.Request(**case.as_transport_kwargs(base_url=BASE, headers=dict(headers))).prepare()
        return await self.service.client.request(
            prepared.method, prepared.url, headers=prepared.headers, content=prepared.body
        )


def known_in(part: Any, known: Mapping[str, list[str]]) -> list[str]:
    """Return the names of what a scene knows and a part of a request states."""
    return [name for name in part if known.get(name)] if isinstance(part, dict) else []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_service_never_fails_when_it_is_asked_anything(
    part: Part, postgres: PostgresForTests, tell: Any, office_of: Any
) -> None:
    template = postgres.template(part.database, lambda url: migrate(part.migrations, url))
    database = postgres.new_database(template)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        values = {
            "tender": {"receipt_key": receipt_key(), "objects": "memory:///"},
            "provider-registry": {"objects": "memory:///"},
        }.get(part.name, {})
        entering = stack.enter_async_context(running(part.create, part.settings, database, sandbox=True, **values))
        service = runner.run(entering)
        asked = Asked(service, office_of(service), runner.run(tell(service)), runner)
        ask_everything(asked, schemathesis.openapi.from_dict(service.app.openapi()))
        runner.run(stack.aclose())
    postgres.drop(database)


def ask_everything(asked: Asked, schema: Any) -> None:
    """Share the cases out over all operations, one half as they are described and one half not."""
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [operation for operation in operations if STREAMS not in operation.path]
    assert len(operations) > 5
    todo = [(operation, mode) for operation in operations for mode in GenerationMode]
    done, number = 0, 0
    while done < CASES:
        share = -(-(CASES - done) // len(todo))
        answers = [asked.ask(operation, mode, share, number) for operation, mode in todo]
        done += sum(answers)
        # What had fewer cases than its share has no more to be asked.
        todo = [one for one, cases in zip(todo, answers, strict=True) if cases >= share]
        number += 1


def receipt_key() -> str:
    key = Ed25519PrivateKey.generate()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
