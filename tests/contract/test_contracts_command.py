"""`python -m shared.contracts`: run on a copy of the repository, with a history of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = Path("shared/src/shared/contracts")
RECORD = CONTRACTS / "provider.py"
SCHEMA = CONTRACTS / "schemas/provider.verified.v1.schema.json"
EXAMPLE = CONTRACTS / "examples/provider.verified.v1"
FIELDS = CONTRACTS / "fields.py"


class Copy:
    """A copy of the published language in a repository of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "shared.contracts", *arguments],
            env={**os.environ, "PYTHONPATH": str(self.folder / "shared/src")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def git(self, *arguments: str) -> None:
        author = ["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *author, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.run("write")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "published")

    def rewrite(self, file: Path, change: Callable[[str], str]) -> None:
        path = self.folder / file
        before = path.read_text("utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, "utf-8")

    def example(self) -> Path:
        return min((self.folder / EXAMPLE).iterdir())


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose last commit published the language as it is."""
    folder = tmp_path_factory.mktemp("published")
    for room in ("contracts", "rules", "kernel"):
        source = ROOT / "shared/src/shared" / room
        shutil.copytree(source, folder / "shared/src/shared" / room, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "shared/src/shared/__init__.py").touch()
    repository = Copy(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit()
    return folder


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Copy:
    return Copy(Path(shutil.copytree(published, tmp_path / "repository")))


def _lines(said: str) -> list[str]:
    """Return what was said, but for types that are not shown yet: another test tells of them."""
    return [line for line in said.splitlines() if "has no example" not in line]


def test_nothing_is_said_when_nothing_changed(copy: Copy) -> None:
    assert _lines(copy.run("check")[1]) == []


def test_command_is_explained_when_it_is_unknown(copy: Copy) -> None:
    assert copy.run() == (2, "usage: python -m shared.contracts check|write\n")
    assert copy.run("chekc")[0] == 2


def _change_provider(old: str, new: str) -> Callable[[Copy], None]:
    return lambda copy: copy.rewrite(RECORD, lambda text: text.replace(old, new))


def _change_fields(old: str, new: str) -> Callable[[Copy], None]:
    return lambda copy: copy.rewrite(FIELDS, lambda text: text.replace(old, new))


def _remove_example(copy: Copy) -> None:
    copy.example().unlink()


def _change_example(copy: Copy) -> None:
    data: dict[str, Any] = json.loads(copy.example().read_text("utf-8"))
    copy.example().write_text(json.dumps({**data, "name": "Another"}), "utf-8")


RECORD_END = """    verified_at: Instant
    valid_until: date
"""
VERIFIED = """    legal_form: ShortText
    verified_at: Instant
"""
BREAKS = {
    "field removed": (_change_provider("    verified_at: Instant\n", ""), "/verified_at: the property is removed"),
    "field renamed": (
        _change_provider("    verified_at: Instant\n", "    verified_on: Instant\n"),
        "/verified_on: the property is newly required",
    ),
    "field narrowed": (
        _change_provider("    verified_at: Instant\n", "    verified_at: date\n"),
        '/verified_at: format was "date-time" and is "date"',
    ),
    "field newly required": (
        _change_provider(VERIFIED, VERIFIED + "    by: ShortText\n"),
        "/by: the property is newly required",
    ),
    "field may be null": (
        _change_provider("    verified_at: Instant\n", "    verified_at: Instant | None\n"),
        "/verified_at: null is new, and readers of the published schema refuse it",
    ),
    "length narrowed": (
        _change_fields("max_length=200, strip", "max_length=100, strip"),
        "/name: maxLength was 200 and is 100",
    ),
    "pattern changed": (
        _change_fields("[A-Za-z0-9._:-]{0,79}", "[A-Za-z0-9._-]{0,79}"),
        '/provider: pattern was "^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$" and is "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"',
    ),
    "values listed": (
        _change_provider(VERIFIED, VERIFIED.replace("ShortText", "__import__('typing').Literal['association']")),
        "/legal_form: a list of values is new",
    ),
    "type removed": (
        _change_provider('class ProviderVerified(OfProvider, type="provider.verified.v1"',
                         'class ProviderVerified(OfProvider, type="provider.confirmed.v1"'),
        "provider.verified.v1: the type is removed",
    ),
    "key changed": (
        _change_provider('type="provider.verified.v1", owner=OWNER',
                         'type="provider.verified.v1", owner=OWNER, key="name"'),
        "/: x-key changed",
    ),
    "example removed": (_remove_example, "was published and is changed or removed"),
    "example changed": (_change_example, "was published and is changed or removed"),
}  # fmt: skip


@pytest.mark.parametrize("planted", BREAKS)
def test_break_is_named_when_it_is_planted_and_published_anew(copy: Copy, planted: str) -> None:
    plant, expected = BREAKS[planted]
    plant(copy)
    copy.run("write")
    code, said = copy.run("check")
    assert code == 1
    assert any(expected in line and "provider.verified.v1" in line for line in _lines(said)), said


def _add_note(copy: Copy, kind: str = "ShortText") -> None:
    copy.rewrite(RECORD, lambda text: text.replace(RECORD_END, RECORD_END + f"    note: {kind} | None = None\n"))


def _remove_note(copy: Copy) -> None:
    copy.rewrite(RECORD, lambda text: text.replace("    note: ShortText | None = None\n", ""))


def test_optional_field_may_be_added_when_old_events_are_without_it(copy: Copy) -> None:
    _add_note(copy)
    copy.run("write")
    assert _lines(copy.run("check")[1]) == []


def test_break_is_named_when_it_has_been_committed(copy: Copy) -> None:
    _change_provider("    verified_at: Instant\n", "")(copy)
    copy.example().unlink()
    copy.commit()
    code, said = copy.run("check")
    assert code == 1
    assert "provider.verified.v1: /verified_at: the property is removed" in said
    assert "was published and is changed or removed" in said


def test_break_with_an_older_schema_is_named_when_the_last_one_would_allow_it(copy: Copy) -> None:
    _add_note(copy)
    copy.commit()
    _remove_note(copy)
    copy.commit()
    _add_note(copy, "int")
    copy.run("write")
    assert _lines(copy.run("check")[1]) == [
        "provider.verified.v1: /note: string is not accepted any more",
        "provider.verified.v1: /note: integer is new, and readers of the published schema refuse it",
    ]


def test_each_break_is_told_once_when_several_versions_were_published(copy: Copy) -> None:
    _add_note(copy)
    copy.commit()
    _change_provider("    verified_at: Instant\n", "")(copy)
    copy.run("write")
    said = copy.run("check")[1]
    assert said.count("/verified_at: the property is removed") == 1


def test_what_a_branch_had_in_between_may_change_when_only_its_end_is_merged(copy: Copy) -> None:
    copy.git("checkout", "--quiet", "-b", "branch")
    _add_note(copy, "int")
    copy.commit()
    copy.rewrite(RECORD, lambda text: text.replace("    note: int | None = None\n", ""))
    _add_note(copy)
    copy.commit()
    copy.git("checkout", "--quiet", "main")
    copy.git("merge", "--quiet", "--no-ff", "-m", "merged", "branch")
    assert _lines(copy.run("check")[1]) == []
    _remove_note(copy)
    copy.run("write")
    assert _lines(copy.run("check")[1]) == ["provider.verified.v1: /note: the property is removed"]


def test_it_is_said_when_the_history_is_cut_off(copy: Copy, tmp_path: Path) -> None:
    _add_note(copy)
    copy.commit()
    copy.git("clone", "--quiet", "--depth=1", f"file://{copy.folder}", str(tmp_path / "clone"))
    code, said = Copy(tmp_path / "clone").run("check")
    assert _lines(said) == [
        "This clone has only a part of the history, so older versions were not compared: fetch all of it."
    ]
    assert code == 0


def test_files_are_stale_when_a_model_changed_and_nothing_was_written(copy: Copy) -> None:
    copy.rewrite(RECORD, lambda text: text.replace("    verified_at: Instant\n", ""))
    said = copy.run("check")[1]
    assert f"{SCHEMA.as_posix()}: differs from the models; run `python -m shared.contracts write`" in said
    assert "docs/api/asyncapi.json: differs from the models" in said


def test_files_are_missed_and_left_over_ones_found_when_schemas_are_checked(copy: Copy) -> None:
    (copy.folder / SCHEMA).rename(copy.folder / CONTRACTS / "schemas/provider.old.v1.schema.json")
    (copy.folder / "docs/api/asyncapi.json").unlink()
    said = copy.run("check")[1]
    assert f"{SCHEMA.as_posix()}: is missing" in said
    assert "schemas/provider.old.v1.schema.json: is of no event type" in said
    assert "docs/api/asyncapi.json: is missing" in said
    copy.run("write")
    assert _lines(copy.run("check")[1]) == []


def test_example_is_named_when_it_is_bad(copy: Copy) -> None:
    (copy.folder / EXAMPLE / "bad.json").write_text('{"provider": "p"}', "utf-8")
    (copy.folder / CONTRACTS / "examples/provider.none.v1").mkdir()
    (copy.folder / CONTRACTS / "examples/provider.none.v1/x.json").write_text("{}", "utf-8")
    code, said = copy.run("check")
    assert code == 1
    assert "examples/provider.verified.v1/bad.json: $: 'name' is a required property" in said
    assert "examples/provider.none.v1/x.json: is of no event type" in said


def test_it_is_said_when_there_is_no_commit(copy: Copy) -> None:
    shutil.rmtree(copy.folder / ".git")
    code, said = copy.run("check")
    assert _lines(said) == ["There is no git commit to compare with, so compatibility was not checked."]
    assert code == 0
