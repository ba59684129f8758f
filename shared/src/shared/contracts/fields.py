"""How values look on the wire, in events and over HTTP alike."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, PlainSerializer, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.kernel.errors import DomainError
from shared.kernel.money import Money, money

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,6})?")
_DECIMAL_SCHEMA = r"^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,6})?$"


def _decimal(value: object) -> Decimal:
    if isinstance(value, int | float):
        raise PydanticCustomError("number_not_text", "Write the number as a string, so that no digit is lost.")
    # What we write ourselves is held to the same form: a reader would refuse it for good.
    text = f"{value:f}" if isinstance(value, Decimal) else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise PydanticCustomError("decimal_form", "Write a plain decimal number as a string, such as '12.50'.")
    return Decimal(text)


def _money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    if isinstance(value, int | float):
        raise PydanticCustomError("amount_as_number", "Write money as {'amount': '12.50', 'currency': 'EUR'}.")
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise PydanticCustomError("amount_form", "Write money as {'amount': '12.50', 'currency': 'EUR'}.")
    amount, currency = value["amount"], value["currency"]
    if isinstance(amount, int | float):
        raise PydanticCustomError("amount_as_number", "Write the amount as a string, so that no digit is lost.")
    if not isinstance(amount, str) or not _DECIMAL.fullmatch(amount):
        raise PydanticCustomError("amount_form", "Write the amount as a plain decimal string, such as '12.50'.")
    if not isinstance(currency, str):
        raise PydanticCustomError("amount_form", "Write the currency as three capital letters (ISO 4217).")
    try:
        return money(Decimal(amount), currency)
    except DomainError as error:
        kind = error.code.replace("-", "_")
        raise PydanticCustomError(kind, "{detail}", {"detail": error.detail}) from error


def money_text(value: Money) -> dict[str, str]:
    """Write money as it goes over the wire."""
    return {"amount": f"{value.amount:f}", "currency": value.currency}


def _positive(value: Money) -> Money:
    if value.minor <= 0:
        raise PydanticCustomError("amount_not_positive", "The amount is above zero.")
    return value


def instant_text(value: datetime) -> str:
    """Write an instant as it goes over the wire."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _of_our_time(value: datetime) -> datetime:
    # What somebody else writes may be at either end of the calendar, where there is no UTC and no day to count on to.
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise PydanticCustomError("instant_out_of_range", "An instant is of a year from 1900 to 2199.")
    return value


def _day_of_our_time(value: date) -> date:
    # Rules add years to days that somebody writes; beyond the end of the calendar there is no day to arrive at.
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise PydanticCustomError("day_out_of_range", "A day is of a year from 1900 to 2199.")
    return value


_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_MONEY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "pattern": _DECIMAL_SCHEMA},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
Amount = Annotated[
    Money,
    PlainValidator(_money),
    PlainSerializer(money_text, return_type=dict[str, str]),
    WithJsonSchema(_MONEY_SCHEMA),
]
PositiveAmount = Annotated[Amount, AfterValidator(_positive)]
DecimalText = Annotated[
    Decimal,
    PlainValidator(_decimal),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL_SCHEMA}),
]
Instant = Annotated[AwareDatetime, PlainSerializer(instant_text, return_type=str)]
Moment = Annotated[Instant, AfterValidator(_of_our_time)]
Day = Annotated[date, AfterValidator(_day_of_our_time)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Salt = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
OrganisationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
Ocid = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=5000, strip_whitespace=True)]
