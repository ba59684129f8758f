"""The form of what is asked of the rules, for the API document; the rules themselves read the questions."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Body
from pydantic import PlainValidator, WithJsonSchema

from shared.rules.payment_formula import LONGEST_HOLD
from shared.rules.price_formulas import PRICE_FORMULAS
from shared.rules.questions.packs import MOST_DAYS
from shared.rules.questions.payment import DIRECTIONS, MOST_INDICATORS, RELEASES
from shared.rules.questions.reading import LONGEST_ID, MOST_BIDS

_NUMBER = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"}
_ID = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}
_DAY = {"type": "string", "format": "date"}
_DAYS = {"type": "array", "maxItems": MOST_DAYS, "items": _DAY}
_PACK = {"type": "string", "description": "The id of a rule pack."}
_ON = {**_DAY, "description": "The day that the procedure started; it decides which version of the pack is asked."}
_CALENDAR = {
    "holidays": {**_DAYS, "description": "Days off beside those of the pack's calendar."},
    "working_saturdays": {**_DAYS, "description": "Days of a weekend that are worked to make up for a day off."},
}


def _object(properties: Mapping[str, Any], *optional: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": dict(properties),
    }


def _bids(numbers: tuple[str, ...], *optional: str) -> dict[str, Any]:
    bid = _object({"id": _ID, **dict.fromkeys(numbers, _NUMBER)}, *optional)
    return {"type": "array", "minItems": 1, "maxItems": MOST_BIDS, "items": bid}


_PARAMETERS = [name for formula in PRICE_FORMULAS.values() for name in (*formula.parameters, *formula.optional)]
_SCORE = _object(
    {
        "formula": {"type": "string", "enum": list(PRICE_FORMULAS)},
        "price_weight": {**_NUMBER, "description": "0 to 100; needed where the formula gives points for the price."},
        "params": {
            **_object(dict.fromkeys(_PARAMETERS, _NUMBER), *_PARAMETERS),
            "description": "What the formula takes, and nothing else.",
        },
        "bids": {
            **_bids(("price", "quality", "deduction"), "quality", "deduction"),
            "description": "quality is needed unless the formula is lowest_price; deduction is the share by which "
            "policy lowers the price for the evaluation alone.",
        },
    },
    "price_weight",
    "params",
)
_ABNORMALLY_LOW = _object({"pack": _PACK, "on": _ON, "ceiling": _NUMBER, "bids": _bids(("price",))}, "on", "ceiling")
_DEADLINE = _object(
    {
        "pack": _PACK,
        "rule": {"type": "string", "description": "The id of a rule that is a period."},
        "start": {**_DAY, "description": "The day of the event that the period is counted from."},
        "on": _ON,
        **_CALENDAR,
    },
    "on",
    *_CALENDAR,
)
_CHECK = _object(
    {
        "pack": _PACK,
        "on": _ON,
        "facts": {"type": "object", "description": "Objects within objects; what is left out or null is not known."},
        **_CALENDAR,
    },
    "on",
    *_CALENDAR,
)
_RELEASE = _object(
    {
        "when": {"type": "string", "enum": list(RELEASES)},
        "grade": {**_ID, "description": "For next-grade-at-least."},
        "days": {"type": "integer", "minimum": 1, "maximum": LONGEST_HOLD, "description": "For days-after."},
    },
    "grade",
    "days",
)
_TERMS = {
    "guarantee": {**_NUMBER, "description": "The share of the amount due that is paid in any case; 0 if absent."},
    "deduction_cap": {**_NUMBER, "description": "The share that all deductions reach at the most; 1 if absent."},
    "retention_share": {**_NUMBER, "description": "The share of what is accepted that is retained; 0 if absent."},
    "retention_release": _RELEASE,
    "shortcoming_release": _RELEASE,
    "indicators": {
        "type": "array",
        "maxItems": MOST_INDICATORS,
        "items": _object(
            {
                "kpi": _ID,
                "direction": {"type": "string", "enum": list(DIRECTIONS)},
                **dict.fromkeys(("target", "step", "share", "cap"), _NUMBER),
            }
        ),
    },
}
_PAYMENT = _object(
    {
        "pack": _PACK,
        "on": _ON,
        "due": _object({"amount": _NUMBER, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}}),
        "grade": _ID,
        "kpis": {
            "type": "array",
            "maxItems": MOST_INDICATORS,
            "items": _object({"kpi": _ID, "value": _NUMBER}),
            "description": "What was measured; what was not is not deducted.",
        },
        "terms": {
            **_object(
                {
                    "grades": {
                        "type": "array",
                        "maxItems": MOST_INDICATORS,
                        "items": _object({"grade": _ID, "share": _NUMBER, "reason": _ID}),
                        "description": "Every grade of the pack's scale, the best first.",
                    },
                    **_TERMS,
                },
                *_TERMS,
            ),
            "description": "The contract's terms of payment; without them the pack's formula holds.",
        },
    },
    "on",
    "terms",
    "kpis",
)


def _as_it_is(document: Any) -> Any:
    return document


ScoreQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_SCORE), Body()]
AbnormallyLowQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_ABNORMALLY_LOW), Body()]
DeadlineQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_DEADLINE), Body()]
CheckQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_CHECK), Body()]
PaymentQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_PAYMENT), Body()]
