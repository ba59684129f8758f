import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for what unit and integration tests have in common


@pytest.fixture(scope="session")
def camt() -> Any:
    return import_module("bank_messages").Camt


@pytest.fixture(scope="session")
def movement() -> Any:
    return import_module("bank_messages").Movement


@pytest.fixture(scope="session")
def pain() -> Any:
    return import_module("bank_messages").Report
