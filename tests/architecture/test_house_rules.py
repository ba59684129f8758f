"""What import contracts cannot see: the rules of the house, read from the code itself."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from shared.contracts import catalogue
from shared.contracts.event import EventData
from shared.contracts.fields import Instant, Moment
from shared.platform import commands, feed, operations, reading
from shared.platform.access import PUBLIC
from shared.platform.commands import CommandRoute
from shared.platform.rule_routes import QuestionRoute

ROOT = Path(__file__).parents[2]
SERVICES = {
    "tender": "tender",
    "provider-registry": "provider_registry",
    "evaluation": "evaluation",
    "budget": "budget",
    "portal": "portal",
}
SOURCES = sorted([*ROOT.glob("services/*/src"), ROOT / "shared" / "src", ROOT / "deploy" / "onebox" / "src"])
PRODUCTION = [file for source in SOURCES for file in sorted(source.rglob("*.py"))]
TEST_FOLDERS = [ROOT / "tests", *ROOT.glob("services/*/tests"), ROOT / "shared/tests", ROOT / "deploy/onebox/tests"]
TESTS = [file for folder in TEST_FOLDERS for file in sorted(folder.rglob("*.py"))]
LONGEST_FILE = 450
ROOMS = {"api", "db", "domain", "messaging", "usecases", "__init__.py", "main.py", "settings.py", "py.typed"}


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def within(file: Path, *folders: str) -> bool:
    return any(named(file).startswith(f"shared/src/shared/{folder}/") for folder in folders)


def nodes(file: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(file.read_text("utf-8")))


def test_services_are_all_here() -> None:
    assert {folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir()} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_rooms_are_the_same_when_services_are_compared(service: str) -> None:
    package = ROOT / "services" / service / "src" / SERVICES[service]
    assert {entry.name for entry in package.iterdir() if entry.name != "__pycache__"} == ROOMS
    beside = {entry.name for entry in (ROOT / "services" / service).iterdir()}
    assert {"README.md", "pyproject.toml", "migrations", "src", "tests"} <= beside


# A bench stands where the edge does: it writes as commands do, to see how fast that is.
BENCH = ROOT / "deploy" / "onebox" / "src" / "onebox" / "bench"


@pytest.mark.parametrize(
    "file",
    [file for file in PRODUCTION if not within(file, "platform", "testing") and file.parent != BENCH],
    ids=named,
)
def test_nothing_commits_when_it_is_not_the_edge(file: Path) -> None:
    assert [f"{named(file)}:{node.lineno}" for node in nodes(file) if _commits(node)] == []


@pytest.mark.parametrize("file", [file for file in PRODUCTION if not within(file, "kernel")], ids=named)
def test_nothing_asks_for_time_or_chance_when_it_is_not_the_kernel(file: Path) -> None:
    assert [f"{named(file)}:{node.lineno}" for node in nodes(file) if _asks_for_time_or_chance(node)] == []


def _commits(node: Any) -> bool:
    # A transaction is committed with nothing in hand; to commit an amount or a contract is the budget's own word.
    match node:
        case ast.Call(func=ast.Attribute(attr="commit" | "begin"), args=[], keywords=[]):
            return True
        case _:
            return False


def _asks_for_time_or_chance(node: Any) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr="now" | "utcnow" | "today"):
            return name in {"datetime", "date"}
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _CHANCES
        case ast.Import(names=names):
            return any(name.name.partition(".")[0] == "random" for name in names)
        case ast.ImportFrom(module=module, names=names):
            return module == "random" or any(name.name in _CHANCES for name in names)
        case _:
            return False


_CHANCES = {"uuid1", "uuid4", "uuid7"}


@pytest.mark.parametrize(
    ("code", "asks", "commits"),
    [
        ("datetime.now(UTC)", True, False),
        ("datetime.datetime.utcnow()", True, False),
        ("date.today()", True, False),
        ("uuid.uuid4()", True, False),
        ("uuid4()", True, False),
        ("from uuid import uuid4", True, False),
        ("import random", True, False),
        ("from random import shuffle", True, False),
        ("clock.now()", False, False),
        ("datetime.fromisoformat('x')", False, False),
        ("import secrets", False, False),
        ("await connection.commit()", False, True),
        ("async with engine.begin() as connection: pass", False, True),
        ("funds.commit(contract, amount)", False, False),
    ],
)
def test_rule_sees_what_it_looks_for_when_it_is_planted(code: str, asks: bool, commits: bool) -> None:
    planted = list(ast.walk(ast.parse(code)))
    assert any(map(_asks_for_time_or_chance, planted)) is asks
    assert any(map(_commits, planted)) is commits


@pytest.mark.parametrize("file", [*PRODUCTION, *TESTS], ids=named)
def test_file_can_be_taken_in_at_once_when_it_is_read(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST_FILE


def routes_of(package: str) -> list[APIRoute]:
    definition = importlib.import_module(f"{package}.main").DEFINITION
    return [route for router in definition.routers for route in router.routes if isinstance(route, APIRoute)]


ROUTES = [(service, route) for service, package in SERVICES.items() for route in routes_of(package)]
KIT_ROUTES = [
    ("kit", route)
    for router in (feed.router, operations.parked, operations.health)
    for route in router.routes
    if isinstance(route, APIRoute)
]


def actions(route: APIRoute) -> list[str]:
    """Return what the route's dependencies ask of the policy table."""
    return [call.action for call in (item.call for item in route.dependant.dependencies) if hasattr(call, "action")]


def route_name(value: Any) -> str | None:
    return f"{'/'.join(sorted(value.methods))} {value.path}" if isinstance(value, APIRoute) else None


@pytest.mark.parametrize(("service", "route"), [*ROUTES, *KIT_ROUTES], ids=route_name)
def test_route_says_who_may_when_it_is_called(service: str, route: APIRoute) -> None:
    asked = actions(route)
    assert len(asked) == 1, "a route has exactly one of allow(...) and public()"
    policy = operations.POLICY if service == "kit" else importlib.import_module(f"{SERVICES[service]}.main").POLICY
    assert asked[0] == PUBLIC or asked[0] in policy


@pytest.mark.parametrize(("service", "route"), [*ROUTES, *KIT_ROUTES], ids=route_name)
def test_route_has_a_transaction_when_it_changes_something(service: str, route: APIRoute) -> None:
    assert route.methods
    # To ask the rules changes nothing, nor does what only reads.
    calls = {part.call for part in parts(route.dependant)}
    reads = reading.reading in calls and commands.current_work not in calls
    assert route.methods <= {"GET", "HEAD"} or isinstance(route, CommandRoute | QuestionRoute) or reads


def parts(dependant: Dependant) -> Iterator[Dependant]:
    """Yield everything that a route depends on."""
    yield dependant
    for inner in dependant.dependencies:
        yield from parts(inner)


def values_in(kind: Any) -> Iterator[Any]:
    """Yield the types of the single values that something read from a request holds."""
    inner = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for field in kind.model_fields.values():
            yield from values_in(type_of(field))
    elif get_origin(kind) is Annotated and (get_args(inner[0]) or issubclass(inner[0], BaseModel)):
        yield from values_in(inner[0])
    elif inner and get_origin(kind) not in {Annotated, Literal}:
        for one in inner:
            yield from values_in(one)
    else:
        yield kind


def type_of(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def is_any_instant(kind: Any) -> bool:
    """Tell whether a value may be an instant so early that there is none such in UTC."""
    with suppress(ValidationError):
        return isinstance(TypeAdapter(kind).validate_python("0001-01-01T00:00:00+14:00"), datetime)
    return False


@pytest.mark.parametrize(("service", "route"), [*ROUTES, *KIT_ROUTES], ids=route_name)
def test_instant_is_of_our_time_when_a_request_states_it(service: str, route: APIRoute) -> None:
    for part in parts(route.dependant):
        for field in (*part.body_params, *part.query_params):
            assert not any(map(is_any_instant, values_in(type_of(field.field_info)))), field.name


class Dated(BaseModel):
    at: Instant | None = None


class DatedOfOurTime(BaseModel):
    at: Moment
    more: Annotated[list[Moment], Field(max_length=2)]
    kind: Literal["one"] | None = None


@pytest.mark.parametrize(
    ("kind", "seen"),
    [(Dated, True), (list[Dated], True), (datetime, True), (DatedOfOurTime, False), (Moment | None, False)],
)
def test_rule_sees_an_instant_of_any_time_when_it_is_planted(kind: Any, seen: bool) -> None:
    assert any(map(is_any_instant, values_in(kind))) is seen


@pytest.mark.parametrize("service", SERVICES)
def test_row_of_the_policy_table_is_used_when_it_is_there(service: str) -> None:
    policy = importlib.import_module(f"{SERVICES[service]}.main").POLICY
    asked = {action for name, route in ROUTES if name == service for action in actions(route)}
    assert set(policy) == asked - {PUBLIC}
    assert not set(policy) & set(operations.POLICY)


def test_row_of_the_operators_table_is_used_when_it_is_there() -> None:
    assert set(operations.POLICY) == {action for _, route in KIT_ROUTES for action in actions(route)} - {PUBLIC}


def test_overdue_things_are_public_when_a_service_waits_for_something() -> None:
    listed = {service for service, route in ROUTES if route.path == "/v1/overdue" and actions(route) == [PUBLIC]}
    assert listed == set(SERVICES)


def publishing(package: str) -> Iterator[ModuleType]:
    """Yield the modules in which a service writes its events in the published language."""
    folder = Path(str(importlib.import_module(f"{package}.messaging").__file__)).parent
    for file in sorted(folder.glob("publish*.py")):
        yield importlib.import_module(f"{package}.messaging.{file.stem}")


def published_by(package: str) -> set[str]:
    """Return the event types that a service's publishing names."""
    return {
        model.TYPE
        for module in publishing(package)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if (model := _event_type(node, module))
    }


def _event_type(named: ast.AST, module: ModuleType) -> type[EventData] | None:
    match named:
        case ast.Name(id=name):
            found = getattr(module, name, None)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            found = getattr(getattr(module, name, None), attribute, None)
        case _:
            return None
    return found if isinstance(found, type) and issubclass(found, EventData) and found is not EventData else None


PUBLISHED = {service: published_by(package) for service, package in SERVICES.items()}


@pytest.mark.parametrize("event_type", catalogue.event_types())
def test_event_type_is_published_by_its_owner_alone(event_type: str) -> None:
    model = catalogue.event_types()[event_type]
    assert catalogue.TOPICS[model.topic()] == model.OWNER
    assert [service for service, types in PUBLISHED.items() if event_type in types] == [model.OWNER]


@pytest.mark.parametrize("event_type", catalogue.event_types())
def test_event_type_has_an_example_when_it_is_in_the_catalogue(event_type: str) -> None:
    assert event_type in {shown for shown, _, _ in catalogue.golden_examples()}


@pytest.mark.parametrize(("topic", "owner"), catalogue.TOPICS.items())
def test_topic_has_an_owner_when_it_is_in_the_catalogue(topic: str, owner: str) -> None:
    assert owner in SERVICES
    assert topic.isidentifier()


@pytest.mark.parametrize("service", SERVICES)
def test_handler_is_for_an_event_of_its_source_when_a_service_listens(service: str) -> None:
    definition = importlib.import_module(f"{SERVICES[service]}.main").DEFINITION
    listening = [definition.handlers, *(projection.types for projection in definition.projections.values())]
    for handlers in listening:
        for source, by_type in handlers.items():
            assert source in SERVICES
            assert source != service
            assert {catalogue.event_types()[event_type].OWNER for event_type in by_type} == {source}


SEALED_TABLES = {"bids", "quotes", "final_quotes"}
SEALED_COLUMNS = {"financial", "technical", "envelope"}
DOOR = "services/tender/src/tender/db/seals.py"


def loads_envelopes(source: ast.AST) -> bool:
    """Tell whether code names a column that holds what is sealed, or selects every column of such a table."""
    for node in ast.walk(source):
        match node:
            case ast.Attribute(attr=column, value=ast.Attribute(attr="c", value=ast.Name(id=table))):
                if table in SEALED_TABLES and column in SEALED_COLUMNS:
                    return True
            case ast.Call(func=ast.Name(id="select"), args=arguments):
                if any(isinstance(one, ast.Name) and one.id in SEALED_TABLES for one in arguments):
                    return True
    return False


def test_what_is_sealed_is_loaded_at_its_one_door_alone() -> None:
    tender = [file for file in PRODUCTION if named(file).startswith("services/tender/")]
    assert [named(file) for file in tender if loads_envelopes(ast.parse(file.read_text("utf-8")))] == [DOOR]


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("select(bids.c.id, bids.c.financial)", True),
        ("select(final_quotes).where(final_quotes.c.id == one)", True),
        ("select(bids.c.id)", False),
        ("insert(quotes).values(envelope=sealed)", False),
    ],
)
def test_rule_sees_an_envelope_that_is_loaded_elsewhere_when_it_is_planted(code: str, seen: bool) -> None:
    assert loads_envelopes(ast.parse(code)) is seen
