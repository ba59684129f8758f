"""What a rule pack must hold to beyond its JSON Schema: parts that speak of each other agree."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shared.rules.condition_consistency import check_conditions
from shared.rules.pack_error import pack_invalid
from shared.rules.versions import check_versions

Document = Mapping[str, Any]
Complaint = tuple[str, str]


def check_consistency(document: Document) -> None:
    """Refuse a pack whose parts contradict each other.

    Raises:
        Invalid: pack-invalid, with the file and the JSON pointer.
    """
    check_versions(document)
    for check in (_bounds, _countings, check_conditions, _scale, _levels, _caps, _shares, _declared):
        for pointer, complaint in check(document):
            raise pack_invalid(document["id"], pointer, complaint)


def _bounds(document: Document) -> Iterator[Complaint]:
    for rule_id, rule in document["rules"].items():
        match rule["value"]:
            case {"min": least, "max": most} if Fraction(least) > Fraction(most):
                yield f"/rules/{rule_id}/value", "min is not above max."


def _countings(document: Document) -> Iterator[Complaint]:
    for rule_id, rule in document["rules"].items():
        match rule.get("counting"):
            case {"direction": "backward", "roll": "next-working-day"}:
                yield f"/rules/{rule_id}/counting", "a period counted backwards does not move forwards at its end."


def _scale(document: Document) -> Iterator[Complaint]:
    for grading in _values(document, "grading"):
        starts = [Decimal(band["from"]) for band in grading["scale"]]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
            yield "/rules/grading/value/scale", "the scale falls from grade to grade and ends at 0."
        if len(_grades(document)) < len(starts):
            yield "/rules/grading/value/scale", "every grade is named once."


def _levels(document: Document) -> Iterator[Complaint]:
    for scale in _values(document, "past-performance.scale"):
        starts = [Decimal(level["from"]) for level in scale["levels"]]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
            yield "/rules/past-performance.scale/value/levels", "the levels fall from the best and end at 0."
        if len({level["level"] for level in scale["levels"]}) < len(starts):
            yield "/rules/past-performance.scale/value/levels", "every level is named once."


def _caps(document: Document) -> Iterator[Complaint]:
    for grading in _values(document, "grading"):
        for severity, grade in grading["caps"].items():
            if grade not in _grades(document) or severity not in grading["deductions"]:
                yield (
                    f"/rules/grading/value/caps/{severity}",
                    "a cap is for a severity with a deduction, and names a grade.",
                )


def _shares(document: Document) -> Iterator[Complaint]:
    for shares in _values(document, "payment-by-grade"):
        if set(shares) != _grades(document):
            yield "/rules/payment-by-grade/value", "every grade of the scale has its share, and no other."


def _declared(document: Document) -> Iterator[Complaint]:
    for criteria in _values(document, "declaration.criteria"):
        for criterion, stated in criteria.items():
            if stated["rule"] not in document["rules"]:
                yield f"/rules/declaration.criteria/value/{criterion}/rule", "a criterion names a rule of the pack."


def _grades(document: Document) -> set[str]:
    return {band["grade"] for grading in _values(document, "grading") for band in grading["scale"]}


def _values(document: Document, rule_id: str) -> Iterator[Any]:
    """Yield the rule's value, or nothing where the pack leaves the rule out."""
    if rule_id in document["rules"]:
        yield document["rules"][rule_id]["value"]
