"""Bank statements: read as the bank means them, and refused where they are hostile, broken or in parts."""

import re
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

from budget.api.iso20022.statement import read_statements
from budget.domain.bank_statement import Direction
from shared.kernel.errors import DomainError
from shared.kernel.money import Money

VERSIONS = ("02", "08")


def official(version: str) -> Any:
    """Return what another library makes of the official schema."""
    name = f"camt_053_001_{version}"
    return import_module(f"pyiso20022.camt.{name}.{name}").Document


def refused(content: bytes) -> str:
    with pytest.raises(DomainError) as refusal:
        read_statements(content)
    return refusal.value.code


@pytest.mark.parametrize("version", VERSIONS)
def test_a_statement_is_read_in_both_versions(camt: Any, movement: Any, version: str) -> None:
    written = camt(
        version=version,
        movements=[
            movement("285000.00", "a" * 32, reference="E-1"),
            movement("120.50", "b" * 32, "CRDT", reference="E-2", return_reason="AC04"),
            movement("1.00", status="PDNG"),
            movement("7.25", "NOTPROVIDED"),
        ],
        opening="300000.00",
    )
    (statement,) = read_statements(written.content())
    assert (statement.id, statement.account) == ("2026-060", "DE89370400440532013000")
    # 300,000.00 - 285,000.00 + 120.50 - 7.25; what is pending is not booked.
    assert (statement.opening, statement.closing) == (Money(30_000_000, "EUR"), Money(1_511_325, "EUR"))
    first, second, third = statement.items
    assert (first.reference, first.direction, first.amount) == ("E-1", Direction.DEBIT, Money(28_500_000, "EUR"))
    assert (first.end_to_end, first.returned, first.booked_on) == ("a" * 32, False, date(2026, 3, 31))
    assert (second.direction, second.returned, second.return_reason) == (Direction.CREDIT, True, "AC04")
    assert third.end_to_end is None


@pytest.mark.parametrize("version", VERSIONS)
def test_payments_that_are_booked_together_are_read_apart(camt: Any, movement: Any, version: str) -> None:
    parts = (("a" * 32, "100.00"), ("b" * 32, "50.00"))
    written = camt(version=version, movements=[movement("150.00", reference="E-1", batch="f" * 32, details=parts)])
    (statement,) = read_statements(written.content())
    assert [(one.reference, one.end_to_end, one.amount.minor, one.batch) for one in statement.items] == [
        ("E-1/1", "a" * 32, 10_000, "f" * 32),
        ("E-1/2", "b" * 32, 5_000, "f" * 32),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_it_reads_what_another_library_writes(camt: Any, movement: Any, version: str) -> None:
    written = camt(
        version=version,
        movements=[
            movement("10.00", "a" * 32, reference="E-1"),
            movement("30.00", batch="f" * 32, details=(("b" * 32, "10.00"), ("c" * 32, "20.00"))),
            movement("5.00", "d" * 32, "CRDT", return_reason="AC04"),
        ],
    ).text()
    # Strict: an element that the official schema does not have there fails.
    rewritten = XmlSerializer().render(XmlParser().from_string(written, official(version)))
    assert rewritten != written
    assert read_statements(rewritten.encode()) == read_statements(written.encode())


def test_balances_below_zero_and_other_currencies_add_up(camt: Any, movement: Any) -> None:
    written = camt(account="31926819", currency="JPY", opening="-100", movements=[movement("50", direction="CRDT")])
    (statement,) = read_statements(written.content())
    assert (statement.account, statement.closing) == ("31926819", Money(-50, "JPY"))


def test_a_message_may_hold_several_statements(camt: Any) -> None:
    assert [one.id for one in read_statements(camt().content(camt(identifier="2026-061")))] == ["2026-060", "2026-061"]


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Document>&c;</Document>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&x;</Document>'
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LAUGHS.encode(), "xml-with-declarations"),
        (OUTSIDE.encode(), "xml-with-declarations"),
        (b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><d/>', "xml-with-declarations"),
        (b"", "xml-malformed"),
        (b"{}", "xml-malformed"),
        (b"<Document>", "xml-malformed"),
        (b"\xff\xfe\x00", "xml-malformed"),
        (b'<?xml version="1.0" encoding="nonsense"?><Document/>', "xml-malformed"),
        (b'<?xml version="1.0"?><Document>\x01</Document>', "xml-malformed"),
        (b"<Document/>", "statement-format-unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"/>', "statement-format-unknown"),
        (b'<Statement xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "statement-format-unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "statement-incomplete"),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes, code: str) -> None:
    assert refused(content) == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<Id>2026-060</Id>", "", "statement-incomplete"),
        ("OPBD", "ITBD", "statement-incomplete"),
        ("CLBD", "ITBD", "statement-incomplete"),
        ('<Amt Ccy="EUR">150.00</Amt>', "", "statement-incomplete"),
        ('<Amt Ccy="EUR">150.00</Amt>', "<Amt>150.00</Amt>", "statement-value-malformed"),
        (">150.00<", ">-150.00<", "statement-value-malformed"),
        (">150.00<", ">1.5e2<", "statement-value-malformed"),
        (">150.00<", ">NaN<", "statement-value-malformed"),
        (">150.00<", ">\uff11\uff15\uff10<", "statement-value-malformed"),
        (">150.00<", ">150.001<", "amount-too-fine"),
        (">150.00<", ">999999999999999999<", "amount-too-large"),
        (">150.00<", ">151.00<", "statement-details-differ"),
        ("DBIT", "DEBIT", "statement-value-malformed"),
        ("<BookgDt><Dt>2026-03-31</Dt>", "<BookgDt><Dt>2026-02-30</Dt>", "statement-value-malformed"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "statement-incomplete"),
        ('<Amt Ccy="EUR">99850.00</Amt>', '<Amt Ccy="EUR">99850.01</Amt>', "statement-sums-differ"),
        ('<Amt Ccy="EUR">99850.00</Amt>', '<Amt Ccy="USD">99850.00</Amt>', "statement-currency-differs"),
    ],
)
def test_a_statement_that_contradicts_itself_is_refused(
    camt: Any, movement: Any, old: str, new: str, code: str
) -> None:
    parts = (("a" * 32, "100.00"), ("b" * 32, "50.00"))
    written = camt(movements=[movement("150.00", reference="E-1", details=parts)]).text()
    assert old in written
    assert refused(written.replace(old, new).encode()) == code


def test_a_movement_in_another_currency_is_refused(camt: Any, movement: Any) -> None:
    written = camt(movements=[movement("10.00", currency="USD")])
    assert refused(written.content()) == "statement-currency-differs"


def test_a_statement_that_names_a_movement_twice_is_refused(camt: Any, movement: Any) -> None:
    twice = [movement("10.00", reference="E-1"), movement("10.00", reference="E-1")]
    assert refused(camt(movements=twice).content()) == "statement-item-repeated"


def test_a_message_that_holds_a_statement_twice_is_refused(camt: Any) -> None:
    assert refused(camt().content(camt())) == "statement-repeated"


def test_one_page_of_several_is_refused(camt: Any) -> None:
    assert refused(camt(last_page=False).content()) == "statement-in-pages"


def test_nesting_without_end_is_no_statement() -> None:
    deep = 200_000
    assert refused(b"<a>" * deep + b"</a>" * deep) == "statement-format-unknown"


def test_five_megabytes_are_read_whole(camt: Any, movement: Any) -> None:
    movements = [movement("0.01", f"{number:032x}") for number in range(17_000)]
    content = camt(movements=movements).content()
    assert len(content) > 5_000_000
    (statement,) = read_statements(content)
    assert len(statement.items) == 17_000


def outcome(content: bytes) -> str:
    """Return "read", or the code of the refusal; whatever else is raised is a fault."""
    try:
        read_statements(content)
    except DomainError as refusal:
        return refusal.code
    return "read"


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_is_refused_by_name(content: bytes) -> None:
    assert outcome(content) in {"xml-malformed", "xml-with-declarations", "statement-format-unknown"}


@given(data=st.data())
def test_a_damaged_statement_is_read_or_refused_by_name(data: st.DataObject, camt: Any, movement: Any) -> None:
    content = bytearray(camt(movements=[movement("150.00", "a" * 32)]).content())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert re.fullmatch(r"[a-z-]+", outcome(bytes(content)))
