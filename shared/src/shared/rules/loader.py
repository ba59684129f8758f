"""The rule packs that come with the software, read from YAML and held to their JSON Schema."""

import json
from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from shared.kernel.errors import Invalid, NotFound
from shared.rules import strict_yaml

_PACKS = files("shared.rules").joinpath("packs")


def available_packs() -> tuple[str, ...]:
    """Return the ids of the packs that come with the software."""
    names = (entry.name for entry in _PACKS.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def pack_document(pack_id: str) -> dict[str, Any]:
    """Return a pack as plain JSON-able data, a fresh copy each time.

    Raises:
        NotFound: pack-unknown.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    return deepcopy(_document(pack_id))


def read_document(pack_id: str, text: str) -> dict[str, Any]:
    """Read a pack's YAML text and hold it to pack.schema.json.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    try:
        document = strict_yaml.read(text)
    except yaml.YAMLError as broken:
        raise _invalid(pack_id, "", f"not the YAML of a pack: {broken}") from broken
    error = best_match(_validator().iter_errors(document))
    if error is not None:
        raise _invalid(pack_id, "".join(f"/{_escaped(str(part))}" for part in error.absolute_path), error.message)
    if document["id"] != pack_id:
        raise _invalid(pack_id, "/id", "the id is not the file's name.")
    return dict(document)


@lru_cache
def _document(pack_id: str) -> dict[str, Any]:
    if pack_id not in available_packs():
        known = ", ".join(available_packs())
        raise NotFound("pack-unknown", "There is no such rule pack.", satisfied_by=f"One of: {known}.")
    return read_document(pack_id, _PACKS.joinpath(f"{pack_id}.yaml").read_text(encoding="utf-8"))


@lru_cache
def _validator() -> Draft202012Validator:
    schema = json.loads(_PACKS.joinpath("pack.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _invalid(pack_id: str, pointer: str, complaint: str) -> Invalid:
    where = f"packs/{pack_id}.yaml at {pointer or '/'}"
    return Invalid("pack-invalid", f"{where}: {complaint}", pointer=pointer)
