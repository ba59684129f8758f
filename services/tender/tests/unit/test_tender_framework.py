"""Framework agreements: who is admitted, who is called on, and a ceiling that no sequence of orders goes above."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from frameworks import ENDS, MICROSECOND, NAMES, NOON, agreement, called, euros, order, party, quote

from shared.kernel.beacon import public_records
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound, RuleReference
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from shared.testing.course import SALT
from tender.domain import ties
from tender.domain.draw_parts import Randomness
from tender.domain.framework import Framework
from tender.domain.framework_award import check_terms, confirm_framework, propose_framework, tied_for_admission
from tender.domain.framework_conclusion import conclude
from tender.domain.framework_events import CalledOff, CompetitionDecided, FrameworkEnded, FrameworkProposed
from tender.domain.framework_parts import FrameworkStatus, Quote
from tender.domain.parts import FrameworkTerms, LotStatus, Status
from tender.domain.procurement import Procurement

ORDER_110 = "Ministry of Finance Order 110 (framework agreements)"
MODEL = "Coxswain model pack"


def refusal(problem: pytest.ExceptionInfo[DomainError]) -> tuple[str, RuleReference | None]:
    return problem.value.code, problem.value.reference


# The terms that an office asks for


def terms(end: date, stage_two: str = "direct-choice", start: date = date(2026, 7, 1)) -> FrameworkTerms:
    return FrameworkTerms(start, end, stage_two, 10)


@pytest.mark.parametrize(
    ("pack_id", "last", "source"),
    [
        ("cn-services", date(2028, 6, 30), ORDER_110),
        ("model", date(2030, 6, 30), MODEL),
        ("eu-light", date(2030, 6, 30), "Directive 2014/24/EU"),
        ("uk-2023", date(2030, 6, 30), "Procurement Act 2023, ss. 47-49"),
    ],
)
def test_agreement_lasts_as_long_as_the_pack_lets_and_not_a_day_more(pack_id: str, last: date, source: str) -> None:
    rules = load_pack(pack_id)
    check_terms("framework-closed", terms(last), rules)
    with pytest.raises(NotAllowed) as problem:
        check_terms("framework-closed", terms(last + timedelta(days=1)), rules)
    assert problem.value.reference == RuleReference("framework.term-cap", source)


def test_open_agreement_lasts_eight_years_at_the_most_when_the_pack_is_britains() -> None:
    uk = load_pack("uk-2023")
    check_terms("framework-open", terms(date(2034, 6, 30)), uk)
    with pytest.raises(NotAllowed) as problem:
        check_terms("framework-open", terms(date(2034, 7, 1)), uk)
    assert problem.value.reference == RuleReference("framework.open-term-cap", "Procurement Act 2023, ss. 47-49")


def test_term_is_counted_by_its_leap_day_when_it_begins_on_one(cn: RulePack) -> None:
    # Two years from the 29th of February 2028 end the day before the 1st of March 2030.
    leap = date(2028, 2, 29)
    check_terms("framework-closed", terms(date(2030, 2, 28), start=leap), cn)
    with pytest.raises(NotAllowed):
        check_terms("framework-closed", terms(date(2030, 3, 1), start=leap), cn)


def test_terms_are_refused_when_they_make_no_sense(pack: RulePack, cn: RulePack) -> None:
    day = date(2026, 7, 1)
    for method, given, code in (
        ("open", terms(day), "framework-terms-needless"),
        ("framework-closed", None, "framework-terms-missing"),
        ("framework-open", terms(day - timedelta(days=1)), "framework-reversed"),
    ):
        with pytest.raises(Invalid, match=code):
            check_terms(method, given, pack)
    check_terms("framework-open", terms(day), pack)
    for rules, source in ((pack, MODEL), (cn, ORDER_110)):
        with pytest.raises(NotAllowed) as problem:
            check_terms("framework-closed", terms(day, "whoever-shouts"), rules)
        assert problem.value.reference == RuleReference("framework.stage-two", source)


# The first stage


def bidding(
    walk: Any,
    rules: RulePack,
    bidders: int,
    most: int = 99,
    method: str = "framework-closed",
    step: int = 100,
    stage_two: str = "direct-choice",
) -> Any:
    """Bring a procedure with so many equally good bids to its prices, each later one dearer by the step."""
    currency = "CNY" if rules.id == "cn-services" else "EUR"
    procedure = walk(rules, currency=currency, north="100000")
    content = replace(
        procedure.tender.content,
        framework=FrameworkTerms(date(2026, 7, 1), date(2027, 6, 30), stage_two, most),
        procurement=Procurement(method=method),
    )
    procedure.tender = replace(procedure.tender, content=content)
    offers = [("north", f"bidder-{number:02}", f"{90000 + number * step}") for number in range(bidders)]
    return procedure.opened(*offers).qualified().scored().priced()


def propose(procedure: Any) -> Any:
    procedure.take(
        propose_framework(
            procedure.tender, "north", procedure.scores, by="olga", at=procedure.now, pack=procedure.pack, salt=SALT
        )
    )
    return procedure


@pytest.mark.parametrize(("bidders", "admitted"), [(3, 2), (4, 3), (5, 4), (6, 4), (10, 8), (11, 8)])
def test_a_fifth_and_one_at_the_least_are_left_out_when_the_pack_is_chinas(
    walk: Any, cn: RulePack, bidders: int, admitted: int
) -> None:
    procedure = propose(bidding(walk, cn, bidders))
    event = procedure.events[-1]
    assert isinstance(event, FrameworkProposed)
    assert [supplier.id for supplier in event.suppliers] == [f"bidder-{number:02}" for number in range(admitted)]
    proposal = procedure.tender.progress("north").framework
    assert [place.rank for place in proposal.ranking] == list(range(1, bidders + 1))
    # Nobody who did not win is told how the winners did, and so the public is not either.
    assert (event.ranking, event.ranked) == ((), bidders)
    assert proposal.suppliers == event.suppliers
    assert procedure.tender.status is Status.AWARD


def test_nobody_is_admitted_when_two_bid_under_chinas_pack(walk: Any, cn: RulePack) -> None:
    # The gates of the counts are not at issue here: two bids are left at the prices.
    procedure = bidding(walk, cn, 3)
    bids = tuple(replace(bid, valid=False) if number == 2 else bid for number, bid in enumerate(procedure.tender.bids))
    procedure.tender = replace(procedure.tender, bids=bids)
    propose(procedure)
    assert procedure.told()[-2:] == ["LotUnsuccessful", "Unsuccessful"]
    assert procedure.events[-1].reference.source == ORDER_110


def test_no_more_are_admitted_than_the_office_wants(walk: Any, pack: RulePack) -> None:
    assert len(propose(bidding(walk, pack, 5, most=3)).tender.progress("north").framework.suppliers) == 3
    assert len(propose(bidding(walk, pack, 5)).tender.progress("north").framework.suppliers) == 5


def test_bids_that_are_equal_at_the_cut_are_drawn_and_not_told_apart_by_their_ids(walk: Any, pack: RulePack) -> None:
    procedure = bidding(walk, pack, 5, most=3, step=0)
    tie = tied_for_admission(procedure.tender, "north", procedure.scores, pack)
    assert tie is not None
    assert (set(tie.bids), tie.places) == ({bid.bid for bid in procedure.tender.bids}, 3)
    with pytest.raises(NotAllowed) as refusal:
        propose(procedure)
    assert (refusal.value.code, refusal.value.reference) == ("tie-unresolved", RuleReference("tie-break", MODEL))
    beacon = public_records(["Lottery"], procedure.now + timedelta(minutes=10))
    procedure.take(ties.announce(procedure.tender, "north", tie, beacon, at=procedure.now, pack=pack))
    procedure.now = beacon.at
    procedure.take(ties.draw_tie(procedure.tender, "north", Randomness(b"17./"), at=procedure.now, pack=pack))
    drawn = procedure.tender.tie_draws[-1]
    assert drawn.draw.selected == drawn.order[:3]
    bidders = {bid.bid: bid.bidder for bid in procedure.tender.bids}
    admitted = propose(procedure).tender.progress("north").framework.suppliers
    assert list(admitted) == [bidders[bid] for bid in drawn.order[:3]]


def test_no_draw_is_needed_when_all_who_are_equal_are_admitted(walk: Any, pack: RulePack) -> None:
    procedure = bidding(walk, pack, 3, step=0)
    assert tied_for_admission(procedure.tender, "north", procedure.scores, pack) is None
    assert len(propose(procedure).tender.progress("north").framework.suppliers) == 3


def test_those_admitted_are_drawn_too_when_they_are_called_on_in_turn(walk: Any, pack: RulePack) -> None:
    procedure = bidding(walk, pack, 3, step=0, stage_two="rotation")
    with pytest.raises(NotAllowed, match="tie-unresolved"):
        propose(procedure)
    tie = tied_for_admission(procedure.tender, "north", procedure.scores, pack)
    assert (set(tie.bids), tie.places) == ({bid.bid for bid in procedure.tender.bids}, 3)
    beacon = public_records(["Lottery"], procedure.now + timedelta(minutes=10))
    procedure.take(ties.announce(procedure.tender, "north", tie, beacon, at=procedure.now, pack=pack))
    procedure.now = beacon.at
    procedure.take(ties.draw_tie(procedure.tender, "north", Randomness(b"17./"), at=procedure.now, pack=pack))
    bidders = {bid.bid: bid.bidder for bid in procedure.tender.bids}
    admitted = propose(procedure).tender.progress("north").framework.suppliers
    assert list(admitted) == [bidders[bid] for bid in procedure.tender.tie_draws[-1].order]


def test_lot_ends_when_one_bid_is_left_and_the_model_asks_for_two_suppliers(walk: Any, pack: RulePack) -> None:
    procedure = propose(bidding(walk, pack, 5, most=1))
    assert procedure.tender.status is Status.UNSUCCESSFUL
    assert procedure.events[-1].reference == RuleReference("framework.minimum-winners", MODEL)


def test_agreement_is_proposed_once_and_only_for_a_tender_for_one(walk: Any, pack: RulePack) -> None:
    procedure = propose(bidding(walk, pack, 3))
    with pytest.raises(NotAllowed, match="framework-proposed"):
        propose(procedure)
    plain = walk(north="100").opened(("north", "alder", "90"), ("north", "birch", "80")).qualified().scored().priced()
    with pytest.raises(NotAllowed, match="tender-not-framework"):
        propose(plain)


def test_agreement_is_concluded_by_a_second_person_after_the_standstill(walk: Any, pack: RulePack) -> None:
    procedure = propose(bidding(walk, pack, 3))
    proposal = procedure.tender.progress("north").framework
    ends = proposal.standstill_ends_at
    for by, at, code, broken in (
        ("olga", ends, "second-person-needed", "second-person.award"),
        ("hugo", ends - MICROSECOND, "standstill-running", "standstill"),
    ):
        with pytest.raises((NotAllowed, Forbidden)) as problem:
            confirm_framework(procedure.tender, "north", by=by, at=at, pack=pack)
        assert refusal(problem) == (code, pack.reference(broken))
    after, confirmed = confirm_framework(procedure.tender, "north", by="hugo", at=ends, pack=pack)
    assert (after.status, after.progress("north").status) == (Status.COMPLETE, LotStatus.COMPLETE)
    framework, (event,) = conclude(after, "north", confirmed, identifier=UUID(int=5), at=ends, pack=pack)
    assert (event.ceiling, event.suppliers) == (euros(100_000), proposal.suppliers)
    assert [(member.supplier.id, member.rank) for member in framework.members] == [
        ("bidder-00", 1),
        ("bidder-01", 2),
        ("bidder-02", 3),
    ]
    # The last day, 2027-06-30, belongs to the term.
    assert (framework.ends_at, framework.clock_at, framework.version) == (ENDS, ENDS, 1)
    with pytest.raises(NotAllowed):
        confirm_framework(after, "north", by="hugo", at=ends, pack=pack)


def test_conclusion_is_refused_when_nothing_was_proposed(walk: Any, pack: RulePack) -> None:
    procedure = bidding(walk, pack, 3)
    with pytest.raises(NotAllowed, match="framework-missing"):
        confirm_framework(procedure.tender, "north", by="hugo", at=procedure.now, pack=pack)


# Calling off


def test_orders_reach_the_ceiling_to_the_unit_and_never_above(pack: RulePack) -> None:
    framework = called(agreement(pack), pack, "alder", 999)
    one_unit_above = Money(101, "EUR")
    for value in (one_unit_above, Money(100, "USD")):
        with pytest.raises(NotAllowed) as problem:
            called(framework, pack, "birch", value)
        assert refusal(problem) == ("ceiling-exceeded", RuleReference("framework.ceiling", MODEL))
    full = called(framework, pack, "birch", 1)
    assert (full.called_off, full.left_over) == (euros(1000), euros(0))
    with pytest.raises(NotAllowed, match="ceiling-exceeded"):
        called(full, pack, "birch", Money(1, "EUR"))


def test_order_tells_who_what_and_why(pack: RulePack) -> None:
    framework = called(agreement(pack), pack, "alder", 100)
    after, (event,) = framework.call_off(order(euros(50)), "birch", contract=UUID(int=8), at=NOON, pack=pack)
    assert event == CalledOff(
        aggregate=framework.id,
        version=framework.version + 1,
        ocid=framework.ocid,
        tender=framework.tender,
        contract=UUID(int=8),
        supplier=party("birch"),
        value=euros(50),
        called_off=euros(150),
        stage_two="direct-choice",
        reason="The nearest.",
    )
    assert [(member.called_off, member.calls) for member in after.members] == [
        (euros(100), 1),
        (euros(50), 1),
        (euros(0), 0),
    ]


def test_supplier_is_called_on_only_while_the_agreement_is_with_it(pack: RulePack) -> None:
    gone, _ = agreement(pack).leave("birch", "It closed.")
    for framework, name in ((gone, "birch"), (agreement(pack), "onlooker")):
        with pytest.raises(NotFound, match="supplier-not-in-framework"):
            called(framework, pack, name, 1)


def test_order_is_refused_when_the_term_is_over_even_if_the_clock_is_late(pack: RulePack) -> None:
    called(agreement(pack), pack, "alder", 1, ENDS - MICROSECOND)
    with pytest.raises(NotAllowed) as problem:
        called(agreement(pack), pack, "alder", 1, ENDS)
    assert refusal(problem) == ("framework-term-over", RuleReference("framework.term-cap", MODEL))
    with pytest.raises(NotAllowed, match="framework-not-active"):
        called(agreement(pack, status=FrameworkStatus.ENDED), pack, "alder", 1)


def test_suppliers_take_turns_by_rank_when_the_agreement_rotates(pack: RulePack) -> None:
    framework = agreement(pack, "rotation")
    for name in (*NAMES, *NAMES):
        for other in set(NAMES) - {name}:
            with pytest.raises(NotAllowed) as problem:
                called(framework, pack, other, 1)
            assert refusal(problem) == ("not-in-turn", RuleReference("framework.stage-two", MODEL))
            assert problem.value.satisfied_by == f"An order from {name.title()}."
        framework = called(framework, pack, name, 1)
    # Alder was called on, birch leaves: it is cedar's turn, then alder's.
    framework, _ = called(framework, pack, "alder", 1).leave("birch", "It closed.")
    assert called(called(framework, pack, "cedar", 1), pack, "alder", 1).called_off == euros(9)


# Competitions


def competing(pack: RulePack, value: int = 100) -> tuple[Framework, UUID, datetime]:
    framework = agreement(pack, "mini-competition")
    # Three working days after Wednesday the 1st of July: Monday the 6th.
    closes = datetime(2026, 7, 7, tzinfo=UTC)
    opened, _ = framework.compete(order(euros(value)), identifier=UUID(int=6), closes_at=closes, at=NOON, pack=pack)
    return opened, UUID(int=6), closes


def test_competition_is_held_as_the_agreement_says_and_in_its_time(pack: RulePack) -> None:
    framework, _, closes = competing(pack)
    fixed: dict[str, Any] = {"identifier": UUID(int=7), "at": NOON, "pack": pack}
    some = order(euros(100))
    for wrong, closes_at, code, broken in (
        (agreement(pack), closes, "competition-not-agreed", "framework.stage-two"),
        (framework, closes - MICROSECOND, "competition-too-short", "framework.competition-period"),
        (framework, ENDS, "competition-too-long", "framework.term-cap"),
    ):
        with pytest.raises(NotAllowed) as problem:
            wrong.compete(some, closes_at=closes_at, **fixed)
        assert refusal(problem) == (code, RuleReference(broken, MODEL))
    with pytest.raises(NotAllowed, match="ceiling-exceeded"):
        framework.compete(order(euros(1001)), closes_at=closes, **fixed)
    with pytest.raises(NotAllowed) as problem:
        called(framework, pack, "alder", 1)
    assert refusal(problem) == ("competition-needed", RuleReference("framework.stage-two", MODEL))


def test_quote_is_late_at_the_deadline(pack: RulePack) -> None:
    framework, competition, closes = competing(pack)
    framework.check_quote(competition, "alder", closes - MICROSECOND, pack)
    with pytest.raises(NotAllowed, match="quote-late"):
        framework.check_quote(competition, "alder", closes, pack)
    with pytest.raises(Forbidden, match="supplier-not-in-framework"):
        framework.check_quote(competition, "onlooker", NOON, pack)
    with pytest.raises(NotFound, match="competition-unknown"):
        framework.check_quote(UUID(int=77), "alder", NOON, pack)


@pytest.mark.parametrize(
    ("quotes", "winner"),
    [
        ((quote("alder", euros(90)), quote("birch", euros(80))), "birch"),
        ((quote("alder", euros(80), 5), quote("birch", euros(80), 4)), "birch"),
        ((quote("birch", euros(80)), quote("alder", euros(80))), "alder"),
        ((quote("alder", euros(100)),), "alder"),
        ((quote("alder", Money(10_001, "EUR")),), None),
        ((quote("alder", euros(0)), quote("birch", Money(-1, "EUR"))), None),
        ((quote("alder", Money(1, "USD")), quote("birch", None)), None),
        ((quote("onlooker", euros(1)),), None),
        ((), None),
    ],
)
def test_lowest_valid_quote_gets_the_order_the_earlier_one_of_two(
    pack: RulePack, quotes: Sequence[Quote], winner: str | None
) -> None:
    framework, competition, closes = competing(pack)
    with pytest.raises(NotAllowed, match="quotes-sealed"):
        framework.decide_competition(competition, quotes, contract=UUID(int=8), at=closes - MICROSECOND, pack=pack)
    after, events, best = framework.decide_competition(competition, quotes, contract=UUID(int=8), at=closes, pack=pack)
    decided = events[0]
    assert isinstance(decided, CompetitionDecided)
    assert decided.quotes == quotes
    assert (best.supplier.id if best else None) == winner == (decided.supplier.id if decided.supplier else None)
    won = next((one.price for one in quotes if one.supplier.id == winner), None)
    assert after.called_off == (won or euros(0))
    assert [type(event).__name__ for event in events[1:]] == (["CalledOff"] if winner else [])
    with pytest.raises(NotAllowed, match="competition-decided"):
        after.decide_competition(competition, quotes, contract=UUID(int=8), at=closes, pack=pack)


def test_order_goes_to_the_next_when_the_lowest_has_left_meanwhile(pack: RulePack) -> None:
    framework, competition, closes = competing(pack)
    without, _ = framework.leave("birch", "It closed.")
    quotes = (quote("alder", euros(90)), quote("birch", euros(80)))
    _, _, best = without.decide_competition(competition, quotes, contract=UUID(int=8), at=closes, pack=pack)
    assert best == quotes[0]


def test_quote_does_not_count_when_other_orders_have_left_too_little(pack: RulePack) -> None:
    framework, competition, closes = competing(pack, 900)
    framework = replace(framework, called_off=euros(500))
    quotes = (quote("alder", Money(50_001, "EUR")),)
    assert framework.decide_competition(competition, quotes, contract=UUID(int=8), at=closes, pack=pack)[2] is None


# Joining, leaving, ending


def test_supplier_joins_an_open_agreement_after_a_decision(pack: RulePack) -> None:
    dogwood = party("dogwood")
    with pytest.raises(NotAllowed, match="framework-closed"):
        agreement(pack).ask_to_join(dogwood, at=NOON, pack=pack)
    asked = agreement(pack, open=True).ask_to_join(dogwood, at=NOON, pack=pack)
    # Seven working days from Wednesday the 1st of July end with Friday the 10th.
    assert asked.joining[0].due_at == datetime(2026, 7, 11, tzinfo=UTC)
    for supplier, code in ((dogwood, "joining-asked"), (party("alder"), "already-in-framework")):
        with pytest.raises(NotAllowed, match=code):
            asked.ask_to_join(supplier, at=NOON, pack=pack)
    with pytest.raises(NotFound, match="joining-unknown"):
        asked.decide_joining("elm", "Who?", admitted=True)
    refused, (event,) = asked.decide_joining("dogwood", "No licence.", admitted=False)
    assert (refused.joining, refused.members, event.admitted) == ((), asked.members, False)
    joined, _ = asked.decide_joining("dogwood", "All is there.", admitted=True)
    assert joined.member("dogwood").rank == 4


def test_what_was_ordered_stays_ordered_when_a_supplier_comes_back(pack: RulePack) -> None:
    framework = called(agreement(pack, open=True), pack, "birch", 100)
    gone, _ = framework.leave("birch", "It closed.")
    back, _ = gone.ask_to_join(party("birch"), at=NOON, pack=pack).decide_joining("birch", "Open again.", admitted=True)
    member = back.member("birch")
    assert (member.called_off, member.calls, member.rank, member.left_because) == (euros(100), 1, 4, None)
    assert len(back.members) == 3


def test_rest_is_given_back_when_the_term_ends(pack: RulePack) -> None:
    framework = called(agreement(pack), pack, "alder", 300)
    assert framework.expire(ENDS - MICROSECOND) == (framework, ())
    for late in (timedelta(0), timedelta(days=7)):
        ended, (event,) = framework.expire(ENDS + late)
        assert isinstance(event, FrameworkEnded)
        assert (event.amount, ended.status, ended.clock_at) == (euros(700), FrameworkStatus.ENDED, None)
        assert ended.expire(ENDS + late) == (ended, ())
    # What nobody signed after the end cannot be ordered again: it goes back as well.
    returned, (given, released) = ended.give_back("alder", euros(100), contract=UUID(int=9))
    assert (returned.called_off, given.called_off, released.amount) == (euros(200), euros(200), euros(100))
