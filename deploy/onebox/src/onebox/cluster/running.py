"""Starts a cluster, and stops what it started."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from onebox.cluster.children import Children
from onebox.cluster.door import create_client, create_door
from onebox.cluster.processes import POOL_SIZE, SERVICES, Around, count, processes
from onebox.cluster.readiness import until_ready
from onebox.cluster.servers import Say, Servers, create_topics, kafka_elsewhere
from onebox.issuer import create_issuer
from onebox.listening import HOST, STOPPING, CannotStart, Server, listen
from onebox.persons_key import persons_key
from onebox.receipt_key import receipt_key
from shared.platform import logging, telemetry
from shared.platform.embedded_kafka import KafkaNotStarted, KafkaUnavailable
from shared.platform.embedded_postgres import DataFolderProblem

_SPARE_CONNECTIONS = 40  # the operator's, the migrations', and those of processes that were killed
_READY_WITHIN = 180.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cluster lives, and how large it is."""

    data: Path
    port: int
    workers: Mapping[str, int]
    topic_prefix: str = ""

    @property
    def url(self) -> str:
        """The address of its door."""
        return f"http://{HOST}:{self.port}"


def run(place: Place, once_ready: Callable[[], None], say: Say) -> None:
    """Run until interrupted.

    Raises:
        CannotStart: with a sentence for the person at the terminal.
    """
    # While it starts, too, a request to stop ends what has been started.
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    # Ask for the port before anything is started, and take it once there is something to stand behind it.
    listen(place.port).close()
    servers = Servers(place.data, 2 * POOL_SIZE * count(place.workers) + _SPARE_CONNECTIONS, say)
    kafka = kafka_elsewhere(os.environ)
    own_kafka = "BOOTSTRAP_SERVERS" not in kafka
    try:
        with servers.running(own_kafka=own_kafka):
            if servers.kafka is not None:
                kafka = {"BOOTSTRAP_SERVERS": servers.kafka.bootstrap_servers}
            if place.topic_prefix:
                kafka |= {"TOPIC_PREFIX": place.topic_prefix}
            create_topics(kafka)
            (place.data / "logs").mkdir(exist_ok=True)
            with (
                contextlib.closing(listen(place.port)) as listener,
                contextlib.closing(logging.configure(place.data / "logs" / "coxswain.log")),
            ):
                telemetry.configure("coxswain-cluster")
                try:
                    asyncio.run(_serve(place, servers, kafka, listener, once_ready, say))
                finally:
                    _ignore_signals()
            say("Stopping.")
    except (DataFolderProblem, KafkaNotStarted, KafkaUnavailable) as problem:
        raise CannotStart(str(problem)) from problem


def _ignore_signals() -> None:
    # Another Ctrl-C would leave servers behind that are about to be stopped anyway.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


async def _serve(
    place: Place,
    servers: Servers,
    kafka: Mapping[str, str],
    listener: socket.socket,
    once_ready: Callable[[], None],
    say: Say,
) -> None:
    issuer, _ = create_issuer(place.data / "identity")
    around = Around(
        databases={service: servers.url(service) for service in SERVICES},
        jwks_url=f"{place.url}/identity/jwks.json",
        kafka=kafka,
        receipt_key=receipt_key(place.data / "identity" / "receipt-key.pem"),
        persons_key=persons_key(place.data / "identity" / "persons-key"),
        objects=str(place.data / "objects"),
    )
    wanted = processes(around, place.workers)
    children = Children(place.data, kafka["BOOTSTRAP_SERVERS"], say)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stopping.set)

    async def follow() -> None:
        try:
            async with asyncio.timeout(_READY_WITHIN):
                await until_ready(children.behind, len(wanted), client, say)
        except TimeoutError:
            problem = f"Not everything was ready within {_READY_WITHIN:.0f} seconds; see {place.data / 'logs'}."
            raise CannotStart(problem) from None
        say(f"Kafka: {kafka['BOOTSTRAP_SERVERS']}. Logs: {place.data / 'logs'}.")
        once_ready()
        await stopping.wait()

    async with create_client() as client:
        door = _server(create_door(children.behind, client, issuer))
        answering = asyncio.create_task(door.serve(sockets=[listener]))
        say(f"Starting {len(wanted)} processes …")
        beside = [asyncio.create_task(task) for task in (children.keep(wanted), servers.keep(), follow())]
        beside.append(asyncio.create_task(_told_to_stop(stopping)))
        ended, _ = await asyncio.wait([answering, *beside], return_when=asyncio.FIRST_COMPLETED)
        door.stop()
        await asyncio.wait([answering])
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
    for task in ended:
        task.result()


async def _told_to_stop(stopping: asyncio.Event) -> None:
    await stopping.wait()


def _server(app: ASGIApp) -> Server:
    # Our own log tells of what goes wrong; uvicorn's would quote requests, and streams cut off by Ctrl-C, here.
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            lifespan="off",
        )
    )
