"""What terms of payment say, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Terms = Mapping[str, Any]


def payment_words(terms: Terms) -> list[str]:
    """Write terms of payment, as they stand in an event, as sentences in the order in which they are applied."""
    lines = [_indicator(one) for one in terms["indicators"]]
    if lines and Decimal(terms["deduction_cap"]) < 1:
        lines.append(f"All deductions together are at most {_percent(terms['deduction_cap'])} of a period's amount.")
    if Decimal(terms["retention_share"]):
        released = _release(terms["retention_release"])
        lines.append(f"{_percent(terms['retention_share'])} of what is accepted is retained; it is paid {released}.")
    lines += [
        f"Grade {one['grade']}: {_percent(one['share'])} of the rest is paid at once. {one['reason']}"
        for one in terms["grades"]
    ]
    lines.append(f"What a grade holds is paid {_release(terms['shortcoming_release'])}, or forfeited by a decision.")
    if Decimal(terms["guarantee"]):
        lines.append(f"At least {_percent(terms['guarantee'])} of a period's amount is paid in any case.")
    return lines


def _indicator(one: Terms) -> str:
    missed = "below" if one["direction"] == "higher" else "above"
    return (
        f"Indicator {one['kpi']}: for each full {one['step']} {missed} the target of {one['target']}, "
        f"{_percent(one['share'])} of a period's amount is deducted, at most {_percent(one['cap'])}."
    )


def _release(condition: Terms) -> str:
    match condition["when"]:
        case "next-grade-at-least":
            return f"once a later period is graded {condition['grade']} or better"
        case "days-after":
            return f"{condition['days']} days after the period was accepted"
    return "once two persons of the office decide so"


def _percent(share: str) -> str:
    return f"{(Decimal(share) * 100).normalize():f} %"
