"""The rule packs that come with the software, read from YAML and held to their JSON Schema."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from shared.kernel.errors import NotFound
from shared.rules import strict_yaml
from shared.rules.pack_error import pack_invalid
from shared.rules.versions import check_versions, resolve, versions_of

_PACKS = files("shared.rules").joinpath("packs")


def available_packs() -> tuple[str, ...]:
    """Return the ids of the packs that come with the software."""
    names = (entry.name for entry in _PACKS.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def pack_versions(pack_id: str) -> tuple[Mapping[str, Any], ...]:
    """Return version and effect of each version of a pack, the oldest first.

    Raises:
        NotFound: pack-unknown.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    return versions_of(_file(pack_id))


def pack_document(pack_id: str, version: str | None = None) -> dict[str, Any]:
    """Return a version of a pack, the newest if none is named, as plain JSON-able data, a fresh copy each time.

    Shape: every rule that holds in the version, those taken from the pack that it is based on among them.

    Raises:
        NotFound: pack-unknown, or pack-version-unknown.
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    return deepcopy(_version(pack_id, version or pack_versions(pack_id)[-1]["version"]))


def read_document(pack_id: str, text: str) -> dict[str, Any]:
    """Read a pack's YAML text and hold it to pack.schema.json.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    try:
        document = strict_yaml.read(text)
    except yaml.YAMLError as broken:
        raise pack_invalid(pack_id, "", f"not the YAML of a pack: {broken}") from broken
    error = best_match(_validator().iter_errors(document))
    if error is not None:
        raise pack_invalid(pack_id, "".join(f"/{_escaped(str(part))}" for part in error.absolute_path), error.message)
    if document["id"] != pack_id:
        raise pack_invalid(pack_id, "/id", "the id is not the file's name.")
    check_versions(document)
    return dict(document)


def resolved(document: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return one version of a file's pack with the rules of the pack that it is based on.

    Raises:
        Invalid: pack-invalid, if the pack it is based on is none that stands alone, or if it leaves out what it has
            itself or would not have had.
    """
    base = _base(document)
    for rule_id in document.get("without", {}):
        if base is None or rule_id not in base["rules"] or rule_id in document["rules"]:
            pointer = f"/without/{rule_id}"
            raise pack_invalid(document["id"], pointer, "only a rule of the pack that it is based on is left out.")
    return resolve(document, version, base)


def _base(document: Mapping[str, Any]) -> dict[str, Any] | None:
    named = document.get("based_on")
    if named is None:
        return None
    if named["id"] not in available_packs() or named["id"] == document["id"] or "based_on" in _file(named["id"]):
        raise pack_invalid(document["id"], "/based_on", "a pack is based on another that stands alone.")
    try:
        return _version(named["id"], named["version"])
    except NotFound as unknown:
        raise pack_invalid(document["id"], "/based_on/version", "there is no such version.") from unknown


@lru_cache
def _version(pack_id: str, version: str) -> dict[str, Any]:
    if version not in {entry["version"] for entry in pack_versions(pack_id)}:
        raise NotFound("pack-version-unknown", "There is no such version of the rule pack.")
    return resolved(_file(pack_id), version)


@lru_cache
def _file(pack_id: str) -> dict[str, Any]:
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
