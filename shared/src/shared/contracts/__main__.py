"""`python -m shared.contracts check|write`: the published language and its files agree, and nobody is left behind."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from shared.contracts import asyncapi, catalogue, history
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
    examples = _examples()
    published = history.published(_HERE)
    found = [*stale_files(), *bad_examples(examples), *missing_examples(examples)]
    if published is not None:
        found += [
            *schema_breaks(published.schemas),
            *unreadable_outputs(published.schemas, examples),
            *changed_examples(published.examples),
        ]
    sys.stdout.writelines(f"{line}\n" for line in [*_unproven(published), *dict.fromkeys(found)])
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


def schema_breaks(published: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield each place where a model breaks with a schema that was published of it, be it the last or an older one."""
    for event_type, versions in published.items():
        if event_type not in catalogue.event_types():
            yield f"{event_type}: the type is removed"
            continue
        for old in versions:
            yield from (f"{event_type}: {line}" for line in breaks(old, catalogue.schema(event_type)))


def unreadable_outputs(
    published: Mapping[str, Sequence[Mapping[str, Any]]], examples: Sequence[Example]
) -> Iterator[str]:
    """Yield each place of an example, as it is written today, that a reader of a published schema refuses."""
    for event_type, name, data in examples:
        try:
            written = catalogue.read(event_type, data).model_dump(mode="json")
        except (KeyError, ValidationError):
            continue  # told of already, as an example that is bad today
        for old in published.get(event_type, ()):
            validator = Draft202012Validator(old, format_checker=FormatChecker())
            for error in validator.iter_errors(written):
                place = f"examples/{event_type}/{name}"
                yield f"{place}: a reader of a published schema refuses {error.json_path}: {error.message}"


def changed_examples(published: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Yield each example that was published and is not there any more as it was."""
    for name, versions in published.items():
        now = _HERE / name
        if not now.exists() or any(json.loads(now.read_bytes()) != data for data in versions):
            yield f"{name}: was published and is changed or removed; an example stays, and another is added"


def _unproven(published: history.History | None) -> list[str]:
    if published is None:
        return ["There is no git commit to compare with, so compatibility was not checked."]
    if not published.whole:
        return ["This clone has only a part of the history, so older versions were not compared: fetch all of it."]
    return []


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
    schemas = {
        _SCHEMAS / f"{event_type}.schema.json": _json(catalogue.schema(event_type), indent=2)
        for event_type in catalogue.event_types()
    }
    return {**schemas, _ASYNCAPI: _json(asyncapi.document(), indent=1)}


def _json(document: Any, *, indent: int) -> str:
    return json.dumps(document, indent=indent, sort_keys=True, ensure_ascii=False) + "\n"


def _examples() -> list[Example]:
    return list(catalogue.golden_examples()) if _EXAMPLES.exists() else []


def _named(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
