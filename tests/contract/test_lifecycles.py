"""The documents that are drawn and written from the code: never stale, and no lifecycle with a state out of reach."""

import importlib
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

import budget.domain
import provider_registry.domain
import tender.domain
from budget.domain.lifecycles import LIFECYCLES as OF_THE_BUDGET
from onebox.cli import app
from onebox.documents import diagrams
from provider_registry.domain.lifecycles import LIFECYCLES as OF_THE_REGISTRY
from shared.contracts.catalogue import event_types
from shared.kernel.lifecycle import Lifecycle
from shared.platform.lifecycle_routes import lifecycle_router
from tender.domain.state_machines import LIFECYCLES as OF_THE_TENDER

LIFECYCLES = (*OF_THE_TENDER, *OF_THE_BUDGET, *OF_THE_REGISTRY)
DOCS = Path(__file__).parents[2] / "docs"


def of(cycle: Lifecycle) -> str:
    return cycle.object


def checked(folder: Path) -> tuple[int, str]:
    """Let the command compare a folder's documents; return its exit code, and what it says without any blank."""
    result = CliRunner().invoke(app, ["documents", "--folder", str(folder / "api"), "--check"])
    return result.exit_code, "".join(result.stderr.split())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the documents have just been written to."""
    folder = tmp_path_factory.mktemp("docs")
    assert CliRunner().invoke(app, ["documents", "--folder", str(folder / "api")]).exit_code == 0
    return folder


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "docs"))


def test_documents_are_up_to_date_when_they_are_compared() -> None:
    assert checked(DOCS) == (0, "")


@pytest.mark.parametrize("page", ["lifecycles.md", "api/openapi-tender.json", "api/openapi-portal.json"])
def test_comparison_fails_and_names_the_page_when_it_is_stale(copied: Path, page: str) -> None:
    assert checked(copied) == (0, "")
    stale = copied / page
    stale.write_text(stale.read_text("utf-8") + "\n", "utf-8")
    code, said = checked(copied)
    assert (code, stale.name in said, "`makedocuments`" in said) == (1, True, True)


def test_comparison_fails_and_writes_nothing_when_a_page_is_missing(copied: Path) -> None:
    page = copied / "lifecycles.md"
    page.unlink()
    code, said = checked(copied)
    assert (code, page.name in said, page.exists()) == (1, True, False)


def test_page_draws_every_lifecycle_once_when_it_is_read() -> None:
    headings = [line for line in diagrams().splitlines() if line.startswith("## ")]
    assert headings == [f"## {cycle.object.replace('-', ' ').capitalize()}" for cycle in LIFECYCLES]
    assert len(set(headings)) == len(headings)


def declared() -> Iterator[Lifecycle]:
    """Yield every lifecycle that a domain declares."""
    for package in (tender.domain, budget.domain, provider_registry.domain):
        for module in pkgutil.iter_modules(package.__path__):
            for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
                if isinstance(value, Lifecycle):
                    yield value


def test_lifecycle_is_shown_when_the_domain_declares_it() -> None:
    assert {cycle.object for cycle in declared()} == {cycle.object for cycle in LIFECYCLES}


def reachable(cycle: Lifecycle) -> set[str]:
    """Return the states that acts lead to, one after the other, from the first."""
    found, edge = set[str](), {cycle.initial}
    while edge:
        found |= edge
        edge = {state for row in cycle.transitions.values() if row.before & edge for state in row.after} - found
    return found


async def test_service_shows_its_lifecycles_with_acts_rules_and_events() -> None:
    app = FastAPI()
    app.include_router(lifecycle_router(OF_THE_BUDGET))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://budget") as client:
        shown = (await client.get("/v1/lifecycles")).json()
    assert [one["object"] for one in shown] == [cycle.object for cycle in OF_THE_BUDGET]
    (hold,) = (one for one in shown if one["object"] == "hold")
    assert (hold["initial"], hold["events"], hold["final"]) == (
        "held",
        ["budget.held.v1"],
        ["partly", "released", "forfeited"],
    )
    assert hold["transitions"][0] == {
        "action": "appeal",
        "before": ["held"],
        "after": ["appealed"],
        "actor": "provider",
        "rule": "hold-appeal",
        "events": ["budget.hold-appealed.v1"],
    }
    assert "held --> appealed: appeal (provider)" in hold["diagram"]


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_event_is_one_of_the_catalogue_when_a_lifecycle_names_it(cycle: Lifecycle) -> None:
    named = {event for row in cycle.transitions.values() for event in row.events} | set(cycle.events)
    assert named - event_types().keys() == set()


@pytest.mark.parametrize("cycle", LIFECYCLES, ids=of)
def test_state_is_reached_from_the_first_one_when_a_lifecycle_has_it(cycle: Lifecycle) -> None:
    assert reachable(cycle) == set(cycle.states)
