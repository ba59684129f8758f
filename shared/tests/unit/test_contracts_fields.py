"""How values look on the wire: exact, in one form, and refused where a digit could be lost."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from shared.contracts.fields import (
    Amount,
    Day,
    DecimalText,
    Instant,
    Moment,
    Ocid,
    OrganisationId,
    PositiveAmount,
    Sha256,
    ShortText,
)
from shared.kernel.money import LARGEST, Money

AMOUNT = TypeAdapter(Amount)
DECIMAL = TypeAdapter(DecimalText)
INSTANT = TypeAdapter(Instant)
MOMENT = TypeAdapter(Moment)
CURRENCIES = st.sampled_from(["EUR", "JPY", "BHD", "KRW"])


@given(minor=st.integers(-LARGEST, LARGEST), currency=CURRENCIES)
def test_money_comes_back_exactly_when_it_travels(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    written = AMOUNT.dump_json(money)
    assert AMOUNT.validate_json(written) == money
    assert Draft202012Validator(AMOUNT.json_schema()).is_valid(json.loads(written))


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1234567890123456_78, "EUR"), "1234567890123456.78"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(0, "EUR"), "0.00"),
        (Money(5, "JPY"), "5"),
        (Money(1, "BHD"), "0.001"),
    ],
)
def test_money_is_written_in_one_form_when_it_is_published(money: Money, amount: str) -> None:
    assert AMOUNT.dump_python(money, mode="json") == {"amount": amount, "currency": money.currency}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12, "amount_as_number"),
        (12.5, "amount_as_number"),
        ({"amount": 12, "currency": "EUR"}, "amount_as_number"),
        ({"amount": 12.5, "currency": "EUR"}, "amount_as_number"),
        ({"amount": True, "currency": "EUR"}, "amount_as_number"),
        ({"amount": "1e3", "currency": "EUR"}, "amount_form"),
        ({"amount": "1,000.00", "currency": "EUR"}, "amount_form"),
        ({"amount": "01.00", "currency": "EUR"}, "amount_form"),
        ({"amount": "+1.00", "currency": "EUR"}, "amount_form"),
        ({"amount": "1.", "currency": "EUR"}, "amount_form"),
        ({"amount": ".5", "currency": "EUR"}, "amount_form"),
        ({"amount": " 1", "currency": "EUR"}, "amount_form"),
        ({"amount": "1\n", "currency": "EUR"}, "amount_form"),
        ({"amount": "\u0661", "currency": "EUR"}, "amount_form"),
        ({"amount": "NaN", "currency": "EUR"}, "amount_form"),
        ({"amount": "1.001", "currency": "EUR"}, "amount_too_fine"),
        ({"amount": "1.5", "currency": "JPY"}, "amount_too_fine"),
        ({"amount": "9" * 20, "currency": "EUR"}, "amount_form"),
        ({"amount": "9" * 19, "currency": "EUR"}, "amount_too_large"),
        ({"amount": "1.00", "currency": "eur"}, "currency_unknown"),
        ({"amount": "1.00", "currency": 978}, "amount_form"),
        ({"amount": "1.00"}, "amount_form"),
        ({"amount": "1.00", "currency": "EUR", "more": 1}, "amount_form"),
        ("12.50 EUR", "amount_form"),
        (None, "amount_form"),
        ([], "amount_form"),
    ],
)
def test_money_is_refused_when_a_digit_could_be_lost_or_is_unclear(value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AMOUNT.validate_python(value)
    assert [error["type"] for error in refused.value.errors()] == [code]


@pytest.mark.parametrize("amount", ["0.00", "-0.01"])
def test_money_is_refused_when_it_must_be_above_zero(amount: str) -> None:
    with pytest.raises(ValidationError, match="above zero"):
        TypeAdapter(PositiveAmount).validate_python({"amount": amount, "currency": "EUR"})


@given(value=st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_decimal_comes_back_exactly_when_it_travels(value: Decimal) -> None:
    written = DECIMAL.dump_json(value)
    assert DECIMAL.validate_json(written) == value
    assert Draft202012Validator(DECIMAL.json_schema()).is_valid(json.loads(written))


@pytest.mark.parametrize("value", [Decimal("1E+3"), Decimal("1E-6"), Decimal("-0.5"), "1000", "0.000001", "-0.5"])
def test_decimal_is_read_when_it_is_plain_text_or_exact(value: Any) -> None:
    assert DECIMAL.validate_python(value) == Decimal(value)


@pytest.mark.parametrize(
    "value",
    ["1e3", "NaN", "Infinity", "", " 1", "1 ", "0x1", "1_000", "00", "--1", "1.0000001", "9" * 20, None, [], {},
     Decimal("NaN"), Decimal("Infinity"), Decimal(1) / Decimal(3), Decimal("1E-7"), Decimal(10) ** 19],
)  # fmt: skip
def test_decimal_is_refused_when_it_is_not_plain(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        DECIMAL.validate_python(value)
    assert [error["type"] for error in refused.value.errors()] == ["decimal_form"]


@pytest.mark.parametrize("value", [1, 1.5, True, float("nan")])
def test_decimal_is_refused_when_it_is_a_number(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        DECIMAL.validate_python(value)
    assert [error["type"] for error in refused.value.errors()] == ["number_not_text"]


@given(
    instant=st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2999, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_instant_is_the_same_and_in_utc_when_it_travels(instant: datetime) -> None:
    written = INSTANT.dump_python(instant, mode="json")
    assert INSTANT.validate_python(written) == instant
    assert datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) == instant


def test_instant_is_refused_when_it_has_no_offset() -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python("2026-03-02T09:00:00")


@pytest.mark.parametrize(
    "value",
    ["0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
)
def test_instant_is_refused_when_somebody_writes_one_that_is_not_of_our_time(value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MOMENT.validate_python(value)
    assert [error["type"] for error in refused.value.errors()] == ["instant_out_of_range"]


@pytest.mark.parametrize(
    ("value", "good"),
    [("1899-12-31", False), ("1900-01-01", True), ("2199-12-31", True), ("2200-01-01", False), ("9999-12-31", False)],
)
def test_day_is_of_our_time_when_somebody_writes_it(value: str, good: bool) -> None:
    adapter: TypeAdapter[date] = TypeAdapter(Day)
    if good:
        assert adapter.validate_python(value) == date.fromisoformat(value)
    else:
        with pytest.raises(ValidationError) as refused:
            adapter.validate_python(value)
        assert [error["type"] for error in refused.value.errors()] == ["day_out_of_range"]


@pytest.mark.parametrize("value", ["1900-01-01T00:00:00+14:00", "2026-03-02T09:00:00Z", "2199-12-31T23:59:59-14:00"])
def test_instant_is_read_when_it_is_of_our_time(value: str) -> None:
    assert MOMENT.validate_python(value) == datetime.fromisoformat(value)
    assert MOMENT.json_schema() == INSTANT.json_schema()


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [
        (OrganisationId, "XI-LEI-529900T8BM49AURSDO55", True),
        (OrganisationId, "a" * 80, True),
        (OrganisationId, "a" * 81, False),
        (OrganisationId, "-a", False),
        (OrganisationId, "a b", False),
        (OrganisationId, "a/b", False),
        (OrganisationId, "a\n", False),
        (OrganisationId, "", False),
        (Sha256, "0" * 64, True),
        (Sha256, "0" * 63, False),
        (Sha256, "A" * 64, False),
        (Sha256, "0" * 64 + "\n", False),
        (ShortText, "a" * 200, True),
        (ShortText, "a" * 201, False),
        (ShortText, "   ", False),
        (Ocid, "", False),
        (Ocid, "ocds-6550wx-0001", True),
    ],
)
def test_text_is_accepted_when_it_has_its_form(kind: Any, value: str, good: bool) -> None:
    adapter = TypeAdapter(kind)
    if good:
        assert adapter.validate_python(value) == value
        return
    with pytest.raises(ValidationError):
        adapter.validate_python(value)
