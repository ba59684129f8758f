"""Which rules are replayed: a pack that comes with the software or a file of one, and single rules set otherwise."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from onebox.replay.unusable import Unusable
from shared.kernel.errors import DomainError
from shared.rules import loader, strict_yaml
from shared.rules.pack import read_pack
from shared.rules.pack_rule import kind_of
from shared.rules.questions.reading import read_decimal
from shared.rules.replay import Terms
from shared.rules.replay_terms import formula_of

_LARGEST_FILE = 2 * 1024 * 1024
_LONGEST_SENTENCE = 400


def read_terms(pack: str, settings: Sequence[str], parameters: Sequence[str]) -> Terms:
    """Find the pack, set what is to be set, and hold the result to what a pack must hold to.

    Raises:
        Unusable: if there is no such pack, or it contradicts itself, or a setting makes no sense.
    """
    document = _document(pack)
    for setting in settings:
        _set(document, *_pair(setting, "--set"))
    try:
        terms = Terms(read_pack(document), {name: _number(name, value) for name, value in _pairs(parameters)})
        formula_of(terms)
    except DomainError as refusal:
        raise Unusable(_told(pack, document["id"], refusal)) from refusal
    return terms


def _document(pack: str) -> dict[str, Any]:
    if pack.endswith((".yaml", ".yml")):
        return _of_file(Path(pack))
    name, _, version = pack.partition("@")
    try:
        return loader.pack_document(name, version or None)
    except DomainError as refusal:
        raise Unusable(" ".join(filter(None, (refusal.detail, refusal.satisfied_by)))) from refusal


def _of_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST_FILE + 1)
        if len(text) > _LARGEST_FILE:
            raise Unusable(f"{file} has more than {_LARGEST_FILE} bytes.")
        found = strict_yaml.read(text.decode("utf-8"))
    except OSError as problem:
        raise Unusable(f"{file} cannot be read: {problem.strerror or 'it does not open'}.") from problem
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise Unusable(f"{file} is not the YAML of a pack.") from problem
    pack_id = str(found.get("id")) if isinstance(found, dict) else "pack"
    try:
        document = loader.read_document(pack_id, text.decode("utf-8"))
        return loader.resolved(document, document["version"])
    except DomainError as refusal:
        raise Unusable(_told(str(file), pack_id, refusal)) from refusal


def _told(named: str, pack_id: str, refusal: DomainError) -> str:
    told = refusal.detail.replace(f"packs/{pack_id}.yaml", named, 1)
    # A schema quotes what it refuses, which may be the whole file.
    told = told if len(told) <= _LONGEST_SENTENCE else f"{told[:_LONGEST_SENTENCE]}…"
    return " ".join(filter(None, (told if told.endswith(".") else f"{told}.", refusal.satisfied_by)))


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return [_pair(word, "--parameter") for word in words]


def _pair(word: str, option: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not (name and equals and value):
        raise Unusable(f"{option} takes a name and a value, as {option} price-weight=40.")
    return name, value


def _number(name: str, value: str) -> Decimal:
    try:
        return read_decimal(value, f"/{name}")
    except DomainError as refusal:
        raise Unusable(f"--parameter {name} takes a plain decimal number.") from refusal


def _set(document: dict[str, Any], rule_id: str, text: str) -> None:
    rules: Mapping[str, dict[str, Any]] = document["rules"]
    if rule_id not in rules:
        raise Unusable(f"The pack has no rule {rule_id} to set.")
    rule = rules[rule_id]
    kind = kind_of(rule["value"], rule.get("unit"))
    if kind == "flag" and text in {"true", "false"}:
        rule["value"] = text == "true"
    elif kind == "number":
        rule["value"] = _plain(rule_id, text)
    elif kind == "bounds":
        least, _, most = text.partition("..")
        rule["value"] = {"min": _plain(rule_id, least), "max": _plain(rule_id, most or least)}
    elif kind == "choice":
        rule["value"] = text.split(",")
    elif kind == "text":
        rule["value"] = text
    else:
        raise Unusable(f"The rule {rule_id} cannot be set to that: it is a {kind}.")


def _plain(rule_id: str, text: str) -> str:
    try:
        return f"{read_decimal(text, ''):f}"
    except DomainError as refusal:
        raise Unusable(f"The rule {rule_id} takes a plain decimal number.") from refusal
