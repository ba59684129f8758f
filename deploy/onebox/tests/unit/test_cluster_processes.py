"""Which processes a cluster is made of, and what each is told."""

import json

import pytest

from budget.settings import Settings as BudgetSettings
from evaluation.settings import Settings as EvaluationSettings
from onebox.cluster.processes import SERVICES, Around, Process, count, package, prefix, processes, worker_counts
from portal.settings import Settings as PortalSettings
from provider_registry.settings import Settings as RegistrySettings
from shared.platform.auth import DEMO_ISSUER
from shared.platform.settings import Role, ServiceSettings
from tender.settings import Settings as TenderSettings

SETTINGS: dict[str, type[ServiceSettings]] = {
    "tender": TenderSettings,
    "budget": BudgetSettings,
    "evaluation": EvaluationSettings,
    "provider-registry": RegistrySettings,
    "portal": PortalSettings,
}
AROUND = Around(
    databases={service: f"postgresql+asyncpg://{package(service)}@127.0.0.1/x" for service in SERVICES},
    jwks_url="http://127.0.0.1:8100/identity/jwks.json",
    kafka={"BOOTSTRAP_SERVERS": "127.0.0.1:9092", "TOPIC_PREFIX": "county."},
    receipt_key="a key",
    persons_key="a key of the thirty-two that it takes",
    objects="/tmp/objects",  # noqa: S108 - nothing is put there
)


def of(service: str, role: Role) -> Process:
    return next(one for one in processes(AROUND, {}) if (one.service, one.role) == (service, role))


def test_every_service_has_its_three_processes_when_nothing_is_asked_for() -> None:
    made = processes(AROUND, {})
    assert {(one.service, one.role) for one in made} == {
        (service, role) for service in SETTINGS for role in (Role.API, Role.WORKER, Role.RELAY)
    }
    assert len(made) == count({}) == 15
    assert [one.name for one in made if one.service == "tender"] == ["tender-api", "tender-worker-1", "tender-relay"]


def test_service_has_more_workers_when_they_are_asked_for() -> None:
    asked = {"evaluation": 3}
    workers = [one.name for one in processes(AROUND, asked) if one.role is Role.WORKER]
    assert [name for name in workers if name.startswith("evaluation")] == [
        "evaluation-worker-1",
        "evaluation-worker-2",
        "evaluation-worker-3",
    ]
    assert len(workers) == 7
    assert count(asked) == 17


@pytest.mark.parametrize("process", processes(AROUND, {}), ids=lambda process: process.name)
def test_service_reads_what_it_is_told_when_it_starts(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(name.startswith(prefix(process.service)) for name in process.environment)
    for name, value in process.environment.items():
        monkeypatch.setenv(name, value)
    read = SETTINGS[process.service]()  # type: ignore[call-arg]  # from the environment
    assert read.database_url.get_secret_value() == AROUND.databases[process.service]
    assert (read.issuer, read.jwks_url, read.role) == (DEMO_ISSUER, AROUND.jwks_url, process.role)
    assert (read.one_box, read.sandbox, read.pool_size) == (True, True, 4)
    assert read.kafka is not None
    assert (read.kafka.bootstrap_servers, read.kafka.topic_prefix) == ("127.0.0.1:9092", "county.")
    read.refuse_demo_outside_one_box()


def test_secrets_go_where_they_are_needed_and_nowhere_else() -> None:
    keyed = {one.service for one in processes(AROUND, {}) if "a key" in one.environment.values()}
    assert keyed == {"tender"}
    recognising = {one.service for one in processes(AROUND, {}) if AROUND.persons_key in one.environment.values()}
    assert recognising == {"tender", "evaluation"}
    for one in processes(AROUND, {}):
        others = {url for service, url in AROUND.databases.items() if service != one.service}
        assert not others & set(one.environment.values())
        assert AROUND.databases[one.service] not in repr(one)


def test_portal_links_to_the_other_services_by_the_doors_paths() -> None:
    urls = json.loads(of("portal", Role.API).environment["PORTAL_SERVICE_URLS"])
    assert urls == {service: f"/{service}" for service in SETTINGS if service != "portal"}


@pytest.mark.parametrize(
    ("service", "role", "root"),
    [
        ("provider-registry", Role.API, ("--root-path", "/provider-registry")),
        ("provider-registry", Role.WORKER, ()),
        ("provider-registry", Role.RELAY, ()),
        ("portal", Role.API, ()),
    ],
)
def test_api_knows_its_path_when_the_door_takes_it_off(service: str, role: Role, root: tuple[str, ...]) -> None:
    command = of(service, role).command(4321)
    assert command[1:5] == ("-m", "uvicorn", "--factory", f"{service.replace('-', '_')}.main:from_environment")
    assert command[5:9] == ("--host", "127.0.0.1", "--port", "4321")
    assert "--no-access-log" in command
    assert command[-len(root) :] == root if root else "--root-path" not in command


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        ([], {}),
        (["evaluation=3"], {"evaluation": 3}),
        (["evaluation=3", "portal=2", "evaluation=16"], {"evaluation": 16, "portal": 2}),
    ],
)
def test_numbers_of_workers_are_read_when_they_are_written_as_they_should(
    asked: list[str], counts: dict[str, int]
) -> None:
    assert worker_counts(asked) == counts


@pytest.mark.parametrize("number", ["", "=", "=0", "=17", "=-1", "=x", "=²", "=3=3"])
def test_number_of_workers_is_refused_when_it_is_none(number: str) -> None:
    with pytest.raises(ValueError, match="1 to 16 workers; an example is evaluation=3"):
        worker_counts([f"evaluation{number}"])


@pytest.mark.parametrize("asked", ["", "=3", "evaluations=3", "provider_registry=2"])
def test_number_of_workers_is_refused_when_it_is_for_no_service(asked: str) -> None:
    with pytest.raises(ValueError, match="the services are provider-registry, budget, tender, evaluation, portal"):
        worker_counts([asked])
