"""One service as a process of its own, on a database that is gone afterwards, and tokens that it trusts."""

import asyncio
import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from onebox.bench.stage import Stage, staged
from onebox.cluster.ports import free_ports
from onebox.issuer import Enrolment, Issuer
from onebox.people import DEMO_SECRET
from shared.platform.settings import Role

_READY_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Alone:
    """A service that answers, and the database it stands on."""

    service: str
    url: str
    stage: Stage
    issuer: Issuer
    jwks_url: str

    @contextlib.contextmanager
    def running(self, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
        """Run the service's API until the end, which it may meet earlier."""
        # An API process reads no other service's events.
        feeds = json.dumps(dict.fromkeys(("tender", "budget", "provider-registry", "evaluation"), self.url))
        port = int(self.url.rpartition(":")[2])
        settings = {"JWKS_URL": self.jwks_url, "FEEDS": feeds}
        with self.stage.process(self.service, Role.API, port=port, workers=processes, **settings) as process:
            self._await(process)
            yield process

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _READY_WITHIN
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/v1/overdue").status_code == httpx.codes.OK:
                    return
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The service did not start.")
            time.sleep(0.1)

    @property
    def database_url(self) -> str:
        """The database, as asyncpg takes it and as its owner, who may make tables to compare with."""
        return self.stage.postgres.owner_url(self.service).replace("postgresql+asyncpg://", "postgresql://")

    def bidder(self, organisation: str) -> str:
        """Enrol an organisation, and return a token of a person of it."""
        enrolled = self.issuer.enrol(
            Enrolment(organisation=organisation, organisation_name=organisation, roles=["provider"])
        )
        return self._token(enrolled.client_id, enrolled.client_secret)

    def person(self, client_id: str) -> str:
        """Return a token of one of the people whom every one-box has."""
        return self._token(client_id, DEMO_SECRET)

    def _token(self, client_id: str, secret: str) -> str:
        token = self.issuer.token(client_id, secret, self.service)
        assert token is not None  # noqa: S101 - the issuer knows whom it has enrolled
        return token


@contextlib.contextmanager
def standing_alone(service: str, processes: int) -> Iterator[Alone]:
    """Run the API of a service, in so many processes behind one port."""
    with prepared(service) as alone, alone.running(processes):
        yield alone


@contextlib.contextmanager
def prepared(service: str) -> Iterator[Alone]:
    """Start everything that a service stands on, and not yet the service."""
    with staged(kafka=False, services=(service,)) as stage:
        issuer = Issuer(stage.folder / "identity")
        with _keys(issuer) as jwks_url:
            yield Alone(service, f"http://127.0.0.1:{free_ports(1)[0]}", stage, issuer, jwks_url)


@contextlib.contextmanager
def _keys(issuer: Issuer) -> Iterator[str]:
    """Serve the keys that tokens are verified with."""
    body = json.dumps(asyncio.run(issuer.keys())).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
        server.shutdown()
