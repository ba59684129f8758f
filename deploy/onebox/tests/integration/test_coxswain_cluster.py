"""`coxswain cluster` as a person at a terminal meets it."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from onebox.cluster.processes import SERVICES
from onebox.people import DEMO_SECRET
from shared.kernel.ids import opaque_id
from shared.platform.embedded_postgres import execute
from shared.testing.cluster import READY_WITHIN, Cluster, running_cluster
from shared.testing.kafka import KafkaForTests
from shared.testing.onebox import coxswain, data_folder, free_port, is_listened_to

pytestmark = pytest.mark.xdist_group("cluster")
ROLES = ("api", "worker", "relay")
GONE_WITHIN = 20.0  # seconds
TOLD_WITHIN = 20.0


@pytest.fixture(scope="module")
def cluster(kafka: KafkaForTests) -> Iterator[Cluster]:
    """A cluster with a Kafka of its own; the run's tells that one can be had."""
    with running_cluster({"KAFKA_BOOTSTRAP_SERVERS": ""}) as running:
        yield running


def token(cluster: Cluster, client_id: str, audience: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": DEMO_SECRET}
    response = httpx.post(f"{cluster.url}/identity/token", data={**form, "audience": audience})
    return str(response.raise_for_status().json()["access_token"])


def appropriate(cluster: Cluster, code: str) -> None:
    body = {
        "code": code,
        "title": "Care",
        "fiscal_year": 2026,
        "amount": {"amount": "1000.00", "currency": "EUR"},
    }
    bearer = token(cluster, "finance-officer", "budget")
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": str(opaque_id())}
    httpx.post(f"{cluster.url}/budget/v1/appropriations", json=body, headers=headers).raise_for_status()


def appropriated(cluster: Cluster, code: str) -> int:
    """Return how often the budget's feed tells of it, once its relay has numbered it."""
    until = time.monotonic() + TOLD_WITHIN
    while True:
        feed = httpx.get(f"{cluster.url}/budget/v1/events", params={"limit": 1000}, timeout=30).json()
        assert [event["position"] for event in feed] == list(range(1, len(feed) + 1))
        found = [event["data"].get("code") for event in feed].count(code)
        if found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def descendants(cluster: Cluster) -> list[psutil.Process]:
    return psutil.Process(cluster.process.pid).children(recursive=True)


def assert_gone(processes: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, GONE_WITHIN)
    assert left == []


def test_every_process_is_ready_when_it_is_up(cluster: Cluster) -> None:
    answer = httpx.get(f"{cluster.url}/health/ready", timeout=30)
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    states = answer.json()["processes"]
    assert {(one["service"], one["role"]) for one in states} == {(name, role) for name in SERVICES for role in ROLES}
    assert len(states) == len(cluster.pids()) == 15
    assert {one["service"] for one in states if one["kafka"]} == set(SERVICES)
    until = time.monotonic() + TOLD_WITHIN
    while "Ctrl-C stops it" not in cluster.said and time.monotonic() < until:
        time.sleep(0.05)
    assert "Coxswain is up" in cluster.said
    assert cluster.url in cluster.said
    assert cluster.complaints == ""


def test_every_service_is_behind_the_door_when_it_is_up(cluster: Cluster) -> None:
    for service in set(SERVICES) - {"portal"}:
        document = httpx.get(f"{cluster.url}/{service}/openapi.json", timeout=60).json()
        assert document["info"]["title"].lower() == f"coxswain {service.replace('-', ' ')}"
        assert document["servers"] == [{"url": f"/{service}"}]
    assert httpx.get(cluster.url).headers["content-type"] == "text/html; charset=utf-8"
    appropriate(cluster, "care-streamed")
    with httpx.stream("GET", f"{cluster.url}/budget/v1/events/stream", timeout=60) as stream:
        assert any('"care-streamed"' in line for line in stream.iter_lines())


@pytest.mark.parametrize("role", ROLES)
def test_process_is_back_when_it_was_killed(cluster: Cluster, role: str) -> None:
    killed = cluster.kill("provider-registry", role)
    deadline = time.monotonic() + READY_WITHIN
    while cluster.pids("provider-registry", role) in ([], [killed]) or not cluster.is_ready():
        assert time.monotonic() < deadline, cluster.logs
        time.sleep(0.1)
    assert len(cluster.pids()) == 15
    told = [line for line in cluster.said.splitlines() if f"provider-registry-{role}" in line and "by signal 9" in line]
    assert len(told) == 1


@pytest.mark.parametrize(("program", "name"), [("java", "Kafka"), ("postgres", "PostgreSQL")])
def test_server_is_back_when_it_was_killed(cluster: Cluster, program: str, name: str) -> None:
    (server,) = [child for child in psutil.Process(cluster.process.pid).children() if child.name() == program]
    server.kill()
    deadline = time.monotonic() + READY_WITHIN
    while f"{name} has ended by itself" not in cluster.said or not cluster.is_ready():
        assert time.monotonic() < deadline, cluster.logs
        time.sleep(0.1)
    code = f"care-after-{program}"
    appropriate(cluster, code)
    assert appropriated(cluster, code) == 1
    relayed = "SELECT (SELECT position FROM relayed) = (SELECT count(*) FROM events);"
    while execute(cluster.database_url("budget"), relayed).strip() != "t":
        assert time.monotonic() < deadline, cluster.logs
        time.sleep(0.1)
    assert len(cluster.pids()) == 15
    assert "Traceback" not in cluster.complaints


def refused(*arguments: str | Path) -> str:
    """See that it does not start; return the sentence it says why with."""
    done = coxswain("cluster", *arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    sentence = done.stderr.strip()
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_it_says_so_when_the_port_is_taken(cluster: Cluster) -> None:
    with data_folder() as folder:
        sentence = refused("--data", folder / "data", "--port", str(cluster.port))
        assert sentence == f"Port {cluster.port} on 127.0.0.1 is taken; choose another with --port."
        assert not (folder / "data").exists()


def test_it_says_so_and_disturbs_nobody_when_another_runs_on_the_folder(cluster: Cluster) -> None:
    before = cluster.pids()
    sentence = refused("--data", cluster.data, "--port", str(free_port()))
    assert sentence == f"Another Coxswain already runs on {cluster.data} (process {cluster.process.pid})."
    assert cluster.pids() == before
    assert cluster.is_ready()


def test_it_says_so_when_the_folder_is_a_file() -> None:
    with data_folder() as folder:
        (folder / "data").write_text("mine")
        sentence = refused("--data", folder / "data", "--port", str(free_port()))
        assert sentence == f"{folder / 'data'} is not a folder; choose another with --data."


def test_it_says_so_when_there_is_no_kafka(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with data_folder() as folder:
        sentence = refused("--data", folder / "data", "--port", str(free_port()))
        assert sentence.startswith("Install Java 17 or newer")
        assert not (folder / "data").exists()


def test_it_says_so_when_workers_are_asked_for_that_cannot_be() -> None:
    done = coxswain("cluster", "--workers", "evaluation=many")
    assert done.returncode == 2
    assert "evaluation=3" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_left_running_when_it_is_stopped_while_it_starts(kafka: KafkaForTests) -> None:
    shared = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}
    with data_folder() as folder:
        starting = Cluster(folder, environment=shared, options=("--topic-prefix", kafka.new_prefix()))
        starting.spawn()
        deadline = time.monotonic() + READY_WITHIN
        while not starting.pids():
            assert starting.process.poll() is None, starting.complaints
            assert time.monotonic() < deadline
            time.sleep(0.02)
        begun = descendants(starting)
        assert len(begun) > 1
        assert starting.stop(signal.SIGTERM) == 0
        assert_gone(begun)
        assert not is_listened_to(starting.port)
        assert starting.complaints == ""


def test_everything_is_there_again_when_its_launcher_was_killed(cluster: Cluster) -> None:
    appropriate(cluster, "care-kept")
    left, database = cluster.pids(), cluster.postgres_port
    assert cluster.stop(signal.SIGKILL) == -signal.SIGKILL
    assert all(psutil.pid_exists(pid) for pid in left)
    cluster.start()
    assert not any(psutil.pid_exists(pid) for pid in left)
    assert not is_listened_to(database)
    assert len(cluster.pids()) == 15
    assert appropriated(cluster, "care-kept") == 1
    appropriate(cluster, "care-after")
    assert appropriated(cluster, "care-after") == 1


def test_everything_stops_and_nothing_else_when_it_is_interrupted(cluster: Cluster, kafka: KafkaForTests) -> None:
    begun = descendants(cluster)
    listening = {
        connection.laddr.port
        for process in begun
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert len(listening) == 15 + 3  # each process one, Kafka two, PostgreSQL one
    with httpx.stream("GET", f"{cluster.url}/provider-registry/v1/events/stream", timeout=60) as stream:
        assert stream.status_code == 200
        assert cluster.stop(signal.SIGINT) == 0
    assert_gone(begun)
    assert not any(is_listened_to(port) for port in {cluster.port, *listening})
    assert cluster.pids() == []
    assert cluster.complaints == ""
    assert cluster.said.rstrip().endswith("Stopping.")
    assert is_listened_to(int(kafka.bootstrap_servers.rpartition(":")[2]))
