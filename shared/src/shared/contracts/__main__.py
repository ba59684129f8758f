"""`python -m shared.contracts check|write`: the published language and its files agree, and nobody is left behind."""

import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from shared.contracts import asyncapi, catalogue
from shared.contracts.compatibility import breaks

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[3]
_SCHEMAS = _HERE / "schemas"
_EXAMPLES = _HERE / "examples"
_ASYNCAPI = _ROOT / "docs" / "api" / "asyncapi.json"
_USAGE = "python -m shared.contracts check|write"

Example = tuple[str, str, Any]


def main(arguments: Sequence[str]) -> int:
    """Run one of the two commands; 0 is all well, 1 a break, 2 a command that does not exist."""
    match arguments:
        case ["write"]:
            write()
            return 0
        case ["check"]:
            return check()
        case _:
            sys.stderr.write(f"usage: {_USAGE}\n")
            return 2


def write() -> None:
    """Write the files that follow from the models."""
    documents = _documents()
    for obsolete in set(_SCHEMAS.glob("*.json")) - documents.keys():
        obsolete.unlink()
    for path, text in documents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def check() -> int:
    """Print each break on a line of its own."""
    head = _head()
    found = [*stale_files(), *bad_examples(_examples()), *missing_examples(_examples())]
    if head is None:
        sys.stdout.write("There is no git commit to compare with, so compatibility with it was not checked.\n")
    else:
        found += [*schema_breaks(_schemas(head)), *changed_examples(head)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def stale_files() -> Iterator[str]:
    """Yield each published file that is not what the models say."""
    documents = _documents()
    for path, text in documents.items():
        if not path.exists():
            yield f"{_named(path)}: is missing; run `python -m shared.contracts write`"
        elif path.read_text("utf-8") != text:
            yield f"{_named(path)}: differs from the models; run `python -m shared.contracts write`"
    for path in sorted(set(_SCHEMAS.glob("*.json")) - documents.keys()):
        yield f"{_named(path)}: is of no event type; run `python -m shared.contracts write`"


def bad_examples(examples: Sequence[Example]) -> Iterator[str]:
    """Yield each example that today's schema or model refuses, or that does not survive being read and written."""
    for event_type, name, data in examples:
        place = f"examples/{event_type}/{name}"
        if event_type in catalogue.event_types():
            yield from (f"{place}: {line}" for line in _refusals(event_type, data))
        else:
            yield f"{place}: is of no event type"


def missing_examples(examples: Sequence[Example]) -> Iterator[str]:
    """Yield each event type that has no example."""
    shown = {event_type for event_type, _, _ in examples}
    for event_type in sorted(catalogue.event_types().keys() - shown):
        yield f"examples/{event_type}: has no example"


def schema_breaks(published: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield each place where a model breaks with the schema that was published of it."""
    for event_type, old in published.items():
        if event_type not in catalogue.event_types():
            yield f"{event_type}: the type is removed"
        else:
            yield from (f"{event_type}: {line}" for line in breaks(old, catalogue.schema(event_type)))


def changed_examples(head: Mapping[str, bytes]) -> Iterator[str]:
    """Yield each example that was published and is not there any more as it was."""
    for name, content in head.items():
        if name.startswith("examples/"):
            now = _HERE / name
            if not now.exists() or json.loads(now.read_bytes()) != json.loads(content):
                yield f"{name}: was published and is changed or removed; an example stays, and another is added"


def _refusals(event_type: str, data: Any) -> Iterator[str]:
    validator = Draft202012Validator(catalogue.schema(event_type), format_checker=FormatChecker())
    yield from (f"{error.json_path}: {error.message}" for error in validator.iter_errors(data))
    try:
        model = catalogue.read(event_type, data)
    except ValidationError as error:
        yield from (f"{item['loc']}: {item['msg']}" for item in error.errors())
        return
    written = model.model_dump(mode="json")
    if not validator.is_valid(written) or catalogue.read(event_type, written) != model:
        yield "is not the same after being read and written"


def _documents() -> dict[Path, str]:
    documents: dict[Path, Any] = {
        _SCHEMAS / f"{event_type}.schema.json": catalogue.schema(event_type) for event_type in catalogue.event_types()
    }
    documents[_ASYNCAPI] = asyncapi.document()
    return {
        path: json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for path, document in documents.items()
    }


def _examples() -> list[Example]:
    return list(catalogue.golden_examples()) if _EXAMPLES.exists() else []


def _schemas(head: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        name.removeprefix("schemas/").removesuffix(".schema.json"): json.loads(content)
        for name, content in head.items()
        if name.startswith("schemas/")
    }


def _head() -> dict[str, bytes] | None:
    """Return the files of this folder as the last commit has them, by their path in it; None if there is no commit."""
    git = shutil.which("git")
    if git is None:
        return None
    archive = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [git, "-C", str(_HERE), "archive", "--format=tar", "HEAD", "."], capture_output=True, check=False
    )
    if archive.returncode != 0:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        members = [(member.name.removeprefix("./"), files.extractfile(member)) for member in files]
        return {name: file.read() for name, file in members if file is not None}


def _named(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
