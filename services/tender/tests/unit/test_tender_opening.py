"""The deadline, the count gates, and what is found in the envelopes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError, NotAllowed, RuleReference
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.endings import cancel_lot
from tender.domain.events import LotUnsuccessful, Opened, PricesOpened, Unsuccessful
from tender.domain.opening import ReceivedBid, check_bid_time, end_lots, may_open, open_bids
from tender.domain.parts import LotProgress, LotStatus, Party, Status
from tender.domain.price_opening import ReleasedPrice, open_prices, read_price, sealed_prices
from tender.domain.tender import Tender

MICROSECOND = timedelta(microseconds=1)
DEADLINE = RuleReference("bid-deadline", "Coxswain model pack")


def deadline(tender: Tender) -> datetime:
    assert tender.closes_at is not None
    return tender.closes_at


def received(*lots: str, at: datetime) -> tuple[ReceivedBid, ...]:
    return tuple(
        ReceivedBid(UUID(int=100 + n), lot, Party(f"bidder-{n}", f"Bidder {n}"), at, f"{n:064x}")
        for n, lot in enumerate(lots)
    )


def priced(amount: str, currency: str = "EUR") -> bytes:
    return f'{{"price": {{"amount": "{amount}", "currency": "{currency}"}}}}'.encode()


@pytest.fixture(scope="module")
def unpriced(walk: Any) -> Tender:
    """A tender whose two bids qualified, and whose prices are sealed."""
    offers = (("lot-1", "alder", "900000"), ("lot-1", "birch", "1000000"))
    return cast("Tender", walk().opened(*offers).qualified().tender)


def released(tender: Tender, *contents: bytes | None) -> tuple[ReleasedPrice, ...]:
    return tuple(ReleasedPrice(bid.bid, content) for bid, content in zip(tender.bids, contents, strict=True))


def test_bid_counts_when_it_comes_a_microsecond_before_the_deadline(active: Tender, pack: RulePack) -> None:
    check_bid_time(active, deadline(active) - MICROSECOND, pack)


@pytest.mark.parametrize("after", [timedelta(0), MICROSECOND, timedelta(days=400)])
def test_bid_is_late_when_it_comes_at_the_deadline_or_after(active: Tender, pack: RulePack, after: timedelta) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_bid_time(active, deadline(active) + after, pack)
    assert (refusal.value.code, refusal.value.reference) == ("bid-late", DEADLINE)


@pytest.mark.parametrize(
    "status", [Status.QUALIFICATION, Status.EVALUATION, Status.AWARD, Status.COMPLETE, Status.CANCELLED]
)
def test_bid_is_late_when_the_opening_is_past_whatever_its_own_clock_says(
    active: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    with pytest.raises(NotAllowed, match="bid-late"):
        check_bid_time(replace(active, status=status, opened_at=deadline(active)), noon, pack)


def test_bid_is_late_when_the_tender_ended_at_its_opening(active: Tender, pack: RulePack, noon: datetime) -> None:
    # No envelope was opened then, so there is no instant of an opening.
    with pytest.raises(NotAllowed, match="bid-late"):
        check_bid_time(replace(active, status=Status.UNSUCCESSFUL), noon, pack)


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


@pytest.mark.parametrize("counts", [{}, {"lot-1": 1}])
def test_procedure_ends_by_the_gate_when_too_few_bids_came(
    active: Tender, pack: RulePack, counts: dict[str, int]
) -> None:
    ended, events = end_lots(active, "open", "opening", counts, pack)
    assert (ended.status, ended.due_at, ended.bids, ended.opened_at) == (Status.UNSUCCESSFUL, None, (), None)
    assert ended.lots == (LotProgress("lot-1", LotStatus.UNSUCCESSFUL),)
    told: dict[str, Any] = {
        "aggregate": active.id,
        "ocid": active.ocid,
        "reason": "There are fewer bids than the rule asks for.",
    }
    rule = RuleReference("gate.opening.minimum-bids", "Coxswain model pack")
    told |= {"reference": rule, "bids": sum(counts.values())}
    assert events == (
        LotUnsuccessful(**told, version=active.version + 1, lot="lot-1", amount=Money(125_000_000, "EUR")),
        Unsuccessful(**told, version=active.version + 2),
    )


def test_gate_lets_through_when_the_minimum_of_bids_came(active: Tender, pack: RulePack) -> None:
    assert end_lots(active, "open", "opening", {"lot-1": 2}, pack) == (active, ())


def test_gate_asks_for_three_when_the_pack_does(walk: Any, cn: RulePack) -> None:
    active = walk(cn, currency="CNY").tender
    assert end_lots(active, "open", "opening", {"lot-1": 3}, cn) == (active, ())
    _, (ended, _) = end_lots(active, "open", "opening", {"lot-1": 2}, cn)
    assert ended.reference == RuleReference(
        "gate.opening.minimum-bids", "Government Procurement Law (政府采购法), art. 36; Order 87, art. 41"
    )


def test_gate_lets_through_when_the_pack_has_none(active: Tender) -> None:
    document = pack_document("model")
    del document["rules"]["gate.opening.minimum-bids"]
    assert end_lots(active, "open", "opening", {}, read_pack(document)) == (active, ())


def test_bidders_are_named_and_no_price_when_bids_are_opened(active: Tender, pack: RulePack) -> None:
    bids = received("lot-1", "lot-1", at=deadline(active) - MICROSECOND)
    opened, (event,) = open_bids(active, bids, at=deadline(active), pack=pack)
    assert (opened.status, opened.opened_at, opened.prices_opened_at) == (
        Status.QUALIFICATION,
        deadline(active),
        None,
    )
    assert isinstance(event, Opened)
    assert (event.version, event.bids) == (active.version + 1, opened.bids)
    assert [(bid.bid, bid.bidder.id, bid.lot, bid.price, bid.valid, bid.digest) for bid in opened.bids] == [
        (UUID(int=100), "bidder-0", "lot-1", None, True, f"{0:064x}"),
        (UUID(int=101), "bidder-1", "lot-1", None, True, f"{1:064x}"),
    ]
    # Five working days after Tuesday the 24th: the end of Tuesday the 31st.
    assert opened.due_at == datetime(2026, 4, 1, tzinfo=UTC)


def test_bids_of_a_lot_that_ended_stay_closed_when_the_others_are_opened(walk: Any) -> None:
    procedure = walk(north="300", south="200")
    tender, _ = end_lots(procedure.tender, "open", "opening", {"north": 2, "south": 1}, procedure.pack)
    bids = received("north", "south", "north", at=deadline(tender) - MICROSECOND)
    opened, (event,) = open_bids(tender, bids, at=deadline(tender), pack=procedure.pack)
    assert isinstance(event, Opened)
    assert [bid.bid for bid in opened.bids] == [bid.bid for bid in event.bids] == [UUID(int=100), UUID(int=102)]


def test_opening_is_refused_when_it_is_asked_for_a_microsecond_early(active: Tender, pack: RulePack) -> None:
    with pytest.raises(NotAllowed, match="bids-sealed"):
        open_bids(active, (), at=deadline(active) - MICROSECOND, pack=pack)


@pytest.mark.parametrize(
    ("envelope", "price", "reason", "rule"),
    [
        (priced("1250000.00"), Money(125_000_000, "EUR"), None, None),
        (priced("0.01"), Money(1, "EUR"), None, None),
        (
            priced("1250000.01"),
            Money(125_000_001, "EUR"),
            "The price is above the lot's value.",
            RuleReference("bid-within-estimate", "Coxswain model pack"),
        ),
        (priced("0"), Money(0, "EUR"), "The price is not above zero.", None),
        (priced("1000", "USD"), Money(100_000, "USD"), "The price is in another currency than the tender.", None),
        (b"not json", None, "The content cannot be read as a bid.", None),
        (None, None, "The seal did not open.", None),
    ],
)
def test_bid_counts_or_not_when_its_price_is_opened(
    unpriced: Tender,
    pack: RulePack,
    envelope: bytes | None,
    price: Money | None,
    reason: str | None,
    rule: RuleReference | None,
) -> None:
    tender, _ = open_prices(unpriced, released(unpriced, envelope, priced("900000")), at=deadline(unpriced), pack=pack)
    first = tender.bids[0]
    assert (first.bidder.id, first.price, first.reason, first.rule) == ("alder", price, reason, rule)
    assert first.valid is (reason is None)


def test_price_is_held_to_the_value_of_its_own_lot_when_there_are_several(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00")
    procedure.opened(
        ("north", "alder", "300.00"),
        ("north", "birch", "299.00"),
        ("south", "alder", "200.01"),
        ("south", "birch", "200"),
    )
    tender = procedure.qualified().scored().priced().tender
    assert [(bid.bidder.id, bid.lot, bid.valid) for bid in tender.bids] == [
        ("alder", "north", True),
        ("birch", "north", True),
        ("alder", "south", False),
        ("birch", "south", True),
    ]


def test_price_above_the_value_counts_when_the_pack_switches_the_rule_off(unpriced: Tender) -> None:
    document = pack_document("model")
    document["rules"]["bid-within-estimate"]["value"] = False
    prices = released(unpriced, priced("9999999"), priced("9999999"))
    tender, _ = open_prices(unpriced, prices, at=deadline(unpriced), pack=read_pack(document))
    assert tender.bids[0].valid


def test_award_begins_when_one_bid_is_valid(unpriced: Tender, pack: RulePack) -> None:
    at = deadline(unpriced)
    tender, events = open_prices(unpriced, released(unpriced, priced("900000"), b""), at=at, pack=pack)
    assert (tender.status, tender.prices_opened_at) == (Status.AWARD, at)
    (event,) = events
    assert isinstance(event, PricesOpened)
    assert (event.version, event.bids, event.opened_at) == (unpriced.version + 1, tender.bids, at)
    # Ten working days after Tuesday the 24th of March: the end of Tuesday the 7th of April.
    assert tender.due_at == datetime(2026, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize("contents", [(b"", b"[]"), (priced("1250000.01"), priced("5", "USD"))])
def test_procedure_ends_with_its_bids_named_when_none_is_valid(
    unpriced: Tender, pack: RulePack, contents: Sequence[bytes]
) -> None:
    ended, (opened, lot, whole) = open_prices(unpriced, released(unpriced, *contents), at=deadline(unpriced), pack=pack)
    assert (ended.status, ended.due_at, len(ended.bids)) == (Status.UNSUCCESSFUL, None, 2)
    assert isinstance(opened, PricesOpened)
    assert isinstance(lot, LotUnsuccessful)
    assert isinstance(whole, Unsuccessful)
    assert [event.version for event in (opened, lot, whole)] == [unpriced.version + n for n in (1, 2, 3)]
    assert ended.version == unpriced.version + 3
    assert (whole.bids, whole.reason, whole.reference) == (
        2,
        "There are fewer bids than the rule asks for.",
        RuleReference("gate.responsive.minimum-bids", "Coxswain model pack"),
    )


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.EVALUATION])
def test_prices_stay_sealed_when_the_tender_is_not_in_evaluation(
    unpriced: Tender, pack: RulePack, status: Status
) -> None:
    tender = replace(unpriced, status=status)
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        sealed_prices(tender, pack)
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        open_prices(tender, (), at=deadline(unpriced), pack=pack)


def test_price_of_a_bid_that_does_not_count_is_not_even_asked_for_when_prices_are_opened(walk: Any) -> None:
    offers = [("lot-1", name, "900000") for name in ("alder", "birch", "cedar")]
    procedure = walk().opened(*offers).qualified("birch").scored()
    assert sealed_prices(procedure.tender, procedure.pack) == (procedure.bid("alder"), procedure.bid("cedar"))
    tender = procedure.priced().tender
    assert {bid.bidder.id: bid.price for bid in tender.bids} == {
        "alder": Money(90_000_000, "EUR"),
        "birch": None,
        "cedar": Money(90_000_000, "EUR"),
    }
    (told,) = [event for event in procedure.events if isinstance(event, PricesOpened)]
    assert [bid.bidder.id for bid in told.bids] == ["alder", "cedar"]


def test_prices_of_a_lot_that_ended_stay_sealed_when_the_others_are_opened(walk: Any) -> None:
    offers = [(lot, name, "100") for lot in ("north", "south") for name in ("alder", "birch")]
    procedure = walk(north="300", south="200").opened(*offers).qualified().scored()
    procedure.take(cancel_lot(procedure.tender, "south", "The need has gone."))
    assert sealed_prices(procedure.tender, procedure.pack) == (
        procedure.bid("alder", "north"),
        procedure.bid("birch", "north"),
    )
    tender = procedure.priced().tender
    assert [bid.price for bid in tender.bids_for("south")] == [None, None]


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
    unpriced: Tender, pack: RulePack, envelope: bytes
) -> None:
    opened, _ = open_prices(unpriced, released(unpriced, envelope, b"[" * 100_000), at=deadline(unpriced), pack=pack)
    assert [bid.valid for bid in opened.bids] == [False, False]


@given(st.integers(1, 10**16 - 1), st.sampled_from([("EUR", 2), ("JPY", 0), ("KWD", 3)]))
def test_price_is_read_to_the_last_digit_when_it_is_written_in_full(minor: int, currency: tuple[str, int]) -> None:
    code, decimals = currency
    amount = f"{Decimal(minor).scaleb(-decimals):f}"
    assert read_price(priced(amount, code)) == Money(minor, code)
