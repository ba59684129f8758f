"""A problem's pointer says in which part of the request the fault is, in every service alike."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("/body", "/query", "/path", "/header")
# What evaluation takes in from outside is a document of its own, and its pointers lead into that.
SERVICES = ("budget", "portal", "provider-registry", "tender")


def pointers(text: str) -> set[str]:
    """Return how each pointer that is written out begins."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword) and node.arg == "pointer"]
    found = set()
    for value in (call.value for call in calls):
        first = value.values[0] if isinstance(value, ast.JoinedStr) else value
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_pointer_names_the_part_of_the_request_when_it_is_written_out(service: str) -> None:
    files = sorted((ROOT / "services" / service / "src").rglob("*.py"))
    assert files
    found = {(file.name, one) for file in files for one in pointers(file.read_text(encoding="utf-8"))}
    assert {(name, one) for name, one in found if not one.startswith(PARTS)} == set()


def test_pointer_into_nowhere_is_found_when_it_was_planted() -> None:
    assert pointers('raise Invalid("a", "b.", pointer="/ends")\nraise Invalid("a", "b.", pointer=f"/moves/{one}")') == {
        "/ends",
        "/moves/",
    }
