from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.domain.external import digest
from shared.kernel.canonical import canonical
from shared.kernel.errors import Invalid

# The machine may be busy; neither time nor the speed of making examples is what is tested.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

short_numbers = st.integers(-(10**15) + 1, 10**15 - 1) | st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.integers(-40, 40),
)
json_values = st.recursive(
    st.none() | st.booleans() | short_numbers | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


def binary(value: Any) -> Any:
    """The value as a reader of binary numbers sees it."""
    if isinstance(value, dict):
        return {key: binary(member) for key, member in value.items()}
    if isinstance(value, list):
        return [binary(member) for member in value]
    return float(value) if isinstance(value, Decimal) else value


@calmly
@given(json_values)
def test_the_form_is_that_of_rfc_8785_when_binary_numbers_lose_nothing(value: object) -> None:
    assert canonical(value).encode() == rfc8785.dumps(binary(value))


def test_the_digest_is_the_one_calculated_elsewhere_when_the_value_is_known() -> None:
    # printf '{"a":[1,2.5,"\xc3\xa9"],"b":null}' | sha256sum
    expected = "c85a32002ab44befebd40fe674e4ac562524fa9d905f307b8f88d90d0b01b62c"
    assert digest({"b": None, "a": [1, Decimal("2.50"), "é"]}) == expected
    assert digest({"a": [Decimal("1E+0"), Decimal("2.5"), "é"], "b": None}) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
        (12345678901234567890123, "1.2345678901234567890123e+22"),
        (10**21, "1e+21"),
        (Decimal("1E+999999999"), "1e+999999999"),
        (Decimal("0E-500"), "0"),
    ],
)
def test_all_digits_are_written_when_a_binary_number_would_lose_some(number: int | Decimal, expected: str) -> None:
    assert canonical(number) == expected


@pytest.mark.parametrize("value", [1.5, b"x", Decimal("NaN"), {1: 2}, {"a": {1, 2}}], ids=str)
def test_a_digest_is_refused_when_the_value_is_not_exact_json(value: object) -> None:
    with pytest.raises(Invalid) as refused:
        digest(value)
    assert refused.value.code == "value-not-json"
