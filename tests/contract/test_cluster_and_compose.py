"""`make cluster` and docker-compose.yml run the same system: the same processes, told the same things."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from onebox.cluster.processes import SERVICES, Around, Process, package, prefix, processes

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
OURS = {
    name: service
    for name, service in COMPOSE.items()
    if service.get("build", {}).get("dockerfile") == "deploy/images/Dockerfile"
}
CONTAINERS = {name: service for name, service in OURS.items() if service["restart"] != "no"}
PROCESSES = processes(Around(dict.fromkeys(SERVICES, "x"), "x", {"BOOTSTRAP_SERVERS": "x"}, "x", "x", "x"), {})
A_SANDBOX_OF_ONE_MACHINE = {"ONE_BOX", "SANDBOX", "POOL_SIZE", "SERVICE_URLS"}
OF_THE_PUBLISHER = {"OCID_PREFIX"}


def service_of(container: dict[str, Any]) -> str:
    return str(container["build"]["args"]["SERVICE"])


def told(container: dict[str, Any]) -> dict[str, str]:
    """Return a container's settings, without what their names begin with."""
    begins = prefix(service_of(container))
    environment: dict[str, str] = container["environment"]
    return {name.removeprefix(begins): value for name, value in environment.items() if name.startswith(begins)}


def container_of(process: Process) -> dict[str, Any]:
    (found,) = [
        container
        for container in CONTAINERS.values()
        if (service_of(container), told(container)["ROLE"]) == (process.service, process.role)
    ]
    return found


def test_processes_are_the_same() -> None:
    assert len(CONTAINERS) == len(PROCESSES) == 15
    containers = {(service_of(container), told(container)["ROLE"]) for container in CONTAINERS.values()}
    assert containers == {(process.service, process.role.value) for process in PROCESSES}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_process_is_told_the_same(process: Process) -> None:
    begins = prefix(process.service)
    names = {name.removeprefix(begins) for name in process.environment}
    assert names - A_SANDBOX_OF_ONE_MACHINE == told(container_of(process)).keys() - OF_THE_PUBLISHER


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_process_runs_the_same_application_under_the_same_path(process: Process) -> None:
    container, command = container_of(process), process.command(1)
    arguments = container["build"]["args"]
    assert f"{arguments.get('PACKAGE', arguments['SERVICE'])}.main:from_environment" in command
    root = command[command.index("--root-path") + 1] if "--root-path" in command else None
    assert container["environment"].get("UVICORN_ROOT_PATH") == root


@pytest.mark.parametrize("service", SERVICES)
def test_schema_is_brought_to_its_newest_before_its_service_starts(service: str) -> None:
    assert service_of(OURS[f"{service}-migrate"]) == service
    assert (ROOT / "services" / service / "migrations").is_dir()
    assert package(service) in OURS[f"{service}-migrate"]["environment"]["DATABASE_URL"]


def test_doors_lead_to_the_same_services() -> None:
    caddyfile = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text("utf-8")
    assert set(re.findall(r"handle_path /([a-z-]+)/\*", caddyfile)) == set(SERVICES) - {"portal"}
