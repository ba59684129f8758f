"""A contract nobody has seen broken is a wish: each one is broken here, in a copy, and must say so."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("services/*/src/*"), *ROOT.glob("shared/src/*"), *ROOT.glob("deploy/onebox/src/*")]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}

# What is written, in which file, and which contracts say so; None as the import plants a module where no room is.
PLANTED = {
    "a service imports another": (
        "budget/usecases/__init__.py", "import provider_registry.domain.policy", {"islands"}),
    "a service imports the one-box": ("tender/usecases/__init__.py", "import onebox", {"islands"}),
    "shared imports a service": ("shared/platform/__init__.py", "import tender.domain.policy", {"islands"}),
    "storage knows use cases": ("tender/db/__init__.py", "import tender.usecases", {"floor-plan"}),
    "use cases know routes": ("budget/usecases/__init__.py", "import budget.api.schemas", {"floor-plan"}),
    "routes know handlers": ("budget/api/__init__.py", "import budget.messaging.handlers", {"floor-plan"}),
    "handlers know routes": ("tender/messaging/__init__.py", "import tender.api.schemas", {"floor-plan"}),
    "a use case knows the wiring": ("portal/usecases/__init__.py", "import portal.main", {"floor-plan"}),
    "a room too many": ("evaluation/utils.py", None, {"floor-plan"}),
    "kernel knows rules": ("shared/kernel/__init__.py", "import shared.rules.result", {"shared-floor-plan"}),
    "contracts know the platform": (
        "shared/contracts/__init__.py", "import shared.platform.paging", {"shared-floor-plan"}),
    "shared has a room too many": ("shared/utils.py", None, {"shared-floor-plan"}),
    "domain knows a framework": ("provider_registry/domain/policy.py", "import pydantic", {"pure"}),
    "domain knows the platform": ("tender/domain/policy.py", "import shared.platform.work", {"pure"}),
    "domain knows the wire": ("portal/domain/policy.py", "import shared.contracts.fields", {"pure"}),
    "domain throws dice": ("evaluation/domain/policy.py", "import random", {"pure"}),
    "domain asks the system": ("budget/domain/policy.py", "import os", {"pure"}),
    "kernel logs": ("shared/kernel/money.py", "import logging", {"pure"}),
    "rules know SQL": ("shared/rules/gates.py", "import sqlalchemy", {"pure"}),
    "a use case reads settings": ("tender/usecases/__init__.py", "import tender.settings", {"settings"}),
    "a route reads settings": ("portal/api/__init__.py", "import portal.settings", {"settings"}),
    "a route speaks SQL": ("tender/api/__init__.py", "import sqlalchemy.ext.asyncio", {"edge-speaks-no-sql"}),
    "a handler speaks SQL": ("evaluation/messaging/__init__.py", "import sqlalchemy", {"edge-speaks-no-sql"}),
    "a route reaches storage": ("portal/api/__init__.py", "import portal.db.store", {"storage-behind-use-cases"}),
    "a handler reaches storage": (
        "budget/messaging/__init__.py", "import budget.db.tables", {"storage-behind-use-cases"}),
    "a service stands on test code": (
        "tender/usecases/__init__.py", "import shared.testing.clock", {"no-test-code-in-production"}),
    "the one-box stands on test code": (
        "onebox/__init__.py", "import shared.testing.tokens", {"no-test-code-in-production"}),
    "the kit stands on test code": (
        "shared/platform/paging.py", "import shared.testing.clock",
        {"no-test-code-in-production", "shared-floor-plan"}),
    "evaluation knows procurement": (
        "evaluation/usecases/__init__.py", "import tender.domain.policy", {"procurement-by-contract", "islands"}),
    "portal knows the budget": (
        "portal/usecases/__init__.py", "import budget.domain.policy", {"procurement-by-contract", "islands"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for package in SOURCES:
        if package.is_dir():
            shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def broken(folder: Path) -> set[str]:
    """Return the contracts that the packages of a folder break."""
    lint_imports = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint_imports, "--config", "pyproject.toml", "--cache-dir", "cache", "--no-logo", "--verbose"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = {
        identifier: re.search(f"^{re.escape(name)} (KEPT|BROKEN)", done.stdout, re.MULTILINE)
        for identifier, name in CONTRACTS.items()
    }
    assert all(said.values()), done.stdout + done.stderr
    found = {identifier for identifier, line in said.items() if line and line[1] == "BROKEN"}
    assert done.returncode == bool(found)
    return found


def test_no_contract_is_broken_when_nothing_is_planted(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize("planted", PLANTED)
def test_exactly_its_contracts_are_broken_when_a_violation_is_planted(copy: Path, planted: str) -> None:
    name, line, contracts = PLANTED[planted]
    file = copy / name
    before = file.read_text("utf-8") if file.exists() else None
    assert (before is None) == (line is None)
    file.write_text(f"{before or ''}\n{line or ''}\n", "utf-8")
    try:
        assert broken(copy) == contracts
    finally:
        file.write_text(before, "utf-8") if before is not None else file.unlink()


def test_every_contract_has_been_seen_broken() -> None:
    assert {identifier for _, _, contracts in PLANTED.values() for identifier in contracts} == set(CONTRACTS)
