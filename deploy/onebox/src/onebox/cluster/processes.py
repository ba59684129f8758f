"""Which processes a cluster is made of: for every service its API, its workers and its relay."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.platform.auth import DEMO_ISSUER
from shared.platform.settings import Role

SERVICES = ("provider-registry", "budget", "tender", "evaluation", "portal")
PORTAL = "portal"
POOL_SIZE = 4
"""Of each process, which opens up to twice as many connections when it is pressed."""
MOST_WORKERS = 16
_HOST = "127.0.0.1"
_GRACE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What the processes find around them."""

    databases: Mapping[str, str] = field(repr=False)
    jwks_url: str
    kafka: Mapping[str, str] = field(repr=False)
    """By the names of KafkaSettings, in capitals."""
    receipt_key: str = field(repr=False)
    persons_key: str = field(repr=False)
    objects: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process of one service."""

    name: str
    service: str
    role: Role
    environment: Mapping[str, str] = field(repr=False)

    def command(self, port: int) -> tuple[str, ...]:
        """Return what starts it on a port."""
        application = ("-m", "uvicorn", "--factory", f"{package(self.service)}.main:from_environment")
        place = ("--host", _HOST, "--port", str(port))
        # The services write their own log, which leaves out what must not be known.
        manner = ("--no-access-log", "--timeout-graceful-shutdown", str(_GRACE_SECONDS))
        # The door takes the service's name off a path, and the service puts it into its links again.
        prefixed = self.role is Role.API and self.service != PORTAL
        root = ("--root-path", f"/{self.service}") if prefixed else ()
        return (sys.executable, *application, *place, *manner, *root)


def package(service: str) -> str:
    """Return the name of a service's Python package, which is its database's too."""
    return service.replace("-", "_")


def prefix(service: str) -> str:
    """Return what the environment variables of a service begin with."""
    return f"{package(service).upper()}_"


def processes(around: Around, workers: Mapping[str, int]) -> tuple[Process, ...]:
    """List the processes; a service has one worker unless another number is asked for."""
    return tuple(
        Process(name, service, role, _environment(service, role, around))
        for service in SERVICES
        for name, role in _named(service, workers.get(service, 1))
    )


def count(workers: Mapping[str, int]) -> int:
    """Return how many processes that makes."""
    return sum(len(list(_named(service, workers.get(service, 1)))) for service in SERVICES)


def worker_counts(asked: Iterable[str]) -> dict[str, int]:
    """Read how many workers are wanted, each written as SERVICE=NUMBER.

    Raises:
        ValueError: with a sentence for the person who wrote it.
    """
    counts = {}
    for text in asked:
        service, _, number = text.partition("=")
        if service not in SERVICES:
            raise ValueError(f"the services are {', '.join(SERVICES)}; an example is evaluation=3")
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= MOST_WORKERS):
            raise ValueError(f"a service has 1 to {MOST_WORKERS} workers; an example is evaluation=3")
        counts[service] = int(number)
    return counts


def _named(service: str, workers: int) -> Iterator[tuple[str, Role]]:
    yield f"{service}-api", Role.API
    for number in range(1, workers + 1):
        yield f"{service}-worker-{number}", Role.WORKER
    yield f"{service}-relay", Role.RELAY


def _environment(service: str, role: Role, around: Around) -> dict[str, str]:
    values = {
        "DATABASE_URL": around.databases[service],
        "ISSUER": DEMO_ISSUER,
        "JWKS_URL": around.jwks_url,
        "ROLE": role.value,
        "ONE_BOX": "true",
        "SANDBOX": "true",
        "POOL_SIZE": str(POOL_SIZE),
        **{f"KAFKA__{name}": value for name, value in around.kafka.items()},
    }
    if service in {"tender", "evaluation"}:
        values["PERSONS_KEY"] = around.persons_key
    if service == "tender":
        values["RECEIPT_KEY"] = around.receipt_key
    if service in {"tender", "provider-registry"}:
        values["OBJECTS"] = around.objects
    if service == PORTAL:
        values["SERVICE_URLS"] = json.dumps({other: f"/{other}" for other in SERVICES if other != PORTAL})
    return {prefix(service) + name: value for name, value in values.items()}
