"""The image: one service and nothing else, made of what is pinned, that starts, answers and ends."""

import ast
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from image import LOCKS, PackagesUnavailable, Stage, build, instructions
from sqlalchemy.engine import URL, make_url

from shared.kernel.ids import opaque_id
from shared.testing.onebox import free_port
from shared.testing.postgres import PostgresForTests, as_owner

pytestmark = pytest.mark.xdist_group("image")

ROOT = Path(__file__).parents[2]
SERVICE = "tender"
WITHIN = 30.0  # seconds
FIND = "import importlib.util as u, sys; print([name for name in sys.argv[1:] if u.find_spec(name)])"
# Tests stand on these; the image does not hold what they need.
LEFT_OUT = re.compile(r"shared[./](testing|platform[./]embedded_)")
IMPORT_ALL = f"""
import importlib, pkgutil, re, sys
for root in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(root).__path__, f"{{root}}."):
        if not re.match({LEFT_OUT.pattern!r}, module.name):
            importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    try:
        return build(tmp_path_factory.mktemp("image"), SERVICE=SERVICE)
    except PackagesUnavailable as problem:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(problem))


def pinned(lock: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Read a lock: version and hashes by name."""
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        entry.partition("==")[0]: (entry.split()[0].partition("==")[2], frozenset(re.findall(r"sha256:\w{64}", entry)))
        for entry in entries
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_package_is_the_one_that_the_tests_ran_on_when_it_is_in_the_image(lock: Path) -> None:
    assert pinned(lock).items() <= pinned(ROOT / "requirements.lock").items()
    assert all(version and hashes for version, hashes in pinned(lock).values())
    assert "://" not in lock.read_text("utf-8")


def test_step_installs_only_what_is_pinned_or_ours() -> None:
    steps = [rest for name, rest in instructions() if name == "RUN"]
    assert len(steps) == 4
    for step in steps:
        assert re.fullmatch(r"pip (install|wheel) (--require-hashes -r \w+\.lock|--no-deps .+)", step), step


def test_builder_is_sent_what_the_image_is_made_of_and_no_secrets() -> None:
    ignored, *patterns = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] != "#"]
    assert ignored == "*"
    sent = [pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")]
    assert sent == ["deploy/images", "services", "shared"]
    copied = [rest.split()[-2] for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]
    assert copied
    assert [source for source in copied if not source.startswith(tuple(sent))] == []


def test_image_holds_what_is_pinned_and_its_own_service_alone(image: Stage) -> None:
    listed = json.loads(image.run("pip", "list", "--format", "json").stdout)
    names = {package["name"].lower().replace("_", "-") for package in listed}
    assert names - {"pip", "setuptools"} == {*pinned(LOCKS[0]), "shared", SERVICE}
    assert image.run("pip", "check").returncode == 0
    assert {entry.name for entry in image.path(".").iterdir()} == {
        "migrations",
        "objects",
        "requirements.lock",
        "wheels",
    }


def test_stranger_is_not_importable(image: Stage) -> None:
    strangers = ("budget", "evaluation", "portal", "provider_registry", "onebox", "pytest", "hatchling", "typer")
    assert image.run("python", "-c", FIND, *strangers, SERVICE).stdout == f"['{SERVICE}']\n"


def test_every_module_is_importable_when_only_the_image_is_there(image: Stage) -> None:
    done = image.run("python", "-W", "error", "-c", IMPORT_ALL, SERVICE, "shared")
    assert (done.returncode, done.stderr) == (0, "")


def imported() -> set[str]:
    """Return the packages that the services' modules import, whichever service it is."""
    sources = [*ROOT.glob("services/*/src"), ROOT / "shared" / "src", *ROOT.glob("services/*/migrations")]
    files = [file for source in sources for file in source.rglob("*.py") if not LEFT_OUT.search(file.as_posix())]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules = plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    ours = {"shared", *(folder.name for folder in ROOT.glob("services/*/src/*"))}
    return {module.partition(".")[0] for module in modules} - ours - sys.stdlib_module_names


def test_every_service_finds_its_packages_when_only_the_image_is_there(image: Stage) -> None:
    needed = sorted(imported())
    assert image.run("python", "-c", FIND, *needed).stdout == f"{needed}\n"


def settings(url: str) -> dict[str, str]:
    """Return the environment of a tender service whose other services cannot be reached."""
    address = make_url(url)
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place = (address.host, address.port, address.database)
    nowhere = "http://127.0.0.1:9"
    return {
        "PGPASSWORD": address.password or "",
        "TENDER_DATABASE_URL": str(URL.create(address.drivername, address.username, None, *place)),
        "TENDER_ISSUER": "https://identity.county.example",
        "TENDER_JWKS_URL": f"{nowhere}/jwks.json",
        "TENDER_FEEDS": json.dumps(dict.fromkeys(("budget", "provider-registry"), nowhere)),
        "TENDER_RECEIPT_KEY": key.decode(),
        "TENDER_PERSONS_KEY": secrets.token_hex(32),
        "TENDER_ROLE": "all",
        "UVICORN_HOST": "127.0.0.1",
        "UVICORN_PORT": str(free_port()),
        "UVICORN_ROOT_PATH": "/tender",
        "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "1",
    }


@contextlib.contextmanager
def started(image: Stage, given: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    variables = image.variables(given)
    command, *arguments = json.loads(image.said["CMD"])
    program = shutil.which(command, path=variables["PATH"])
    assert program is not None
    with subprocess.Popen(
        [program, *arguments],
        cwd=image.path("."),
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until_it_answers(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(url)
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[0])


@pytest.fixture(scope="module")
def database(image: Stage, postgres: PostgresForTests) -> Iterator[str]:
    url = postgres.new_database()
    migrated = image.run("python", "-m", "shared.platform.migrate", "migrations", DATABASE_URL=as_owner(url))
    assert (migrated.returncode, migrated.stderr) == (0, "")
    yield url
    postgres.drop(url)


def test_service_answers_and_ends_when_it_is_told_to(image: Stage, database: str) -> None:
    given = settings(database)
    url = f"http://127.0.0.1:{given['UVICORN_PORT']}"
    with started(image, given) as process:
        assert until_it_answers(f"{url}/health/live", process).status_code == 200
        # The others cannot be reached, and its health check sees that.
        ready = httpx.get(f"{url}/health/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, True)
        assert health_check(image, int(given["UVICORN_PORT"])) == 1
        assert httpx.get(f"{url}/v1/catalogue").json()
        assert httpx.get(f"{url}/v1/tenders/{opaque_id()}/bids").status_code == 404
        # Somebody who listens for events would listen for ever.
        with httpx.stream("GET", f"{url}/v1/events/stream") as stream:
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=15)
    assert "Application shutdown complete." in said
    # The server does what was asked and then lets the signal have its way. The first process of a container, which is
    # what it is in the image, is not ended by a signal and returns 0.
    assert process.returncode == -signal.SIGTERM
    assert "bids" not in said, "that somebody asked is itself the secret"


def test_service_says_what_is_missing_when_it_is_given_nothing(image: Stage) -> None:
    command = json.loads(image.said["CMD"])
    done = image.run(*command, UVICORN_HOST="127.0.0.1", UVICORN_PORT=str(free_port()))
    assert done.returncode not in {0, -signal.SIGKILL}
    assert "receipt_key" in done.stderr


def health_check(image: Stage, port: int) -> int:
    command = json.loads(image.said["HEALTHCHECK"].removeprefix("CMD "))
    return image.run(*command, UVICORN_PORT=str(port)).returncode


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1), (404, 1)])
def test_health_check_takes_only_yes_for_an_answer(image: Stage, status: int, exit_code: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert health_check(image, server.server_port) == exit_code
        server.shutdown()
        thread.join()


def test_health_check_fails_when_nobody_is_there(image: Stage) -> None:
    assert health_check(image, free_port()) == 1


def test_process_is_nobody_in_particular(image: Stage) -> None:
    user, _, group = image.said["USER"].partition(":")
    assert int(user) > 1000
    assert int(group) > 1000
