"""Abnormally low prices: a trigger obliges to ask; whether the bid counts, people decide on the answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack, load_pack, pack_document, read_pack
from shared.testing.course import SALT
from tender.domain.award import cancel_award, propose_award
from tender.domain.endings import cancel_lot, standing_award
from tender.domain.events import (
    BidExcluded,
    LotUnsuccessful,
    PriceExplained,
    PriceExplanationDecided,
    PriceExplanationRequested,
)
from tender.domain.parts import PriceInquiry, Status
from tender.domain.price_inquiry import decide, explain, inquire_on_judgement, undecided
from tender.domain.waiting import Waiting, next_wait

MICROSECOND = timedelta(microseconds=1)
# The worked vector: mean 812,500, half of it 406,250; second lowest 880,000, half of it 440,000; 45 % of the ceiling of
# 1.2 million is 540,000.
VECTOR = {"alder": "1000000", "birch": "950000", "cedar": "880000", "dogwood": "420000"}
SECOND_LOWEST, CEILING, MEAN = "abnormally-low.second-lowest", "abnormally-low.ceiling", "abnormally-low.mean"


def priced(walk: Any, prices: dict[str, str], value: str, pack: RulePack | None = None, currency: str = "EUR") -> Any:
    procedure = walk(pack, currency=currency, lot_1=value)
    return procedure.opened(*(("lot-1", name, price) for name, price in prices.items())).qualified().scored().priced()


@pytest.fixture(params=["model", "cn"])
def asked(request: Any, walk: Any, cn: RulePack) -> Any:
    """The worked vector at its prices, by the model pack and by that of China."""
    if request.param == "cn":
        return priced(walk, VECTOR, "1200000.00", cn, "CNY")
    return priced(walk, VECTOR, "1200000.00")


def test_lowest_bid_is_asked_by_two_triggers_and_nobody_else_when_the_vector_is_opened(asked: Any) -> None:
    (inquiry,) = asked.tender.inquiries
    assert (inquiry.bid, inquiry.lot, inquiry.triggers) == (asked.bid("dogwood"), "lot-1", (SECOND_LOWEST, CEILING))
    assert asked.told() == ["Opened", "BidsQualified", "PricesOpened", "PriceExplanationRequested"]
    event = asked.events[-1]
    assert isinstance(event, PriceExplanationRequested)
    assert (event.bid, event.bidder.id, event.triggers, event.due_at) == (
        inquiry.bid,
        "dogwood",
        inquiry.triggers,
        inquiry.due_at,
    )


def test_nothing_is_decided_when_a_trigger_fires(asked: Any) -> None:
    assert [bid.valid for bid in asked.tender.bids] == [True] * 4
    (inquiry,) = asked.tender.inquiries
    assert (inquiry.accepted, inquiry.explained_at, inquiry.reason) == (None, None, None)
    with pytest.raises(NotAllowed) as refusal:
        asked.proposed()
    assert (refusal.value.code, refusal.value.satisfied_by) == ("price-inquiry-open", "The decision on the price.")


@pytest.mark.parametrize(
    ("value", "prices", "triggers"),
    [
        # Half of the second lowest, 500,000, is 250,000; the ceiling of 600,000 has 270,000.
        ("600000.00", ("600000", "500000", "250000"), (CEILING,)),
        ("600000.00", ("600000", "500000", "249999.99"), (SECOND_LOWEST, CEILING)),
        # Half of the second lowest, 800,000, is 400,000; half of the mean with 400,000 itself is 366,666.67.
        ("1000000.00", ("1000000", "800000", "450000"), None),
        ("1000000.00", ("1000000", "800000", "449999.99"), (CEILING,)),
        ("1000000.00", ("1000000", "800000", "400000"), (CEILING,)),
        ("1000000.00", ("1000000", "800000", "399999.99"), (SECOND_LOWEST, CEILING)),
        # Half of the mean of a million, a million and 400,000 is 400,000.
        ("1000000.00", ("1000000", "1000000", "400000"), (SECOND_LOWEST, CEILING)),
        ("1000000.00", ("1000000", "1000000", "399999.99"), (MEAN, SECOND_LOWEST, CEILING)),
    ],
)
@pytest.mark.parametrize("by", ["model", "cn"])
def test_trigger_fires_below_its_bound_and_not_at_it_when_prices_are_opened(
    walk: Any, cn: RulePack, by: str, value: str, prices: tuple[str, ...], triggers: tuple[str, ...] | None
) -> None:
    pack, currency = (cn, "CNY") if by == "cn" else (None, "EUR")
    named = dict(zip(("alder", "birch", "cedar"), prices, strict=True))
    procedure = priced(walk, named, value, pack, currency)
    found = {inquiry.bid: inquiry.triggers for inquiry in procedure.tender.inquiries}
    assert found == ({procedure.bid("cedar"): triggers} if triggers else {})


def test_bid_that_does_not_count_moves_no_bound_when_prices_are_opened(walk: Any) -> None:
    # If alder's price, a cent too high, were the second lowest, its half would be above birch's; alone, birch has
    # nobody to be compared with, and is above 45 % of the ceiling, 270,000.
    procedure = priced(walk, {"alder": "600000.01", "birch": "280000"}, "600000.00")
    assert [bid.valid for bid in procedure.tender.bids] == [False, True]
    assert (procedure.tender.status, procedure.tender.inquiries) == (Status.AWARD, ())


def test_each_lot_is_compared_with_itself_when_prices_are_opened(walk: Any) -> None:
    procedure = walk(north="1000.00", south="100.00")
    procedure.opened(
        ("north", "alder", "900"), ("north", "birch", "800"), ("south", "alder", "90"), ("south", "birch", "40")
    )
    procedure.qualified().scored().priced()
    assert [(inquiry.lot, inquiry.bid, inquiry.triggers) for inquiry in procedure.tender.inquiries] == [
        ("south", procedure.bid("birch", "south"), (SECOND_LOWEST, CEILING))
    ]
    # North goes on while south is asked.
    procedure.proposed("north")


def test_bidder_has_three_working_days_when_the_model_pack_asks(walk: Any) -> None:
    procedure = priced(walk, VECTOR, "1200000.00")
    (inquiry,) = procedure.tender.inquiries
    # Asked at the first instant of Tuesday the 24th of March: to the end of Friday the 27th.
    assert (inquiry.asked_at, inquiry.due_at) == (
        datetime(2026, 3, 24, tzinfo=UTC),
        datetime(2026, 3, 28, tzinfo=UTC),
    )


def test_bidder_has_thirty_minutes_when_the_pack_asks_on_the_spot(walk: Any, cn: RulePack) -> None:
    procedure = priced(walk, VECTOR, "1200000.00", cn, "CNY")
    (inquiry,) = procedure.tender.inquiries
    assert inquiry.due_at - inquiry.asked_at == timedelta(minutes=30)
    with pytest.raises(NotAllowed) as refusal:
        explain(procedure.tender, inquiry.bid, "Paid.", at=inquiry.due_at, pack=cn)
    assert (refusal.value.code, refusal.value.reference) == (
        "explanation-late",
        RuleReference("abnormally-low.explanation-minutes", "Cai Ku [2026] 2"),
    )


def test_minutes_run_faster_when_a_sandbox_procedure_is_accelerated(walk: Any, cn: RulePack) -> None:
    procedure = walk(cn, currency="CNY", lot_1="1200000.00")
    procedure.tender = replace(procedure.tender, acceleration=60)
    procedure.opened(*(("lot-1", name, price) for name, price in VECTOR.items())).qualified().scored().priced()
    (inquiry,) = procedure.tender.inquiries
    assert inquiry.due_at - inquiry.asked_at == timedelta(seconds=30)


def test_term_is_that_of_the_proposal_when_the_pack_obliges_to_ask_and_names_no_time(walk: Any) -> None:
    # Before notice 2 of 2026 China had neither figures nor minutes.
    pack = load_pack("cn-services", "1.0.0")
    procedure = priced(walk, VECTOR, "1200000.00", pack, "CNY")
    assert procedure.tender.inquiries == ()
    bid = procedure.bid("dogwood")
    procedure.take(inquire_on_judgement(procedure.tender, bid, at=procedure.now, pack=pack))
    (inquiry,) = procedure.tender.inquiries
    # Ten working days after Tuesday the 24th of March: the end of Tuesday the 7th of April in Shanghai.
    assert inquiry.due_at == datetime(2026, 4, 7, 16, 0, tzinfo=UTC)
    with pytest.raises(NotAllowed) as refusal:
        explain(procedure.tender, bid, "Paid.", at=inquiry.due_at, pack=pack)
    assert refusal.value.reference == RuleReference(
        "abnormally-low.explanation-requested", "Ministry of Finance Order 87, art. 60"
    )


def test_nobody_is_asked_by_a_figure_but_on_judgement_when_the_pack_has_none(walk: Any) -> None:
    pack = load_pack("eu-light")
    procedure = priced(walk, VECTOR, "1200000.00", pack)
    assert procedure.tender.inquiries == ()
    bid = procedure.bid("cedar")
    procedure.take(inquire_on_judgement(procedure.tender, bid, at=procedure.now, pack=pack))
    (inquiry,) = procedure.tender.inquiries
    assert (inquiry.bid, inquiry.triggers) == (bid, ("abnormally-low.judgement",))
    # Asked at the first instant of Tuesday the 7th of April in Brussels: three working days, to the end of the 10th.
    assert inquiry.due_at == datetime(2026, 4, 10, 22, 0, tzinfo=UTC)


def test_explanation_is_taken_once_when_it_comes_in_time(asked: Any) -> None:
    (inquiry,) = asked.tender.inquiries
    at = inquiry.due_at - MICROSECOND
    asked.take(explain(asked.tender, inquiry.bid, "The kitchens are paid for.", at=at, pack=asked.pack))
    event = asked.events[-1]
    assert isinstance(event, PriceExplained)
    # What it said is nobody else's business.
    assert "kitchens" not in repr(event)
    assert (event.bid, event.explained_at) == (inquiry.bid, at)
    (explained,) = asked.tender.inquiries
    assert (explained.explanation, explained.explained_at) == ("The kitchens are paid for.", at)
    with pytest.raises(NotAllowed) as refusal:
        explain(asked.tender, inquiry.bid, "And more.", at=at, pack=asked.pack)
    assert (refusal.value.code, refusal.value.reference) == (
        "price-explained",
        asked.pack.reference("abnormally-low.explanation-requested"),
    )


def test_explanation_is_late_when_its_term_has_just_ended(walk: Any, pack: RulePack) -> None:
    procedure = priced(walk, VECTOR, "1200000.00")
    (inquiry,) = procedure.tender.inquiries
    with pytest.raises(NotAllowed) as refusal:
        explain(procedure.tender, inquiry.bid, "Paid.", at=inquiry.due_at, pack=pack)
    assert (refusal.value.code, refusal.value.reference, refusal.value.satisfied_by) == (
        "explanation-late",
        RuleReference("abnormally-low.explanation-period", "Coxswain model pack"),
        "An explanation in time.",
    )


def test_explanation_is_refused_when_nobody_asked(asked: Any) -> None:
    for bid in (asked.bid("alder"), UUID(int=7)):
        with pytest.raises(NotFound, match="inquiry-unknown"):
            explain(asked.tender, bid, "Paid.", at=asked.now, pack=asked.pack)


def settle(procedure: Any, *, accepted: bool, at: datetime, bidder: str = "dogwood") -> Any:
    bid = procedure.bid(bidder)
    return decide(
        procedure.tender, bid, accepted=accepted, reason="It was said.", by="olga", at=at, pack=procedure.pack
    )


@pytest.mark.parametrize("accepted", [True, False])
def test_decision_waits_when_the_bidder_may_still_explain(asked: Any, accepted: bool) -> None:
    (inquiry,) = asked.tender.inquiries
    with pytest.raises(NotAllowed) as refusal:
        settle(asked, accepted=accepted, at=inquiry.due_at - MICROSECOND)
    assert refusal.value.code == "explanation-awaited"
    assert refusal.value.reference is not None
    assert refusal.value.reference.rule.startswith("abnormally-low.explanation-")


def test_price_that_nobody_explained_is_rejected_but_never_accepted_when_the_term_is_over(asked: Any) -> None:
    (inquiry,) = asked.tender.inquiries
    with pytest.raises(Invalid) as refusal:
        settle(asked, accepted=True, at=inquiry.due_at)
    assert (refusal.value.code, refusal.value.reference) == (
        "explanation-missing",
        asked.pack.reference("abnormally-low.explanation-requested"),
    )
    _, (decided, excluded) = settle(asked, accepted=False, at=inquiry.due_at)
    assert isinstance(decided, PriceExplanationDecided)
    assert isinstance(excluded, BidExcluded)


def explained(procedure: Any) -> Any:
    (inquiry,) = procedure.tender.inquiries
    procedure.take(explain(procedure.tender, inquiry.bid, "Paid.", at=procedure.now, pack=procedure.pack))
    return procedure


def test_bid_is_ranked_when_its_price_was_explained_and_accepted(asked: Any) -> None:
    explained(asked)
    asked.take(settle(asked, accepted=True, at=asked.now))
    event = asked.events[-1]
    assert isinstance(event, PriceExplanationDecided)
    assert (event.accepted, event.reason) == (True, "It was said.")
    (inquiry,) = asked.tender.inquiries
    assert (inquiry.accepted, inquiry.decided_by, undecided(asked.tender, "lot-1")) == (True, "olga", ())
    asked.proposed()
    # Everybody has the same quality, so the lowest price wins.
    assert standing_award(asked.tender, "lot-1").supplier.id == "dogwood"


def test_bid_does_not_count_when_its_price_was_rejected(asked: Any) -> None:
    explained(asked)
    asked.take(settle(asked, accepted=False, at=asked.now))
    assert asked.told()[-2:] == ["PriceExplanationDecided", "BidExcluded"]
    excluded = asked.events[-1]
    assert isinstance(excluded, BidExcluded)
    reference = asked.pack.reference("abnormally-low.explanation-requested")
    assert (excluded.bid, excluded.reason, excluded.reference) == (asked.bid("dogwood"), "It was said.", reference)
    asked.proposed()
    assert standing_award(asked.tender, "lot-1").supplier.id == "cedar"
    with pytest.raises(NotAllowed):
        settle(asked, accepted=True, at=asked.now)


def test_decision_is_made_once_when_it_is_asked_for_again(asked: Any) -> None:
    explained(asked)
    asked.take(settle(asked, accepted=True, at=asked.now))
    with pytest.raises(NotAllowed, match="price-inquiry-decided"):
        settle(asked, accepted=False, at=asked.now)
    with pytest.raises(NotAllowed, match="price-explained"):
        explain(asked.tender, asked.bid("dogwood"), "More.", at=asked.now, pack=asked.pack)


def test_lot_ends_when_a_rejected_price_leaves_two_and_the_pack_asks_for_three(walk: Any, cn: RulePack) -> None:
    three = {name: price for name, price in VECTOR.items() if name != "alder"}
    procedure = explained(priced(walk, three, "1200000.00", cn, "CNY"))
    procedure.take(settle(procedure, accepted=False, at=procedure.now))
    before = len(procedure.events)
    procedure.proposed()
    assert procedure.told(before) == ["LotUnsuccessful", "Unsuccessful"]
    ended = procedure.events[before]
    assert isinstance(ended, LotUnsuccessful)
    assert ended.reference == RuleReference(
        "gate.responsive.minimum-bids", "Government Procurement Law (政府采购法), art. 36; Order 87, arts. 41, 44"
    )
    assert procedure.tender.status is Status.UNSUCCESSFUL


def judge(procedure: Any, bidder: str) -> Any:
    return inquire_on_judgement(procedure.tender, procedure.bid(bidder), at=procedure.now, pack=procedure.pack)


def test_bidder_is_asked_on_judgement_once_when_no_figure_fires(asked: Any) -> None:
    asked.take(judge(asked, "cedar"))
    assert asked.tender.inquiries[-1].triggers == ("abnormally-low.judgement",)
    for bidder in ("cedar", "dogwood"):
        with pytest.raises(NotAllowed, match="price-inquiry-made"):
            judge(asked, bidder)


def test_nobody_is_asked_on_judgement_when_the_pack_does_not_know_it(walk: Any) -> None:
    document = pack_document("model")
    document["rules"]["abnormally-low.judgement"]["value"] = False
    procedure = priced(walk, VECTOR, "1200000.00", read_pack(document))
    with pytest.raises(NotAllowed, match="judgement-not-a-trigger"):
        judge(procedure, "cedar")


def test_nobody_is_asked_on_judgement_when_the_bid_is_unknown_or_does_not_count(walk: Any, pack: RulePack) -> None:
    procedure = walk(lot_1="1200000.00").opened(*(("lot-1", name, "900000") for name in ("alder", "birch")))
    procedure.qualified("birch").scored().priced()
    with pytest.raises(NotAllowed, match="bid-not-valid"):
        judge(procedure, "birch")
    with pytest.raises(NotFound, match="bid-unknown"):
        inquire_on_judgement(procedure.tender, UUID(int=7), at=procedure.now, pack=pack)


def test_price_is_left_alone_when_the_award_of_its_lot_stands_or_the_lot_has_ended(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00", south="200.00").opened(
        *((lot, name, price) for lot in ("north", "south") for name, price in (("alder", "190"), ("birch", "195")))
    )
    procedure.qualified().scored().priced().proposed("north")
    north, south = procedure.bid("alder", "north"), procedure.bid("alder", "south")
    with pytest.raises(NotAllowed, match="award-pending"):
        inquire_on_judgement(procedure.tender, north, at=procedure.now, pack=pack)
    procedure.take(cancel_lot(procedure.tender, "south", "The need has gone."))
    with pytest.raises(NotAllowed, match="lot-not-active"):
        inquire_on_judgement(procedure.tender, south, at=procedure.now, pack=pack)
    # When the award falls away, the next winner's price may be asked about.
    procedure.take(cancel_award(procedure.tender, "north", "It withdrew.", at=procedure.now, pack=pack))
    procedure.take(inquire_on_judgement(procedure.tender, procedure.bid("birch", "north"), at=procedure.now, pack=pack))
    with pytest.raises(NotAllowed, match="price-inquiry-open"):
        propose_award(procedure.tender, "north", procedure.scores, by="olga", at=procedure.now, pack=pack, salt=SALT)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_prices_are_neither_asked_about_nor_decided_on_when_it_is_not_time(asked: Any, status: Status) -> None:
    asked.tender = replace(asked.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        judge(asked, "cedar")
    with pytest.raises(NotAllowed, match="tender-not-award"):
        settle(asked, accepted=False, at=asked.now)


@pytest.mark.parametrize(
    "status", [Status.ACTIVE, Status.COMPLETE, Status.UNSUCCESSFUL, Status.CANCELLED, Status.DRAFT]
)
def test_prices_are_not_explained_when_the_bids_are_sealed_or_the_procedure_has_ended(
    asked: Any, status: Status
) -> None:
    tender = replace(asked.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-qualification"):
        explain(tender, asked.bid("dogwood"), "Paid.", at=asked.now, pack=asked.pack)


def test_bidder_and_then_office_are_waited_for_when_a_price_was_asked_about(walk: Any) -> None:
    procedure = priced(walk, VECTOR, "1200000.00")
    (inquiry,) = procedure.tender.inquiries
    assert next_wait(procedure.tender) == Waiting("a bidder's explanation of its price", inquiry.due_at)
    explained(procedure)
    assert procedure.tender.due_at is not None
    assert next_wait(procedure.tender) == Waiting("the decision on an explained price", procedure.tender.due_at)


def test_inquiry_of_an_excluded_bid_holds_nothing_up_when_the_lot_is_awarded(walk: Any) -> None:
    procedure = priced(walk, VECTOR, "1200000.00")
    (inquiry,) = procedure.tender.inquiries
    assert isinstance(inquiry, PriceInquiry)
    bids = tuple(
        replace(bid, valid=False, reason="Other reasons.") if bid.bid == inquiry.bid else bid
        for bid in procedure.tender.bids
    )
    procedure.tender = replace(procedure.tender, bids=bids)
    with pytest.raises(NotAllowed, match="bid-not-valid"):
        settle(procedure, accepted=False, at=inquiry.due_at)
    assert procedure.proposed().tender.progress("lot-1").award is not None
