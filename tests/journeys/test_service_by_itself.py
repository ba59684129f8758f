"""A service runs by itself too: from environment variables, with keys read over HTTP like any provider's."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from shared.kernel.ids import opaque_id
from shared.platform.auth import DEMO_ISSUER
from shared.platform.database import migrate
from shared.testing.onebox import free_port
from shared.testing.postgres import PostgresForTests
from shared.testing.tokens import Tokens

MIGRATIONS = Path(__file__).parents[2] / "services" / "provider-registry" / "migrations"
WITHIN = 30.0


@pytest.fixture
def database(postgres: PostgresForTests) -> Iterator[str]:
    template = postgres.template("provider_registry", lambda url: migrate(MIGRATIONS, url))
    url = postgres.new_database(template)
    yield url
    postgres.drop(url)


@contextmanager
def provider_of_keys(tokens: Tokens) -> Iterator[str]:
    app = FastAPI()
    app.get("/jwks.json")(tokens.keys)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/jwks.json"
    finally:
        server.should_exit = True
        thread.join(WITHIN)


def started(port: int, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "uvicorn", "--factory", "provider_registry.main:from_environment"]
    variables = {f"PROVIDER_REGISTRY_{name.upper()}": value for name, value in environment.items()}
    return subprocess.Popen(
        [*command, "--port", str(port)], env=os.environ | variables, stderr=subprocess.PIPE, text=True
    )


def answers(url: str, process: subprocess.Popen[str]) -> bool:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            return httpx.get(f"{url}/health/live").status_code == 200
        except httpx.TransportError:
            time.sleep(0.05)
    return False


def test_it_takes_tokens_of_any_provider_when_its_keys_are_published(database: str) -> None:
    tokens, port = Tokens("https://identity.county.example"), free_port()
    with provider_of_keys(tokens) as keys:
        feeds = '{"tender": "http://127.0.0.1:9/tender", "evaluation": "http://127.0.0.1:9/evaluation"}'
        process = started(port, database_url=database, issuer=tokens.issuer, jwks_url=keys, feeds=feeds)
        try:
            url = f"http://127.0.0.1:{port}"
            assert answers(url, process)
            identifier = {"scheme": "XX-REG", "id": "1"}
            body = {"name": "One", "legal_form": "association", "identifier": identifier}
            token = tokens.mint("anna", "org-1", "provider", audience="provider-registry")
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(opaque_id())}
            assert httpx.post(f"{url}/v1/providers", json=body, headers=headers).status_code == 201
            stranger = Tokens(tokens.issuer).mint("anna", "org-2", "provider", audience="provider-registry")
            headers = {"Authorization": f"Bearer {stranger}", "Idempotency-Key": str(opaque_id())}
            assert httpx.post(f"{url}/v1/providers", json=body, headers=headers).status_code == 401
            # The others cannot be reached, so it does not call itself ready, and says which.
            ready = httpx.get(f"{url}/health/ready")
            assert (ready.status_code, ready.json()["sources"]) == (503, {"tender": False, "evaluation": False})
        finally:
            process.terminate()
            process.communicate(timeout=WITHIN)


def test_it_refuses_to_start_when_it_would_trust_the_demonstration(database: str) -> None:
    process = started(free_port(), database_url=database, issuer=DEMO_ISSUER, jwks_url="http://127.0.0.1:9", feeds="{}")
    _, said = process.communicate(timeout=WITHIN)
    assert process.returncode != 0
    assert "whose secrets everybody knows" in said
