"""The journey against servers that do not keep what Coxswain promises: it must say so, in one sentence."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from shared.testing.onebox import HOST, OneBox, coxswain

pytestmark = pytest.mark.xdist_group("onebox")

TOKEN = json.dumps({"access_token": "x", "expires_in": 300})


class Server(BaseHTTPRequestHandler):
    """Answers as its class says; nothing is printed."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def give(self, status: int, content: bytes, media_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer((HOST, 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def failure_of(url: str) -> str:
    """Walk the journey, which fails; return the sentence it says why with."""
    done = coxswain("journey", "--json", "--url", url)
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(done.stdout)
    assert document["ok"] is False
    return str(document["failure"])


@pytest.mark.parametrize(
    ("feed", "token", "expected"),
    [
        ("[]", TOKEN, "is given a client, registers and submits evidence: "),
        ("hello", TOKEN, "{url} answers, but not as Coxswain does (JSONDecodeError)"),
        ("[]", "{}", "is given a client, registers and submits evidence: KeyError 'access_token'"),
        ("[]", "[]", "is given a client, registers and submits evidence: TypeError "),
    ],
)
def test_journey_fails_when_nonsense_is_answered(feed: str, token: str, expected: str) -> None:
    class Nonsense(Server):
        def do_GET(self) -> None:
            at_the_end = "after=0" not in self.path
            self.give(HTTPStatus.OK, b"[]" if "/v1/events" in self.path and at_the_end else feed.encode())

        def do_POST(self) -> None:
            self.body()
            self.give(HTTPStatus.OK, token.encode() if self.path == "/identity/token" else b'{"hello": "world"}')

    with serving(Nonsense) as url:
        failure = failure_of(url)
    assert failure.startswith(expected.format(url=url))


def test_journey_fails_when_the_box_is_not_ready() -> None:
    class Starting(Server):
        def do_GET(self) -> None:
            self.give(HTTPStatus.SERVICE_UNAVAILABLE, b'{"ready": false}')

    with serving(Starting) as url:
        assert failure_of(url) == f"{url} is not ready (503)"


def test_journey_fails_when_one_promise_is_broken(journeys_box: OneBox) -> None:
    """Put a clerk between the journey and the box who lets one officer verify alone."""

    class Clerk(Server):
        def do_GET(self) -> None:
            self.forward()

        def do_POST(self) -> None:
            self.forward()

        def forward(self) -> None:
            connection = http.client.HTTPConnection(HOST, journeys_box.port, timeout=60)
            kept = ("Authorization", "Content-Type", "Idempotency-Key", "Accept")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            connection.request(self.command, self.path, self.body(), headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            refused = self.path.endswith("/verification") and answer.status == HTTPStatus.FORBIDDEN
            media_type = answer.getheader("Content-Type", "application/json")
            self.give(HTTPStatus.OK if refused else answer.status, content, media_type)

    with serving(Clerk) as url:
        failure = failure_of(url)
    assert failure.startswith(
        "checks sunrise; the same officer cannot verify: 403 second-person-needed promised, 200 second-person-needed"
    )
