from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.api.bars import money_bars
from portal.api.error_pages import prefers_html
from portal.api.links import Links, event_page, procedure_page, rule_pack_page
from portal.api.rendering import _environment, amount, instant, published_amount
from portal.api.sentences import meaning
from portal.domain.amounts import added, less, told, written
from portal.domain.derivation import StepTable, step_tables
from portal.domain.entry import Entry
from portal.domain.procedure import Amounts
from portal.usecases.queries import Appropriation
from shared.contracts import catalogue
from shared.kernel.money import LARGEST, Money


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Money(120_000_000, "EUR"), "1,200,000.00 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(0, "EUR"), "0.00 EUR"),
        (Money(1_234_567, "JPY"), "1,234,567 JPY"),
        (Money(1_234_567, "BHD"), "1,234.567 BHD"),
        (Money(LARGEST, "EUR"), "92,233,720,368,547,758.07 EUR"),
        ({"amount": "1050000.00", "currency": "EUR"}, "1,050,000.00 EUR"),
        (None, "—"),
    ],
)
def test_an_amount_is_written_with_separators_and_currency(value: Money | dict[str, str] | None, text: str) -> None:
    assert amount(value) == text


@given(st.integers(-LARGEST, LARGEST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_no_digit_is_lost_when_an_amount_is_written(minor: int, currency: str) -> None:
    number, _, unit = written(Money(minor, currency)).partition(" ")

    assert (Decimal(number.replace(",", "")), unit) == (Money(minor, currency).amount, currency)


def test_there_is_no_sum_when_there_is_nothing_or_another_currency() -> None:
    euro, dollar = Money(100, "EUR"), Money(100, "USD")

    assert (added([]), added([None]), added([euro, dollar]), added([euro, None, euro])) == (
        None,
        None,
        None,
        Money(200, "EUR"),
    )
    assert (less(euro, None), less(None, euro), less(euro, dollar), less(euro, euro)) == (
        euro,
        None,
        None,
        Money(0, "EUR"),
    )


@pytest.mark.parametrize(
    ("number", "currency", "text"),
    [
        ("1234567.00005", "DOP", "1,234,567.00005 DOP"),
        ("-9999999999999999999.12345678901234567891", "KWD", "-9,999,999,999,999,999,999.12345678901234567891 KWD"),
        ("0", None, "0"),
    ],
)
def test_an_amount_of_another_publisher_keeps_its_digits_when_it_is_written(
    number: str, currency: str | None, text: str
) -> None:
    assert published_amount({"amount": number, "currency": currency}) == text


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], None),
        ([("1000", "DOP")], Money(100_000, "DOP")),
        # 0.125 and 0.135 are each rounded half up: 0.13 + 0.14.
        ([("0.125", "DOP"), ("0.135", "DOP")], Money(27, "DOP")),
        ([("-0.5", "JPY")], Money(-1, "JPY")),
        ([("1", "DOP"), ("1", "USD")], None),
        ([("1", "DOP"), ("1", None)], None),
        ([("1000000000000000000", "DOP"), ("1", "DOP")], None),
        # 2^63 - 1 hundredths are the most there can be.
        ([("92233720368547758.07", "DOP")], Money(LARGEST, "DOP")),
        ([("92233720368547758.07", "DOP"), ("0.01", "DOP")], None),
    ],
)
def test_amounts_of_another_publisher_are_added_when_they_can_be(
    amounts: list[tuple[str, str | None]], expected: Money | None
) -> None:
    assert told([{"amount": number, "currency": currency} for number, currency in amounts]) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), '<time datetime="2026-03-02T09:00:00Z">2026-03-02 09:00:00 UTC</time>'),
        ("2026-03-02T10:00:00+01:00", '<time datetime="2026-03-02T09:00:00Z">2026-03-02 09:00:00 UTC</time>'),
        ("2021-10-29 13:35:00", "2021-10-29 13:35:00"),
        ("2026-03-02T10:00:00", "2026-03-02T10:00:00"),
        ("2026-03-02T10:00:00 is what the notice says.", "2026-03-02T10:00:00 is what the notice says."),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-14:00"),
        ("soon", "soon"),
        (None, "—"),
    ],
)
def test_an_instant_is_written_in_utc_when_it_is_one(value: datetime | str | None, text: str) -> None:
    assert instant(value) == text


@given(st.text())
@example("<script>alert(1)</script>")
@example("\"><img src=x onerror='alert(1)'>")
def test_what_others_wrote_stays_text_when_a_page_is_made(text: str) -> None:
    page = _environment.from_string('<a title="{{ text }}">{{ text }}</a>').render(text=text)

    title, _, content = page.removeprefix('<a title="').removesuffix("</a>").partition('">')
    assert (unescape(title), unescape(content)) == (text, text)
    assert not {"<", ">", '"', "'"} & set(title + content)


def test_steps_of_one_kind_stand_in_one_table() -> None:
    tables = step_tables(
        [
            {"step": "points", "exact": "800/21", "bid": "a"},
            {"step": "total", "sum": "1 + 2", "tie": "false"},
            {"step": "points", "bid": "b", "note": None, "parts": [1, "x"]},
        ]
    )

    assert tables == (
        StepTable("points", ("bid", "note", "parts", "exact"), (("a", "", "", "800/21"), ("b", "", '[1, "x"]', ""))),
        StepTable("total", ("sum", "tie"), (("1 + 2", "no"),)),
    )


def test_a_procedure_leads_to_the_version_of_its_rule_pack_and_to_none_that_is_not_known() -> None:
    assert rule_pack_page("model", "1.0.0") == "/rules/model?on=2026-01-01"
    assert (rule_pack_page("model", "0.0.1"), rule_pack_page("../atlantis", "1.0.0")) == (None, None)


def test_bars_have_one_scale() -> None:
    # 1,200,000 of 5,000,000 is 24 %; one cent is too short to be seen and is drawn as half a percent.
    bars = money_bars(
        Amounts(estimate=Money(120_000_000, "EUR"), paid=Money(1, "EUR"), held=Money(0, "EUR")),
        Appropriation("31-05", "Social services", 2026, Money(500_000_000, "EUR")),
    )

    assert [(bar.name, bar.percent) for bar in bars] == [
        ("Appropriated for the budget line", "100.00"),
        ("Estimate", "24.00"),
        ("Paid", "0.50"),
        ("Held", "0"),
    ]
    assert money_bars(Amounts(), None) == []


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html;q=0.5, application/json", False),
        ("application/problem+json", False),
        ("*/*", False),
        ("", False),
        ("text/html;q=0", False),
        ("TEXT/HTML; q=bogus", False),
    ],
)
def test_a_page_is_made_when_html_is_preferred(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


def test_links_are_encoded_and_follow_the_settings() -> None:
    entry = Entry(
        UUID(int=1), "budget", 7, "budget.paid.v1", "k", datetime(2026, 3, 2, tzinfo=UTC), sandbox=False, event={}
    )
    links = Links({"budget": "https://budget.example.org/"}, {})

    assert links.event(entry) == f"https://budget.example.org/v1/events/{UUID(int=1)}"
    assert links.feed(entry) == "https://budget.example.org/v1/events?after=6"
    assert procedure_page('a/b c?#"%') == "/procedures/a%2Fb%20c%3F%23%22%25"
    assert event_page("budget", entry.id) == f"/events/budget/{entry.id}"


@pytest.mark.parametrize("event_type", sorted(catalogue.event_types()))
def test_every_type_of_event_is_explained_to_the_reader(event_type: str) -> None:
    assert meaning(event_type).endswith((".", ";", ","))
