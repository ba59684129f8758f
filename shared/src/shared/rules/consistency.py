"""What a rule pack must hold to beyond its JSON Schema: parts that speak of each other agree."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from shared.kernel.errors import Invalid

Document = Mapping[str, Any]
Complaint = tuple[str, str]


def check_consistency(document: Document) -> None:
    """Refuse a pack whose parts contradict each other.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    for check in (_effects, _price_bounds, _scale, _caps, _shares):
        for pointer, complaint in check(document):
            raise Invalid("pack-invalid", f"packs/{document['id']}.yaml at {pointer}: {complaint}", pointer=pointer)


def _effects(document: Document) -> Iterator[Complaint]:
    parts = {"": document} | {f"/rules/{rule_id}": rule for rule_id, rule in document["rules"].items()}
    for pointer, part in parts.items():
        effect = part.get("effective", {"to": None})
        # ISO dates compare as text.
        if effect["to"] is not None and effect["to"] < effect["from"]:
            yield f"{pointer}/effective", "an effect ends on or after the day it begins."


def _price_bounds(document: Document) -> Iterator[Complaint]:
    bounds = document["rules"]["price-weight"]["value"]
    if Decimal(bounds["min"]) > Decimal(bounds["max"]):
        yield "/rules/price-weight/value", "min is not above max."


def _scale(document: Document) -> Iterator[Complaint]:
    scale = document["rules"]["grading"]["value"]["scale"]
    starts = [Decimal(band["from"]) for band in scale]
    if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
        yield "/rules/grading/value/scale", "the scale falls from grade to grade and ends at 0."
    if len(_grades(document)) < len(scale):
        yield "/rules/grading/value/scale", "every grade is named once."


def _caps(document: Document) -> Iterator[Complaint]:
    grading = document["rules"]["grading"]["value"]
    for severity, grade in grading["caps"].items():
        if grade not in _grades(document) or severity not in grading["deductions"]:
            yield (
                f"/rules/grading/value/caps/{severity}",
                "a cap is for a severity with a deduction, and names a grade.",
            )


def _shares(document: Document) -> Iterator[Complaint]:
    if set(document["rules"]["payment-by-grade"]["value"]) != _grades(document):
        yield "/rules/payment-by-grade/value", "every grade of the scale has its share, and no other."


def _grades(document: Document) -> set[str]:
    return {band["grade"] for band in document["rules"]["grading"]["value"]["scale"]}
