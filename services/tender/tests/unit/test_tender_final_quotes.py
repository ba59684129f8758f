"""Talks, one call, and final quotes that decide: Order 74 arts. 27 and 32-34, worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from final_quotes import MICROSECOND, NAMES, WEEK, in_talks, quoted, requested, talked

from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack, load_pack
from tender.domain.challenge import Remedy
from tender.domain.endings import cancel_lot
from tender.domain.events import FinalQuotesRequested, LotUnsuccessful, PricesOpened, TalksRecorded, TermsChanged
from tender.domain.negotiation import (
    NewTalks,
    change_terms,
    check_leaving,
    check_quote,
    disclosed,
    has_final_quotes,
    record_talks,
    request_quotes,
    taking_part,
)
from tender.domain.negotiation_parts import NegotiationStatus
from tender.domain.parts import LotStatus, Status
from tender.domain.price_opening import open_prices
from tender.domain.procurement import Procurement
from tender.domain.remedy import carry_out
from tender.domain.waiting import next_wait

ORDER_74 = "Ministry of Finance Order 74, art. 27"
LETTER_214 = "Cai Ku [2014] 214 and its supplement No. 124 (competitive consultation)"
NEGOTIATED = Procurement("competitive-negotiation", ground="complex")
CONVERTED = Procurement(
    "competitive-negotiation",
    ground="failed-tender",
    follows=UUID(int=9),
    facts={"procedure": {"method_approved": True}},
)
GOODS = Procurement("competitive-consultation", facts={"procedure": {"purchase_of_services": False}})
SERVICES = Procurement("competitive-consultation", facts={"procedure": {"purchase_of_services": True}})
QUOTES = "method.competitive-negotiation.minimum-quotes"
SUPPLIERS = "method.competitive-consultation.minimum-suppliers"


@pytest.mark.parametrize(
    ("procurement", "count", "rule"),
    [
        (NEGOTIATED, 3, None),
        (NEGOTIATED, 2, QUOTES),
        (CONVERTED, 2, None),
        (CONVERTED, 1, f"{QUOTES}-converted"),
        (GOODS, 3, None),
        (GOODS, 2, SUPPLIERS),
        (SERVICES, 2, None),
        (SERVICES, 1, f"{SUPPLIERS}-services"),
    ],
)
def test_those_who_quoted_are_counted_when_final_quotes_are_opened(
    walk: Any, cn: RulePack, procurement: Procurement, count: int, rule: str | None
) -> None:
    procedure = in_talks(walk, cn, procurement)
    requested(procedure)
    quoted(procedure, dict.fromkeys(NAMES[:count], "290.00"))
    assert procedure.tender.status is (Status.AWARD if rule is None else Status.UNSUCCESSFUL)
    ended = [event.reference for event in procedure.events if isinstance(event, LotUnsuccessful)]
    source = ORDER_74 if procurement.method == "competitive-negotiation" else LETTER_214
    assert ended == ([] if rule is None else [RuleReference(rule, source)])


def test_final_quotes_are_compared_and_who_gave_none_has_left_when_the_prices_are_opened(
    walk: Any, cn: RulePack
) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    requested(procedure)
    quoted(procedure, {"alder": "280.00", "birch": "290.00"})
    (told,) = [event for event in procedure.events if isinstance(event, PricesOpened)]
    shown = {bid.bidder.id: bid for bid in told.bids}
    assert {name: bid.price and str(bid.price.amount) for name, bid in shown.items()} == {
        "alder": "280.00",
        "birch": "290.00",
        "cedar": None,
    }
    left = shown["cedar"]
    source = "Ministry of Finance Order 74, arts. 32-34; Cai Ku [2014] 214"
    assert (left.valid, left.rule, left.excluded_in) == (False, RuleReference("final-quotes", source), "evaluation")
    # What was handed in first, and the salt of its digest, stay closed for good.
    assert [bid.salt for bid in shown.values()] == [None, None, None]
    assert [bid.final_quote is None for bid in shown.values()] == [False, False, True]
    procedure.scored().proposed("all")
    assert procedure.tender.progress("all").award.supplier.id == "alder"
    assert procedure.tender.negotiation.status is NegotiationStatus.OPENED


@pytest.mark.parametrize(
    ("sealed", "reason"),
    [
        (b'{"price": {"amount": "1.00", "currency": "EUR"}}', "The price is in another currency than the tender."),
        ("300.01", "The price is above the lot's value."),
        ("0.00", "The price is not above zero."),
        (b"[" * 100_000, "The content cannot be read as a bid."),
        (b'{"price": {"amount": {"amount": "1.00"}, "currency": "CNY"}}', "The content cannot be read as a bid."),
        (b"", "The content cannot be read as a bid."),
    ],
)
def test_final_quote_does_not_count_when_it_is_no_price_of_the_tender(
    walk: Any, cn: RulePack, sealed: str | bytes, reason: str
) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    requested(procedure)
    quoted(procedure, {"alder": "280.00", "birch": "290.00", "cedar": sealed})
    bid = procedure.tender.bid(procedure.bid("cedar", "all"))
    assert (bid.valid, bid.reason, procedure.tender.status) == (False, reason, "award")


def test_prices_wait_for_the_call_and_its_deadline_when_there_are_final_quotes(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    with pytest.raises(NotAllowed) as uncalled:
        open_prices(procedure.tender, (), at=procedure.now, pack=cn)
    early = requested(procedure) - MICROSECOND
    with pytest.raises(NotAllowed) as refusal:
        open_prices(procedure.tender, (), at=early, pack=cn)
    assert [item.value.code for item in (uncalled, refusal)] == ["final-quotes-not-requested", "final-quotes-sealed"]
    assert [item.value.reference.rule for item in (uncalled, refusal)] == ["final-quotes"] * 2


def test_quote_is_late_at_the_instant_of_the_deadline(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    bid = procedure.bid("alder", "all")
    with pytest.raises(NotAllowed, match="final-quotes-not-requested"):
        check_quote(procedure.tender, bid, at=procedure.now, pack=cn)
    check_leaving(procedure.tender, bid, at=procedure.now, pack=cn)
    closes_at = requested(procedure)
    for check in (check_quote, check_leaving):
        check(procedure.tender, bid, at=closes_at - MICROSECOND, pack=cn)
        with pytest.raises(NotAllowed, match="final-quote-late"):
            check(procedure.tender, bid, at=closes_at, pack=cn)
        with pytest.raises(NotFound, match="bid-unknown"):
            check(procedure.tender, UUID(int=7), at=procedure.now, pack=cn)
    quoted(procedure, dict.fromkeys(NAMES, "290.00"))
    with pytest.raises(NotAllowed, match="final-quote-late"):
        check_quote(procedure.tender, bid, at=procedure.now, pack=cn)


def test_bid_that_does_not_count_gives_no_quote(walk: Any, cn: RulePack) -> None:
    procedure = walk(cn, currency="CNY", all="300.00", other="300.00")
    content = replace(procedure.tender.content, procurement=SERVICES)
    procedure.tender = replace(procedure.tender, content=content)
    offers = [(lot, name, "100.00") for lot in ("all", "other") for name in (*NAMES, "dogwood")]
    procedure.opened(*offers).qualified("dogwood")
    requested(procedure)
    excluded, ended = procedure.bid("dogwood", "all"), procedure.bid("alder", "other")
    assert excluded not in procedure.tender.negotiation.bids
    after, _ = cancel_lot(procedure.tender, "other", "Not needed any more.")
    for check in (check_quote, check_leaving):
        with pytest.raises(NotAllowed, match="bid-not-valid"):
            check(procedure.tender, excluded, at=procedure.now, pack=cn)
        with pytest.raises(NotAllowed, match="lot-not-active"):
            check(after, ended, at=procedure.now, pack=cn)


def test_final_quotes_are_asked_for_once_and_after_talks_with_each(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    closes_at = procedure.now + WEEK
    talked(procedure, procedure.bid("alder", "all"), procedure.bid("birch", "all"))
    with pytest.raises(NotAllowed) as refusal:
        request_quotes(procedure.tender, closes_at, at=procedure.now, pack=cn)
    assert (refusal.value.code, refusal.value.reference.rule) == ("talks-missing", "final-quotes.talks")
    assert refusal.value.satisfied_by == f"Talks on record with: {procedure.bid('cedar', 'all')}."
    requested(procedure)
    told = procedure.events[-1]
    assert isinstance(told, FinalQuotesRequested)
    assert (told.closes_at, told.terms_changed, set(told.bids)) == (closes_at, False, set(procedure.offers))
    alder = NewTalks(procedure.bid("alder", "all"), date(2026, 3, 24), ("Olga",), "a" * 64)
    for act in (
        lambda: request_quotes(procedure.tender, closes_at + WEEK, at=procedure.now, pack=cn),
        lambda: change_terms(procedure.tender, "Earlier.", by="hugo", at=procedure.now, pack=cn),
        lambda: record_talks(procedure.tender, alder, by="olga", at=procedure.now, pack=cn),
    ):
        with pytest.raises(NotAllowed) as again:
            act()
        assert (again.value.code, again.value.reference.rule) == ("final-quotes-requested", "final-quotes")


def test_deadline_leaves_the_time_of_the_pack_when_it_has_one(walk: Any, pack: RulePack, cn: RulePack) -> None:
    model = in_talks(walk, pack, Procurement("competitive-consultation"))
    talked(model)
    # The bids were opened on Tuesday the 24th of March: two working days end with Thursday the 26th.
    earliest = datetime(2026, 3, 27, tzinfo=UTC)
    with pytest.raises(NotAllowed) as refusal:
        request_quotes(model.tender, earliest - MICROSECOND, at=model.now, pack=pack)
    assert (refusal.value.code, refusal.value.reference.rule) == ("final-quotes-too-soon", "final-quotes.period")
    request_quotes(model.tender, earliest, at=model.now, pack=pack)
    china = in_talks(walk, cn, SERVICES)
    talked(china)
    with pytest.raises(NotAllowed) as at_once:
        request_quotes(china.tender, china.now, at=china.now, pack=cn)
    assert (at_once.value.code, at_once.value.reference.rule) == ("final-quotes-too-soon", "final-quotes")
    request_quotes(china.tender, china.now + MICROSECOND, at=china.now, pack=cn)


def test_talks_are_recorded_once_they_were_held(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    today = cn.calendar.day_of(procedure.now)
    bid = procedure.bid("alder", "all")
    for day in (today + timedelta(days=1), today - timedelta(days=1)):
        with pytest.raises(Invalid, match="talks-not-held"):
            record_talks(
                procedure.tender, NewTalks(bid, day, ("Olga",), "a" * 64), by="olga", at=procedure.now, pack=cn
            )
    talked(procedure, bid)
    told = procedure.events[-1]
    assert isinstance(told, TalksRecorded)
    assert (told.bid, told.lot, told.held_on) == (bid, "all", today)
    assert not {"Olga", "a" * 64} & set(repr(told).split("'"))


def test_changed_terms_are_told_to_all_who_take_part_and_to_nobody_else_before_the_award(
    walk: Any, cn: RulePack
) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    procedure.take(change_terms(procedure.tender, "It begins at six.", by="hugo", at=procedure.now, pack=cn))
    told = procedure.events[-1]
    assert isinstance(told, TermsChanged)
    assert set(told.bids) == {bid.bid for bid in taking_part(procedure.tender)} == set(procedure.offers)
    assert "six" not in repr(procedure.events)
    assert procedure.tender.authors == ("olga", "hugo")
    requested(procedure)
    quoted(procedure, {"alder": "280.00", "birch": "290.00"})
    assert not disclosed(procedure.tender, procedure.tender.negotiation)
    procedure.scored().proposed("all")
    assert disclosed(procedure.tender, procedure.tender.negotiation)


def test_final_quotes_are_asked_for_again_when_the_evaluation_is_done_again(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    requested(procedure)
    quoted(procedure, {"alder": "280.00", "birch": "290.00"})
    procedure.scored().proposed("all")
    remedy = carry_out(procedure.tender, Remedy.EVALUATE_AGAIN, None, "Upheld.", at=procedure.now, pack=cn)
    procedure.take(remedy)
    tender = procedure.tender
    assert (tender.round, tender.negotiation.round, tender.negotiation.status) == (2, 2, NegotiationStatus.TALKS)
    assert [bid.bidder.id for bid in taking_part(tender)] == ["alder", "birch"]
    assert [bid.price for bid in tender.bids] == [None, None, None]
    assert disclosed(tender, tender.negotiations[0])
    requested(procedure)
    assert not disclosed(procedure.tender, procedure.tender.negotiation)
    quoted(procedure, {"alder": "285.00", "birch": "270.00"}).scored().proposed("all")
    award = procedure.tender.progress("all").award
    assert (award.supplier.id, str(award.value.amount)) == ("birch", "270.00")


def test_whose_deadline_waits_is_named_when_quotes_are_due(walk: Any, cn: RulePack) -> None:
    procedure = in_talks(walk, cn, SERVICES)
    assert next_wait(procedure.tender).waiting_for == "the panel's scores, the talks and the call for final quotes"
    closes_at = requested(procedure)
    wait = next_wait(procedure.tender)
    assert (wait.waiting_for, wait.due_at) == ("the opening of the final quotes", cn.ends_at("opening", closes_at))


@pytest.mark.parametrize(
    ("name", "method", "facts", "expected"),
    [
        ("model", "competitive-consultation", {}, True),
        ("model", "open", {}, False),
        ("cn-services", "single-source", {}, False),
        ("eu-light", "competitive-negotiation", {}, False),
        ("eu-light", "competitive-negotiation", {"regime": "light"}, False),
        ("eu-light", "competitive-negotiation", {"regime": "light", "adopted_rules": ["final-quotes"]}, True),
        ("eu-light", "competitive-dialogue", {"regime": "full"}, True),
        ("uk-2023", "competitive-flexible", {}, False),
        ("uk-2023", "competitive-flexible", {"final_tenders": True}, True),
        ("uk-2023", "open", {"final_tenders": True}, False),
    ],
)
def test_method_has_final_quotes_where_its_pack_or_the_design_says_so(
    walk: Any, name: str, method: str, facts: dict[str, Any], expected: bool
) -> None:
    pack = load_pack(name)
    procedure = walk(pack, currency=pack.currency or "EUR")
    procurement = Procurement(method, facts={"procedure": facts})
    tender = replace(procedure.tender, content=replace(procedure.tender.content, procurement=procurement))
    assert has_final_quotes(tender, pack) is expected


def test_sealed_tender_stays_one_when_its_method_has_no_final_quotes(walk: Any, pack: RulePack) -> None:
    procedure = walk(pack, all="300.00").opened(*(("all", name, "100.00") for name in NAMES)).qualified()
    assert procedure.tender.negotiation is None
    with pytest.raises(NotAllowed, match="final-quotes-not-foreseen"):
        request_quotes(procedure.tender, procedure.now + WEEK, at=procedure.now, pack=pack)
    with pytest.raises(NotAllowed, match="final-quotes-not-foreseen"):
        check_quote(procedure.tender, procedure.bid("alder", "all"), at=procedure.now, pack=pack)
    procedure.priced()
    assert procedure.tender.progress("all").status is LotStatus.ACTIVE
