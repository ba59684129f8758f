"""Every property is tried as deep as any other when tests run deep, also the ones that are slow."""

import re
from pathlib import Path

import pytest

from shared.testing.depth import DEEP, examples

ROOT = Path(__file__).parents[3]


def test_as_many_examples_are_tried_as_asked_for_when_tests_run_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COXSWAIN_TEST_DEEP", raising=False)
    assert examples(20) == 20


def test_all_properties_are_tried_on_the_same_number_when_tests_run_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COXSWAIN_TEST_DEEP", "1")
    assert (examples(20), examples(200)) == (DEEP, DEEP)


def test_deep_run_takes_every_property_of_the_ledger_whose_depth_can_be_chosen() -> None:
    (words,) = re.findall(r'services/budget/tests -k "(.+)"', (ROOT / "Makefile").read_text("utf-8"))
    chosen = {
        file.stem
        for file in (ROOT / "services/budget/tests").rglob("test_*.py")
        if "from shared.testing.depth import examples" in file.read_text("utf-8")
    }
    assert "test_budget_ledger_machine_on_postgres" in chosen
    assert {name for name in chosen if not any(word in name for word in words.split(" or "))} == set()
