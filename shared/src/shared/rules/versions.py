"""The versions of a rule pack in one file: which rules each of them has, its own and those of the pack it stands on."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from shared.rules.pack_error import pack_invalid

Document = Mapping[str, Any]
Span = tuple[str, str]

# After every ISO date, as text.
_OPEN = "9999-12-31"


def versions_of(document: Document) -> tuple[Document, ...]:
    """Return version and effect of every version in the file, the oldest first."""
    newest = {"version": document["version"], "effective": document["effective"]}
    return (*document.get("earlier_versions", ()), newest)


def check_versions(document: Document) -> None:
    """Refuse a file in which two versions, or two editions of a rule, hold on one day.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    for pointer, complaint in (*_effects(document), *_order(document), *_editions(document)):
        raise pack_invalid(document["id"], pointer, complaint)


def resolve(document: Document, version: str, base: Document | None) -> dict[str, Any]:
    """Return one version of a pack with every rule that holds in it, each with its effect.

    A rule that neither the file has at any time nor `without` leaves out comes from the base, marked `model`. An
    earlier version may have its own calendar, so that what was begun under it goes on counting as it did.
    """
    chosen = next(entry for entry in versions_of(document) if entry["version"] == version)
    span = _span(chosen["effective"])
    rules = {
        rule_id: edition
        for rule_id, editions in document["rules"].items()
        for edition in _with_effects(document, editions)
        if _covers(_span(edition["effective"]), span)
    }
    left_out = document.get("without", {})
    defaults = {
        rule_id: {**rule, "mark": "model", "effective": chosen["effective"]}
        for rule_id, rule in (base["rules"] if base is not None else {}).items()
        if rule_id not in document["rules"] and rule_id not in left_out
    }
    kept = {key: value for key, value in document.items() if key != "earlier_versions"}
    return {**kept, **chosen, "rules": {**rules, **defaults}}


def _with_effects(document: Document, rule: Document | list[Document]) -> list[dict[str, Any]]:
    first, last = versions_of(document)[0]["effective"]["from"], document["effective"]["to"]
    editions = rule if isinstance(rule, list) else [rule]
    return [{"effective": {"from": first, "to": last}, **edition} for edition in editions]


def _effects(document: Document) -> Iterator[tuple[str, str]]:
    parts = [("", document)]
    parts += [(f"/earlier_versions/{place}", entry) for place, entry in enumerate(document.get("earlier_versions", ()))]
    for rule_id, rule in document["rules"].items():
        editions = rule if isinstance(rule, list) else [rule]
        parts += [
            (f"/rules/{rule_id}/{place}" if isinstance(rule, list) else f"/rules/{rule_id}", edition)
            for place, edition in enumerate(editions)
        ]
    for pointer, part in parts:
        first, last = _span(part.get("effective", {"from": "", "to": None}))
        if last < first:
            yield f"{pointer}/effective", "an effect ends on or after the day it begins."


def _order(document: Document) -> Iterator[tuple[str, str]]:
    versions = versions_of(document)
    if len({entry["version"] for entry in versions}) < len(versions):
        yield "/earlier_versions", "a version is named once."
    if _overlap([_span(entry["effective"]) for entry in versions]):
        yield "/earlier_versions", "the versions follow each other, the oldest first, and no two hold on one day."


def _editions(document: Document) -> Iterator[tuple[str, str]]:
    spans = [_span(entry["effective"]) for entry in versions_of(document)]
    for rule_id, rule in document["rules"].items():
        effects = [_span(edition["effective"]) for edition in _with_effects(document, rule)]
        if _overlap(effects):
            yield f"/rules/{rule_id}", "the editions follow each other, the oldest first, and no two hold on one day."
        if any(_meets(effect, span) and not _covers(effect, span) for effect in effects for span in spans):
            yield f"/rules/{rule_id}", "a rule begins and ends where a version of the pack does."
        if not any(_covers(effect, span) for effect in effects for span in spans):
            yield f"/rules/{rule_id}", "a rule holds in a version of the pack."


def _span(effective: Mapping[str, str | None]) -> Span:
    # ISO dates compare as text.
    return str(effective["from"]), effective["to"] or _OPEN


def _overlap(spans: list[Span]) -> bool:
    return any(earlier[1] >= later[0] for earlier, later in pairwise(spans))


def _covers(effect: Span, span: Span) -> bool:
    return effect[0] <= span[0] and span[1] <= effect[1]


def _meets(effect: Span, span: Span) -> bool:
    return effect[0] <= span[1] and span[0] <= effect[1]
