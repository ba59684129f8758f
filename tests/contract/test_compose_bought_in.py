"""What docker-compose.yml puts around the services: the networks, the gateway and the brokers."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from portal.settings import Settings as PortalSettings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, Any] = COMPOSE["services"]
CADDYFILE = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text("utf-8")
SERVICES = {folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir()}
BROKERS = ["kafka-1", "kafka-2", "kafka-3"]
POM = {"maven": "http://maven.apache.org/POM/4.0.0"}


def of_role(role: str) -> set[str]:
    return {f"{service}-{role}" for service in SERVICES}


def members(network: str) -> set[str]:
    return {name for name, container in CONTAINERS.items() if network in container["networks"]}


def test_gateway_alone_can_be_reached_from_outside() -> None:
    assert {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container} == {
        "gateway": ["443:443"]
    }


def test_networks_keep_apart_what_has_nothing_to_say_to_each_other() -> None:
    assert COMPOSE["networks"] == {"front": {}, "databases": {"internal": True}, "events": {"internal": True}}
    assert members("front") == {"gateway"} | of_role("api")
    assert members("databases") == {"postgres"}.union(*map(of_role, ("api", "worker", "relay", "migrate")))
    assert members("events") == {"topics", *BROKERS} | of_role("worker") | of_role("relay")


def test_gateway_leads_to_every_service_under_its_own_path() -> None:
    routes = dict(re.findall(r"handle_path /([a-z-]+)/\* \{\s+reverse_proxy ([a-z-]+):8000\s+\}", CADDYFILE))
    assert routes == {service: f"{service}-api" for service in SERVICES - {"portal"}}
    assert re.findall(r"handle \{\s+reverse_proxy (\S+)\s+\}", CADDYFILE) == ["portal-api:8000"]
    assert CADDYFILE.count("reverse_proxy ") == len(SERVICES)
    for service in SERVICES - {"portal"}:
        assert CONTAINERS[f"{service}-api"]["environment"]["UVICORN_ROOT_PATH"] == f"/{service}"
    # The portal is told of no other addresses, so these are where its pages send people.
    assert PortalSettings.model_fields["service_urls"].get_default(call_default_factory=True) == {
        service: f"/{service}" for service in SERVICES - {"portal"}
    }


def test_gateway_writes_no_request_down() -> None:
    assert re.findall(r"^\t*log\b.*$", CADDYFILE, re.MULTILINE) == ["\tlog {"]
    assert "exclude http.log.error http.handlers.reverse_proxy" in CADDYFILE


@pytest.mark.parametrize("number", [1, 2, 3])
def test_broker_is_one_of_three(number: int) -> None:
    name = f"kafka-{number}"
    container, environment = CONTAINERS[name], CONTAINERS[name]["environment"]
    assert environment["KAFKA_NODE_ID"] == number
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{name}:9092"
    assert container["volumes"] == [f"{name}:{environment['KAFKA_LOG_DIRS']}"]
    assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093"


def test_brokers_lose_nothing_when_one_of_them_is_lost() -> None:
    environment = CONTAINERS["kafka-1"]["environment"]
    assert (environment["KAFKA_DEFAULT_REPLICATION_FACTOR"], environment["KAFKA_MIN_INSYNC_REPLICAS"]) == (3, 2)
    assert environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    for topic in ("OFFSETS_TOPIC", "TRANSACTION_STATE_LOG", "SHARE_COORDINATOR_STATE_TOPIC"):
        assert environment[f"KAFKA_{topic}_REPLICATION_FACTOR"] == 3


def test_brokers_are_of_the_version_that_the_tests_run_on() -> None:
    pom = ET.parse(ROOT / "deploy" / "kafka" / "pom.xml")  # noqa: S314 - our own file
    version = pom.findtext(".//maven:dependency[maven:artifactId='kafka_2.13']/maven:version", namespaces=POM)
    assert {CONTAINERS[broker]["image"] for broker in BROKERS} == {f"apache/kafka:{version}"}


def test_file_is_here_when_it_is_mounted() -> None:
    mounted = [volume.split(":") for container in CONTAINERS.values() for volume in container.get("volumes", [])]
    files = [volume for volume in mounted if volume[0].startswith("./")]
    assert {(source, rights) for source, _, rights in files} == {
        ("./deploy/gateway/Caddyfile", "ro"),
        ("./deploy/kafka/topics.yaml", "ro"),
        ("./deploy/postgres/init.sh", "ro"),
        ("./deploy/postgres/pg_hba.conf", "ro"),
    }
    assert [source for source, _, _ in files if not (ROOT / source).is_file()] == []
    assert {volume[0] for volume in mounted} - {volume[0] for volume in files} == COMPOSE["volumes"].keys()
