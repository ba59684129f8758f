"""The deadline, the count gate, and what is found in the envelopes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError, NotAllowed, RuleReference
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.events import Opened, Unsuccessful
from tender.domain.opening import ReleasedBid, check_bid_time, gate, may_open, open_bids, read_price
from tender.domain.parts import Party, Status
from tender.domain.tender import Tender

MICROSECOND = timedelta(microseconds=1)
DEADLINE = RuleReference("bid-deadline", "Coxswain model pack")


def deadline(tender: Tender) -> datetime:
    assert tender.closes_at is not None
    return tender.closes_at


def released(*contents: bytes | None, at: datetime) -> tuple[ReleasedBid, ...]:
    return tuple(
        ReleasedBid(UUID(int=100 + n), Party(f"bidder-{n}", f"Bidder {n}"), at, "0" * 64, content)
        for n, content in enumerate(contents)
    )


def priced(amount: str, currency: str = "EUR") -> bytes:
    return f'{{"price": {{"amount": "{amount}", "currency": "{currency}"}}}}'.encode()


def test_bid_counts_when_it_comes_a_microsecond_before_the_deadline(active: Tender, pack: RulePack) -> None:
    check_bid_time(active, deadline(active) - MICROSECOND, pack)


@pytest.mark.parametrize("after", [timedelta(0), MICROSECOND, timedelta(days=400)])
def test_bid_is_late_when_it_comes_at_the_deadline_or_after(active: Tender, pack: RulePack, after: timedelta) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_bid_time(active, deadline(active) + after, pack)
    assert (refusal.value.code, refusal.value.reference) == ("bid-late", DEADLINE)


@pytest.mark.parametrize("status", [Status.EVALUATION, Status.STANDSTILL, Status.AWARDED, Status.UNSUCCESSFUL])
def test_bid_is_late_when_the_opening_is_past_whatever_its_own_clock_says(
    active: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    with pytest.raises(NotAllowed, match="bid-late"):
        check_bid_time(replace(active, status=status), noon, pack)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.FUNDING_REQUESTED, Status.CANCELLED])
def test_bid_is_refused_when_the_tender_does_not_take_any(
    active: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    with pytest.raises(NotAllowed, match="tender-not-active"):
        check_bid_time(replace(active, status=status), noon, pack)


def test_bids_stay_sealed_when_the_deadline_is_a_microsecond_away(active: Tender, pack: RulePack) -> None:
    with pytest.raises(NotAllowed) as refusal:
        may_open(active, deadline(active) - MICROSECOND, pack)
    assert (refusal.value.code, refusal.value.reference) == ("bids-sealed", DEADLINE)
    may_open(active, deadline(active), pack)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_opening_is_refused_when_the_tender_is_not_active(active: Tender, pack: RulePack, status: Status) -> None:
    with pytest.raises(NotAllowed, match="tender-not-active"):
        may_open(replace(active, status=status), deadline(active), pack)


@pytest.mark.parametrize("count", [0, 1])
def test_procedure_ends_by_the_gate_when_too_few_bids_came(active: Tender, pack: RulePack, count: int) -> None:
    ended, (event,) = gate(active, count, pack)
    assert (ended.status, ended.due_at, ended.bids) == (Status.UNSUCCESSFUL, None, ())
    assert event == Unsuccessful(
        aggregate=active.id,
        version=active.version + 1,
        ocid=active.ocid,
        bids=count,
        reason="There are fewer bids than the rule asks for.",
        rule="gate.opening.minimum-bids",
        source="Coxswain model pack",
    )


def test_gate_lets_through_when_the_minimum_of_bids_came(active: Tender, pack: RulePack) -> None:
    assert gate(active, 2, pack) == (active, ())


def test_gate_lets_through_when_the_pack_has_none(active: Tender) -> None:
    document = pack_document("model")
    del document["rules"]["gate.opening.minimum-bids"]
    assert gate(active, 0, read_pack(document)) == (active, ())


@pytest.mark.parametrize(
    ("envelope", "price", "reason"),
    [
        (priced("1250000.00"), Money(125_000_000, "EUR"), None),
        (priced("0.01"), Money(1, "EUR"), None),
        (priced("1250000.01"), Money(125_000_001, "EUR"), "The price is above the tender's value."),
        (priced("0"), Money(0, "EUR"), "The price is not above zero."),
        (priced("1000000", "USD"), Money(100_000_000, "USD"), "The price is in another currency than the tender."),
        (b"not json", None, "The content cannot be read as a bid."),
        (None, None, "The seal did not open."),
    ],
)
def test_bid_is_named_and_counts_or_not_when_it_is_opened(
    active: Tender, pack: RulePack, envelope: bytes | None, price: Money | None, reason: str | None
) -> None:
    bids = released(envelope, priced("1"), at=deadline(active) - MICROSECOND)
    opened, _ = open_bids(active, bids, at=deadline(active), pack=pack)
    first = opened.bids[0]
    assert (first.bidder, first.price, first.reason) == (Party("bidder-0", "Bidder 0"), price, reason)
    assert first.valid is (reason is None)


def test_price_above_the_value_counts_when_the_pack_switches_the_rule_off(active: Tender) -> None:
    document = pack_document("model")
    document["rules"]["bid-within-estimate"]["value"] = False
    bids = released(priced("9999999"), at=deadline(active) - MICROSECOND)
    opened, _ = open_bids(active, bids, at=deadline(active), pack=read_pack(document))
    assert opened.bids[0].valid


def test_evaluation_begins_when_one_bid_is_valid(active: Tender, pack: RulePack) -> None:
    bids = released(priced("1"), b"", at=deadline(active) - MICROSECOND)
    opened, events = open_bids(active, bids, at=deadline(active), pack=pack)
    assert (opened.status, opened.opened_at) == (Status.EVALUATION, deadline(active))
    (event,) = events
    assert isinstance(event, Opened)
    assert (event.version, event.bids) == (active.version + 1, opened.bids)


@pytest.mark.parametrize("contents", [(b"", b"[]"), (priced("1250000.01"), priced("5", "USD"))])
def test_procedure_ends_with_its_bids_named_when_none_is_valid(
    active: Tender, pack: RulePack, contents: Sequence[bytes]
) -> None:
    bids = released(*contents, at=deadline(active) - MICROSECOND)
    ended, (opened, unsuccessful) = open_bids(active, bids, at=deadline(active), pack=pack)
    assert (ended.status, ended.due_at, len(ended.bids)) == (Status.UNSUCCESSFUL, None, 2)
    assert isinstance(opened, Opened)
    assert isinstance(unsuccessful, Unsuccessful)
    assert (opened.version, unsuccessful.version, ended.version) == (4, 5, 5)
    assert (unsuccessful.bids, unsuccessful.reason, unsuccessful.rule) == (2, "No bid is valid.", "bid-within-estimate")


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"price"',
        b'{"price": null}',
        b'{"price": 12.5}',
        b'{"price": {"amount": 12, "currency": "EUR"}}',
        b'{"price": {"amount": "12"}}',
        b'{"price": {"amount": "12", "currency": null}}',
        priced("12,50"),
        priced("-1"),
        priced("+1"),
        priced("012"),
        priced("1e3"),
        priced(" 12"),
        priced("12\\n"),
        priced("\u0661\u0662"),
        priced("NaN"),
        priced("12", "eur"),
        priced("12", "EURO"),
        priced("12.345"),
        priced("12.50", "JPY"),
        priced("9" * 17),
        priced("9" * 16, "KWD"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        pytest.param(b'{"price": ' + b"9" * 5000 + b"}", id="number too long"),
    ],
)
def test_content_is_no_bid_when_it_has_no_price_of_the_right_form(envelope: bytes) -> None:
    with pytest.raises((ValueError, RecursionError, DomainError)):
        read_price(envelope)


@given(st.binary(max_size=200))
def test_opening_never_breaks_when_an_envelope_holds_anything_at_all(
    active: Tender, pack: RulePack, envelope: bytes
) -> None:
    bids = released(envelope, b"[" * 100_000, at=deadline(active) - MICROSECOND)
    opened, _ = open_bids(active, bids, at=deadline(active), pack=pack)
    assert [bid.valid for bid in opened.bids] == [False, False]


@given(st.integers(1, 10**16 - 1), st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3)]))
def test_price_is_read_to_the_last_digit_when_it_is_written_in_full(minor: int, currency: tuple[str, int]) -> None:
    code, decimals = currency
    amount = f"{Decimal(minor).scaleb(-decimals):f}"
    assert read_price(priced(amount, code)) == Money(minor, code)
