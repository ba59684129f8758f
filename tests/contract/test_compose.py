"""docker-compose.yml: what it promises to whoever runs it, checked without Docker."""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared.platform.kafka.settings import KafkaSettings
from shared.platform.settings import Role, ServiceSettings

ROOT = Path(__file__).parents[2]
RAW = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE = yaml.safe_load(RAW)
CONTAINERS: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
SPECIFICATION = json.loads((Path(__file__).parent / "data" / "compose-spec.json").read_text("utf-8"))
DOCKERFILE = (ROOT / "deploy" / "images" / "Dockerfile").read_text("utf-8")
SERVICES = sorted(folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir())
ROLES = ("api", "worker", "relay")
PROCESSES = [f"{service}-{role}" for service in SERVICES for role in ROLES]
JOBS = [*(f"{service}-migrate" for service in SERVICES), "topics"]
BROKERS = ["kafka-1", "kafka-2", "kafka-3"]
BOUGHT_IN = ["gateway", "postgres", *BROKERS]
VARIABLE = re.compile(r"\$\{([A-Z_]+):\?[A-Z][^{}]+\.\}")


def package(service: str) -> str:
    return service.replace("-", "_")


def strings(node: Any) -> Iterator[str]:
    match node:
        case dict():
            for key, value in node.items():
                yield from (*strings(key), *strings(value))
        case list():
            for value in node:
                yield from strings(value)
        case str():
            yield node


def given(node: Any, values: Mapping[str, str]) -> Any:
    """Put values in the places of variables, as Compose does."""
    match node:
        case dict():
            return {key: given(value, values) for key, value in node.items()}
        case list():
            return [given(value, values) for value in node]
        case str():
            return VARIABLE.sub(lambda variable: values[variable[1]], node)
        case _:
            return node


GIVEN = "what somebody who runs it has given"
NAMES = sorted({name for text in strings(COMPOSE) for name in VARIABLE.findall(text)})


def schema_errors(document: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SPECIFICATION).iter_errors(document)]


def test_file_is_valid_when_held_against_the_specification() -> None:
    assert schema_errors(given(COMPOSE, dict.fromkeys(NAMES, "x"))) == []


@pytest.mark.parametrize(
    "change",
    [{"depend_on": ["postgres"]}, {"image": 3}, {"depends_on": {"postgres": {"condition": "ready"}}}],
)
def test_mistake_is_seen_when_it_is_planted(change: dict[str, Any]) -> None:
    assert schema_errors({**COMPOSE, "services": {"one": {"image": "x", **change}}})


def open_variables(text: str) -> str:
    """Return what is left of a text that could be filled in, once the variables that must be given are gone."""
    return "".join(re.findall(r"\$.*", VARIABLE.sub("", text)))


def test_variable_must_be_given_when_it_is_used() -> None:
    assert [text for text in strings(COMPOSE) if open_variables(text)] == []


@pytest.mark.parametrize(
    "text", ["${A}", "$A", "${A:-x}", "${A-x}", "${A?}", "${A:?}", "a${A:+b}", "${A:?Say it.}${B}"]
)
def test_variable_with_a_way_out_is_seen_when_it_is_planted(text: str) -> None:
    assert open_variables(text)


def test_example_lists_every_variable_without_a_value() -> None:
    paragraphs = (ROOT / ".env.example").read_text("utf-8").split("\n\n")
    assignments = [line for line in "\n".join(paragraphs).splitlines() if line and not line.startswith("#")]
    assert sorted(assignments) == [f"{name}=" for name in NAMES]
    assert all(paragraph.startswith("# ") for paragraph in paragraphs)


def literal_secrets(document: Any) -> list[str]:
    """Return what should have come from .env."""
    environments = [container.get("environment", {}) for container in document["services"].values()]
    named = [
        name
        for environment in environments
        for name, value in environment.items()
        if re.search(r"PASSWORD|SECRET|KEY|TOKEN|USERNAME", name) and not VARIABLE.fullmatch(str(value))
    ]
    return named + [text for text in strings(document) if re.search(r"://[^/@]*:[^/@]*@|(?i:password|secret)=", text)]


def test_secret_comes_from_the_environment_file() -> None:
    assert literal_secrets(COMPOSE) == []


@pytest.mark.parametrize(
    "planted",
    [
        {"environment": {"POSTGRES_PASSWORD": "postgres"}},
        {"environment": {"TENDER_RECEIPT_KEY": "${KEY:-demo}"}},
        {"environment": {"DATABASE_URL": "postgresql+asyncpg://tender:tender@postgres/tender"}},
        {"command": ["run", "--password=tender"]},
    ],
)
def test_literal_secret_is_seen_when_it_is_planted(planted: dict[str, Any]) -> None:
    assert literal_secrets({"services": {"one": planted}})


def test_every_service_has_its_containers() -> None:
    assert sorted(CONTAINERS) == sorted([*PROCESSES, *JOBS, *BOUGHT_IN])


@pytest.mark.parametrize("name", CONTAINERS)
def test_container_has_few_rights(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "gateway" else [])
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["deploy"]["resources"]["limits"]["memory"]
    # The brokers write their configuration into their own image.
    assert container.get("read_only", False) is (name not in BROKERS)
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & container.keys()


@pytest.mark.parametrize("name", [*PROCESSES, *JOBS])
def test_process_of_ours_runs_from_its_services_image(name: str) -> None:
    container, service = CONTAINERS[name], "tender" if name == "topics" else name.rpartition("-")[0]
    assert container["image"] == f"coxswain/{service}:{version(service)}"
    assert container["pull_policy"] == "build"
    build = container["build"]
    assert (build["context"], build["dockerfile"]) == (".", "deploy/images/Dockerfile")
    assert build["args"]["SERVICE"] == service
    assert build["args"].get("PACKAGE", service) == package(service)
    assert (ROOT / "services" / service / "src" / package(service) / "main.py").is_file()


def version(service: str) -> str:
    project = (ROOT / "services" / service / "pyproject.toml").read_text("utf-8")
    return re.findall(r'^version = "(.+)"$', project, re.MULTILINE)[0]


@pytest.mark.parametrize("name", BOUGHT_IN)
def test_image_of_others_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", CONTAINERS[name]["image"])


def test_base_of_our_image_is_pinned() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.11.15-slim-bookworm"}


def seconds(duration: str) -> int:
    assert duration.endswith("s")
    return int(duration.removesuffix("s"))


@pytest.mark.parametrize("name", PROCESSES)
def test_process_is_watched_restarted_and_given_time_to_end(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    assert not {"test", "disable"} & container["healthcheck"].keys(), "the image says what is asked"
    graceful = re.findall(r"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=(\d+)", DOCKERFILE)
    # The consumers and the relay finish what they hold after the last request is answered.
    assert seconds(container["stop_grace_period"]) >= int(graceful[0]) + 15
    assert "command" not in container, "the image's own"


@pytest.mark.parametrize("name", BOUGHT_IN)
def test_container_of_others_is_watched_and_restarted(name: str) -> None:
    assert CONTAINERS[name]["restart"] == "unless-stopped"
    assert CONTAINERS[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", JOBS)
def test_job_runs_once(name: str) -> None:
    assert CONTAINERS[name]["restart"] == "no"
    assert CONTAINERS[name]["healthcheck"] == {"disable": True}


@pytest.mark.parametrize("service", SERVICES)
def test_migration_knows_the_database_as_its_owner_and_nothing_else(service: str) -> None:
    job = CONTAINERS[f"{service}-migrate"]
    assert job["command"] == ["python", "-m", "shared.platform.migrate", "migrations"]
    url = f"postgresql+asyncpg://{package(service)}_owner@postgres/{package(service)}"
    assert job["environment"].keys() == {"DATABASE_URL", "PGPASSWORD"}
    assert job["environment"]["DATABASE_URL"] == url
    assert VARIABLE.findall(job["environment"]["PGPASSWORD"]) == [owners_password(service)]
    assert job["networks"] == ["databases"]
    assert job["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def owners_password(service: str) -> str:
    return f"{package(service)}_owner_database_password".upper()


@pytest.mark.parametrize("service", SERVICES)
def test_owner_is_known_to_nobody_but_the_migration(service: str) -> None:
    knows = [name for name in CONTAINERS if owners_password(service) in str(CONTAINERS[name])]
    assert sorted(knows) == sorted(["postgres", f"{service}-migrate"])


def test_topics_are_made_when_all_brokers_are_up() -> None:
    job = CONTAINERS["topics"]
    assert job["command"] == ["python", "-m", "shared.platform.kafka.topics", "topics.yaml"]
    assert job["depends_on"] == {broker: {"condition": "service_healthy"} for broker in BROKERS}
    assert job["networks"] == ["events"]


@pytest.mark.parametrize("name", PROCESSES)
def test_process_starts_after_what_it_stands_on(name: str) -> None:
    service, _, role = name.rpartition("-")
    # An API neither needs Kafka nor sees it, so that it goes on when Kafka is away.
    jobs = [f"{service}-migrate"] if role == "api" else [f"{service}-migrate", "topics"]
    assert CONTAINERS[name]["depends_on"] == {job: {"condition": "service_completed_successfully"} for job in jobs}


@pytest.mark.parametrize("name", PROCESSES)
def test_process_is_given_the_settings_it_has(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service, _, role = name.rpartition("-")
    prefix = f"{package(service)}_".upper()
    environment = given(CONTAINERS[name]["environment"], dict.fromkeys(NAMES, GIVEN))
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    kind: Callable[[], ServiceSettings] = importlib.import_module(f"{package(service)}.settings").Settings
    settings = kind()
    assert settings.role is Role(role)
    assert (
        settings.database_url.get_secret_value()
        == f"postgresql+asyncpg://{package(service)}@postgres/{package(service)}"
    )
    assert (settings.issuer, settings.jwks_url, settings.sandbox, settings.one_box) == (GIVEN, GIVEN, False, False)
    assert settings.kafka == KafkaSettings(bootstrap_servers="kafka-1:9092,kafka-2:9092,kafka-3:9092")
    ours = {variable.removeprefix(prefix) for variable in environment if variable.startswith(prefix)}
    assert {variable.partition("__")[0].lower() for variable in ours} <= type(settings).model_fields.keys()
    at_the_gateway = {"FORWARDED_ALLOW_IPS", *(["UVICORN_ROOT_PATH"] if service != "portal" else [])}
    others = environment.keys() - {f"{prefix}{variable}" for variable in ours} - {"PGPASSWORD"}
    assert others == (at_the_gateway if role == "api" else set())
