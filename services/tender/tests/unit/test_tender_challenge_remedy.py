"""What an upheld challenge does: back to the stage where it went wrong, for a lot or for all, or the end."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import NotAllowed, NotFound
from shared.testing.course import SALT
from tender.domain import deficiency, price_inquiry
from tender.domain.amendment import NewAmendment, draft_amendment, publish_amendment
from tender.domain.award import check_scored, contract_award
from tender.domain.challenge import Remedy
from tender.domain.challenge_events import SentBack
from tender.domain.endings import standing_award
from tender.domain.events import AwardCancelled
from tender.domain.framework_award import propose_framework
from tender.domain.opening import check_bid_time, may_open
from tender.domain.parts import AwardStatus, FrameworkTerms, LotStatus, Status
from tender.domain.price_opening import open_prices, sealed_prices
from tender.domain.qualification_parts import Disqualification, Qualification, UnconfirmedSize
from tender.domain.remedy import carry_out
from tender.domain.waiting import next_wait

WRONG = "A certificate was scored that nobody asked for."
BACK = {
    Remedy.QUALIFY_AGAIN: Status.QUALIFICATION,
    Remedy.EVALUATE_AGAIN: Status.EVALUATION,
    Remedy.ANNUL_AWARD: Status.AWARD,
}


def offers(*lots: str) -> list[tuple[str, str, str]]:
    return [(lot, name, price) for lot in lots for name, price in (("alder", "90"), ("birch", "80"), ("cedar", "85"))]


@pytest.fixture
def proposed(walk: Any) -> Any:
    """Two lots, both awards proposed; dogwood did not qualify."""
    procedure = walk(north="100", south="100").opened(*offers("north", "south"), ("north", "dogwood", "70"))
    return procedure.qualified("dogwood").scored().priced().proposed("north").proposed("south")


def remedied(procedure: Any, remedy: Remedy, lot: str | None = None) -> Any:
    procedure.take(carry_out(procedure.tender, remedy, lot, WRONG, at=procedure.now, pack=procedure.pack))
    return procedure


@pytest.mark.parametrize("remedy", BACK)
@pytest.mark.parametrize("lot", ["north", None])
def test_lots_go_back_to_their_stage_when_a_challenge_is_upheld(proposed: Any, remedy: Remedy, lot: str | None) -> None:
    lots = (lot,) if lot else ("north", "south")
    awards = {name: standing_award(proposed.tender, name) for name in ("north", "south")}
    before = len(proposed.events)
    tender = remedied(proposed, remedy, lot).tender
    assert proposed.told(before) == ["AwardCancelled"] * len(lots) + ["SentBack"]
    for name, event in zip(lots, proposed.events[before:], strict=False):
        assert isinstance(event, AwardCancelled)
        assert (event.lot, event.award, event.bid, event.reason) == (name, awards[name].id, awards[name].bid, WRONG)
        assert tender.progress(name).award is None
        # Whose award was wrong may still be right.
        assert tender.progress(name).passed_over == ()
    last = proposed.events[-1]
    assert isinstance(last, SentBack)
    assert (last.stage, last.lots, last.reason) == (BACK[remedy], lots, WRONG)
    assert (tender.status, tender.round) == (BACK[remedy], 1 if remedy is Remedy.ANNUL_AWARD else 2)
    assert all(lot.status is LotStatus.ACTIVE for lot in tender.lots)
    if lot:
        assert standing_award(tender, "south") == awards["south"]
    wait = next_wait(tender)
    assert wait is not None
    assert wait.due_at > proposed.now


def test_who_did_not_qualify_is_decided_on_again_when_the_qualification_is_done_anew(proposed: Any) -> None:
    dogwood = proposed.bid("dogwood", "north")
    assert not proposed.tender.bid(dogwood).valid
    remedied(proposed, Remedy.QUALIFY_AGAIN)
    bid = proposed.tender.bid(dogwood)
    assert (bid.valid, bid.reason, bid.rule, bid.excluded_in) == (True, None, None, None)
    proposed.qualified().scored()
    # The others' prices are known; what was not opened is opened now.
    assert sealed_prices(proposed.tender, proposed.pack) == (dogwood,)
    proposed.priced().proposed("north")
    assert standing_award(proposed.tender, "north").bid == dogwood


def test_other_lots_keep_who_qualified_when_one_is_qualified_anew(walk: Any) -> None:
    procedure = walk(north="100", south="100").opened(*offers("north", "south")).qualified("alder").scored().priced()
    remedied(procedure, Remedy.QUALIFY_AGAIN, "north")
    valid = {lot: procedure.tender.bid(procedure.bid("alder", lot)).valid for lot in ("north", "south")}
    assert valid == {"north": True, "south": False}


def test_bid_stays_out_when_it_was_excluded_for_its_price(walk: Any) -> None:
    procedure = walk(north="100").opened(*offers("north"), ("north", "dogwood", "100.01")).qualified().scored().priced()
    dogwood = procedure.bid("dogwood", "north")
    assert procedure.tender.bid(dogwood).excluded_in is Status.EVALUATION
    remedied(procedure, Remedy.QUALIFY_AGAIN)
    assert not procedure.tender.bid(dogwood).valid


def test_prices_stay_as_they_were_opened_when_the_bids_are_scored_anew(proposed: Any) -> None:
    prices = {bid.bid: bid.price for bid in proposed.tender.bids}
    tender = remedied(proposed, Remedy.EVALUATE_AGAIN).tender
    assert sealed_prices(tender, proposed.pack) == ()
    assert {bid.bid: bid.price for bid in tender.bids} == prices
    with pytest.raises(NotAllowed, match="scores-missing"):
        check_scored(tender, None, proposed.pack)
    before = len(proposed.events)
    proposed.take(open_prices(tender, (), at=proposed.now, pack=proposed.pack))
    (opened,) = proposed.events[before:]
    assert opened.bids == ()
    assert proposed.tender.status is Status.AWARD
    proposed.scored({"alder": "100"}).proposed("north")
    assert standing_award(proposed.tender, "north").supplier.id == "alder"


def test_nobody_is_asked_about_a_price_again_when_the_bids_are_scored_anew(walk: Any) -> None:
    low = [("north", "alder", "100"), ("north", "birch", "98"), ("north", "cedar", "30")]
    procedure = walk(north="100").opened(*low).qualified().scored().priced()
    asked = procedure.tender.inquiries
    assert [inquiry.bid for inquiry in asked] == [procedure.bid("cedar", "north")]
    remedied(procedure, Remedy.EVALUATE_AGAIN).priced()
    assert procedure.tender.inquiries == asked


def low(walk: Any) -> Any:
    """Return a procedure in which cedar is asked about its price, and told what its bid lacks."""
    offered = [("north", "alder", "100"), ("north", "birch", "98"), ("north", "cedar", "30")]
    procedure = walk(north="100").opened(*offered).qualified().scored().priced()
    cedar, at, pack = procedure.bid("cedar", "north"), procedure.now, procedure.pack
    procedure.take(deficiency.notify(procedure.tender, cedar, "Not signed.", at=at, pack=pack))
    return procedure


def decided_on_price(procedure: Any, *, accepted: bool) -> None:
    cedar, at, pack = procedure.bid("cedar", "north"), procedure.now, procedure.pack
    procedure.take(
        price_inquiry.decide(
            procedure.tender, cedar, accepted=accepted, reason="No figures.", by="olga", at=at, pack=pack
        )
    )


@pytest.mark.parametrize("remedy", BACK)
def test_bid_counts_again_when_its_explanation_was_wrongly_rejected(walk: Any, remedy: Remedy) -> None:
    procedure = low(walk)
    cedar, at, pack = procedure.bid("cedar", "north"), procedure.now, procedure.pack
    procedure.take(deficiency.correct(procedure.tender, cedar, "1" * 64, at=at, pack=pack))
    procedure.take(deficiency.decide(procedure.tender, cedar, corrected=True, reason="Signed.", by="olga", pack=pack))
    procedure.take(price_inquiry.explain(procedure.tender, cedar, "Paid kitchens.", at=at, pack=pack))
    decided_on_price(procedure, accepted=False)
    assert procedure.tender.bid(cedar).excluded_in is Status.AWARD
    before = len(procedure.events)
    remedied(procedure, remedy)
    assert procedure.told(before) == ["SentBack"]
    bid = procedure.tender.bid(cedar)
    assert (bid.valid, bid.reason, bid.rule, bid.excluded_in) == (True, None, None, None)
    (inquiry,), (lack,) = procedure.tender.inquiries, procedure.tender.deficiencies
    assert (inquiry.explanation, inquiry.accepted, inquiry.reason) == ("Paid kitchens.", None, None)
    assert (lack.correction, lack.corrected, lack.reason) == ("1" * 64, None, None)
    if remedy is Remedy.QUALIFY_AGAIN:
        procedure.qualified()
    if remedy is not Remedy.ANNUL_AWARD:
        procedure.priced()
    with pytest.raises(NotAllowed, match="price-inquiry-open"):
        procedure.proposed("north")
    procedure.take(deficiency.decide(procedure.tender, cedar, corrected=True, reason="Signed.", by="olga", pack=pack))
    decided_on_price(procedure, accepted=True)
    assert standing_award(procedure.proposed("north").tender, "north").bid == cedar


def test_bidder_has_its_whole_time_again_when_it_was_excluded_for_silence(walk: Any) -> None:
    procedure = low(walk)
    cedar, pack = procedure.bid("cedar", "north"), procedure.pack
    procedure.now = max(procedure.tender.inquiries[0].due_at, procedure.tender.deficiencies[0].due_at)
    procedure.take(deficiency.lapse(procedure.tender, now=procedure.now, pack=pack))
    assert not procedure.tender.bid(cedar).valid
    before = len(procedure.events)
    remedied(procedure, Remedy.ANNUL_AWARD)
    assert procedure.told(before) == ["DeficiencyNotified", "SentBack"]
    (lack,) = procedure.tender.deficiencies
    assert lack.due_at == procedure.events[before].due_at == pack.ends_at("deficiency-window", procedure.now, 1)
    procedure.take(deficiency.correct(procedure.tender, cedar, "1" * 64, at=procedure.now, pack=pack))
    procedure.take(deficiency.decide(procedure.tender, cedar, corrected=True, reason="Signed.", by="olga", pack=pack))
    decided_on_price(procedure, accepted=False)
    before = len(procedure.events)
    remedied(procedure, Remedy.ANNUL_AWARD)
    assert procedure.told(before) == ["PriceExplanationRequested", "SentBack"]
    assert procedure.tender.inquiries[0].due_at == procedure.events[before].due_at > procedure.now
    procedure.take(price_inquiry.explain(procedure.tender, cedar, "Paid kitchens.", at=procedure.now, pack=pack))


def test_winners_price_is_decided_on_again_when_its_award_is_annulled(walk: Any) -> None:
    procedure = low(walk)
    cedar, at, pack = procedure.bid("cedar", "north"), procedure.now, procedure.pack
    procedure.take(deficiency.correct(procedure.tender, cedar, "1" * 64, at=at, pack=pack))
    procedure.take(deficiency.decide(procedure.tender, cedar, corrected=True, reason="Signed.", by="olga", pack=pack))
    procedure.take(price_inquiry.explain(procedure.tender, cedar, "Paid kitchens.", at=at, pack=pack))
    decided_on_price(procedure, accepted=True)
    remedied(procedure.proposed("north"), Remedy.ANNUL_AWARD)
    decided_on_price(procedure, accepted=False)
    assert not procedure.tender.bid(cedar).valid


def test_decisions_of_other_lots_stand_when_one_lot_goes_back(walk: Any) -> None:
    offered = [(lot, name, price) for lot in ("north", "south") for name, price in (("alder", "100"), ("birch", "98"))]
    procedure = walk(north="100", south="100").opened(*offered, ("north", "cedar", "30"), ("south", "cedar", "97"))
    procedure.qualified().scored().priced()
    procedure.now = procedure.tender.inquiries[0].due_at
    decided_on_price(procedure, accepted=False)
    decided = procedure.tender
    remedied(procedure, Remedy.ANNUL_AWARD, "south")
    assert (procedure.tender.bids, procedure.tender.inquiries) == (decided.bids, decided.inquiries)


@pytest.mark.parametrize("confirmed", [True, False])
def test_declared_size_is_decided_on_again_when_the_qualification_is_done_anew(walk: Any, confirmed: bool) -> None:
    procedure = walk(north="100").opened(*offers("north"))
    alder = procedure.bid("alder", "north")
    small = tuple(replace(bid, deduction=Decimal("0.2")) if bid.bid == alder else bid for bid in procedure.tender.bids)
    procedure.tender = replace(procedure.tender, bids=small)
    unconfirmed = Qualification(unconfirmed=[UnconfirmedSize(alder, "It employs 400 people.")])
    procedure.decided(unconfirmed)
    assert procedure.tender.bid(alder).size_reason == "It employs 400 people."
    first = procedure.scored().priced().proposed("north")
    # 90 is the highest price; with a fifth taken off it is 72, the lowest.
    assert standing_award(first.tender, "north").bid == procedure.bid("birch", "north")
    remedied(procedure, Remedy.QUALIFY_AGAIN)
    procedure.decided(Qualification() if confirmed else unconfirmed)
    assert (procedure.tender.bid(alder).size_reason is None) is confirmed
    procedure.priced().proposed("north")
    best = "alder" if confirmed else "birch"
    assert standing_award(procedure.tender, "north").bid == procedure.bid(best, "north")


def test_contract_is_no_longer_made_by_its_award_when_the_award_was_annulled(walk: Any) -> None:
    procedure = walk(north="100").opened(*offers("north")).qualified().scored().priced().proposed("north")
    contract = procedure.confirmed("north")
    assert contract_award(procedure.tender, contract.award).status is AwardStatus.ACTIVE
    tender = remedied(procedure, Remedy.ANNUL_AWARD).tender
    assert (tender.status, tender.progress("north").status) == (Status.AWARD, LotStatus.ACTIVE)
    with pytest.raises(NotAllowed, match="award-cancelled"):
        contract_award(tender, contract.award)


def test_procedure_ends_when_that_is_what_was_ordered(proposed: Any) -> None:
    assert remedied(proposed, Remedy.CANCEL_PROCEDURE).tender.status is Status.CANCELLED
    assert proposed.told()[-1] == "Cancelled"


def test_nothing_is_done_when_nothing_was_ordered(proposed: Any) -> None:
    at, pack = proposed.now, proposed.pack
    assert carry_out(proposed.tender, Remedy.NONE, None, WRONG, at=at, pack=pack) == (proposed.tender, ())


def test_return_is_refused_when_the_procedure_is_not_that_far_or_has_ended(walk: Any) -> None:
    procedure = walk(north="100").opened(*offers("north"))
    at, pack = procedure.now, procedure.pack
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        carry_out(procedure.tender, Remedy.QUALIFY_AGAIN, None, WRONG, at=at, pack=pack)
    procedure.qualified()
    with pytest.raises(NotAllowed, match="stage-not-reached"):
        carry_out(procedure.tender, Remedy.ANNUL_AWARD, None, WRONG, at=at, pack=pack)
    ended = replace(procedure.tender, status=Status.CANCELLED)
    for remedy in BACK:
        with pytest.raises(NotAllowed, match="tender-not-evaluation"):
            carry_out(ended, remedy, None, WRONG, at=at, pack=pack)


def test_return_is_refused_when_its_lot_has_ended_without_an_award_or_is_not_there(walk: Any) -> None:
    procedure = walk(north="100", south="100").opened(*offers("north"), ("south", "alder", "90")).qualified()
    assert procedure.tender.progress("south").status is LotStatus.UNSUCCESSFUL
    procedure.scored().priced().proposed("north").confirmed("north")
    at, pack = procedure.now, procedure.pack
    for remedy in BACK:
        # Nobody could take a lot further whose funds were given back.
        with pytest.raises(NotAllowed, match="lot-ended"):
            carry_out(procedure.tender, remedy, "south", WRONG, at=at, pack=pack)
        with pytest.raises(NotFound, match="lot-unknown"):
            carry_out(procedure.tender, remedy, "west", WRONG, at=at, pack=pack)


@pytest.mark.parametrize("remedy", [Remedy.QUALIFY_AGAIN, Remedy.EVALUATE_AGAIN])
def test_procedure_is_complete_when_the_lot_that_went_back_fails_and_the_other_was_awarded(
    walk: Any, cn: Any, remedy: Remedy
) -> None:
    procedure = walk(cn, currency="CNY", north="100", south="100").opened(*offers("north", "south")).qualified()
    procedure.scored({"alder": "100"}).priced().proposed("north").confirmed("north")
    remedied(procedure, remedy, "south")
    if remedy is Remedy.QUALIFY_AGAIN:
        bids = [procedure.bid(name, "south") for name in ("alder", "birch", "cedar")]
        procedure.decided(Qualification([Disqualification(bid, "No licence.", "bidder-verified") for bid in bids]))
    else:
        # Two of three bids are left, too few for this pack's third gate.
        alder = procedure.bid("alder", "south")
        bids = tuple(replace(bid, valid=bid.bid != alder) for bid in procedure.tender.bids)
        procedure.tender = replace(procedure.tender, bids=bids)
        procedure.priced()
    assert [lot.status for lot in procedure.tender.lots] == [LotStatus.COMPLETE, LotStatus.UNSUCCESSFUL]
    assert (procedure.tender.status, procedure.tender.due_at) == (Status.COMPLETE, None)
    assert procedure.told()[-1] == "LotUnsuccessful"


@pytest.mark.parametrize("remedy", [Remedy.QUALIFY_AGAIN, Remedy.EVALUATE_AGAIN])
def test_bidder_answers_in_its_time_when_its_lot_went_back_meanwhile(walk: Any, remedy: Remedy) -> None:
    low = [("north", "alder", "100"), ("north", "birch", "98"), ("north", "cedar", "30")]
    procedure = walk(north="100").opened(*low).qualified().scored().priced()
    cedar, pack = procedure.bid("cedar", "north"), procedure.pack
    procedure.take(deficiency.notify(procedure.tender, cedar, "Not signed.", at=procedure.now, pack=pack))
    remedied(procedure, remedy)
    at = procedure.tender.inquiries[0].due_at - timedelta(microseconds=1)
    procedure.take(price_inquiry.explain(procedure.tender, cedar, "Paid kitchens.", at=at, pack=pack))
    procedure.take(deficiency.correct(procedure.tender, cedar, "1" * 64, at=procedure.now, pack=pack))
    assert procedure.tender.status is BACK[remedy]
    assert deficiency.awaited(replace(procedure.tender, status=Status.AWARD)) == ()


@pytest.fixture
def framework(walk: Any) -> Any:
    """A framework agreement that is proposed, with three suppliers."""
    procedure = walk(north="100").opened(*offers("north")).qualified().scored().priced()
    terms = FrameworkTerms(date(2026, 7, 1), date(2027, 6, 30), "direct-choice", 3)
    procedure.tender = replace(procedure.tender, content=replace(procedure.tender.content, framework=terms))
    again(procedure)
    return procedure


def again(procedure: Any) -> None:
    at, pack = procedure.now, procedure.pack
    procedure.take(
        propose_framework(procedure.tender, "north", procedure.scores, by="olga", at=at, pack=pack, salt=SALT)
    )


@pytest.mark.parametrize("remedy", BACK)
def test_framework_agreement_is_proposed_anew_when_its_proposal_was_annulled(framework: Any, remedy: Remedy) -> None:
    wait = next_wait(framework.tender)
    assert wait is not None
    assert wait.waiting_for == "the conclusion of a framework agreement"
    tender = remedied(framework, remedy).tender
    assert (tender.status, tender.progress("north").framework) == (BACK[remedy], None)
    if remedy is Remedy.ANNUL_AWARD:
        framework.now += timedelta(days=1)
        again(framework)
        assert framework.tender.progress("north").framework.proposed_at == framework.now


def test_framework_agreement_stands_when_it_was_concluded(framework: Any) -> None:
    progress = replace(framework.tender.progress("north"), status=LotStatus.COMPLETE)
    concluded = replace(framework.tender.with_lot(progress), status=Status.COMPLETE)
    for remedy in BACK:
        with pytest.raises(NotAllowed, match="framework-in-force"):
            carry_out(concluded, remedy, None, WRONG, at=framework.now, pack=framework.pack)


def test_event_of_a_return_follows_those_of_the_awards(proposed: Any) -> None:
    _, events = carry_out(proposed.tender, Remedy.ANNUL_AWARD, None, WRONG, at=proposed.now, pack=proposed.pack)
    version = proposed.tender.version
    assert [event.version for event in events] == [version + 1, version + 2, version + 3]
    assert {event.aggregate for event in events} == {UUID(int=3)}


def test_bids_stay_sealed_until_the_amendment_that_was_ordered_is_published(walk: Any) -> None:
    procedure = walk(north="100", south="100")
    remedied(procedure, Remedy.AMEND_DOCUMENTS, "north")
    told = procedure.events[-1]
    assert isinstance(told, SentBack)
    assert (told.stage, told.lots, told.reason) == (Status.ACTIVE, ("north",), WRONG)
    wait = next_wait(procedure.tender)
    assert wait is not None
    assert (wait.waiting_for, wait.due_at > procedure.now) == ("the amendment that was ordered", True)
    # The deadline does not pass while everybody waits for the new text.
    procedure.now = procedure.tender.closes_at + timedelta(days=3)
    check_bid_time(procedure.tender, procedure.now, procedure.pack)
    with pytest.raises(NotAllowed) as problem:
        may_open(procedure.tender, procedure.now, procedure.pack)
    assert (problem.value.code, problem.value.reference) == (
        "amendment-ordered",
        procedure.pack.reference("complaint-decision"),
    )
    content = replace(procedure.tender.content, title="Home care, as it was meant")
    options: dict[str, Any] = {"funded": content.value, "at": procedure.now, "pack": procedure.pack}
    drafted = draft_amendment(
        procedure.tender, NewAmendment(content, WRONG, None), identifier=UUID(int=9), by="olga", **options
    )
    after, _, events = publish_amendment(procedure.tender, drafted, number=1, by="hugo", **options)
    procedure.take((after, events))
    assert procedure.tender.closes_at > procedure.now + timedelta(days=5)
    procedure.opened(*offers("north", "south"))
    assert procedure.tender.status is Status.QUALIFICATION


def test_amendment_is_not_ordered_once_nobody_can_react(walk: Any) -> None:
    procedure = walk(north="100")
    at, pack = procedure.tender.closes_at, procedure.pack
    with pytest.raises(NotAllowed, match="bidding-ended"):
        carry_out(procedure.tender, Remedy.AMEND_DOCUMENTS, None, WRONG, at=at, pack=pack)
    with pytest.raises(NotFound, match="lot-unknown"):
        carry_out(procedure.tender, Remedy.AMEND_DOCUMENTS, "west", WRONG, at=procedure.now, pack=pack)
    procedure.opened(*offers("north"))
    with pytest.raises(NotAllowed, match="tender-not-active"):
        carry_out(procedure.tender, Remedy.AMEND_DOCUMENTS, None, WRONG, at=at, pack=pack)
