"""The form of what is asked of the rules, for the API document; the rules themselves read the questions."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Body
from pydantic import PlainValidator, WithJsonSchema

from shared.rules.price_formulas import PRICE_FORMULAS
from shared.rules.questions.packs import MOST_DAYS
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


def _as_it_is(document: Any) -> Any:
    return document


ScoreQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_SCORE), Body()]
AbnormallyLowQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_ABNORMALLY_LOW), Body()]
DeadlineQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_DEADLINE), Body()]
CheckQuestion = Annotated[Any, PlainValidator(_as_it_is), WithJsonSchema(_CHECK), Body()]
