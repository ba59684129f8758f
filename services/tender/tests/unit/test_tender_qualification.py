"""Who qualifies is decided before anybody scores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack
from tender.domain.award import Score, ScoreSheet, check_sheet
from tender.domain.challenge import Remedy
from tender.domain.events import AcceptedBid, BidExcluded, BidsQualified, LotUnsuccessful
from tender.domain.parts import LotStatus, Status
from tender.domain.qualification import confirm_qualification, qualify
from tender.domain.qualification_parts import Acceptance, Disqualification, Qualification, UnconfirmedSize
from tender.domain.remedy import carry_out
from tender.domain.requirements import DataType, Requirement, RequirementCriterion, RequirementGroup, RequirementKind
from tender.domain.waiting import next_wait

NAMES = ("alder", "birch", "cedar")
LICENCE = "The licence ended before the deadline."


def opened(walk: Any, pack: RulePack | None = None, currency: str = "EUR", **lots: str) -> Any:
    procedure = walk(pack, currency=currency, **(lots or {"north": "300.00"}))
    return procedure.opened(*((lot, name, "200.00") for lot in (lots or {"north": 0}) for name in NAMES))


def test_every_bid_is_scored_when_nobody_is_disqualified(walk: Any) -> None:
    procedure = opened(walk)
    tender, (event,) = qualify(procedure.tender, Qualification(), by="olga", at=procedure.now, pack=procedure.pack)
    assert isinstance(event, BidsQualified)
    assert event.qualified == tuple(bid.bid for bid in procedure.tender.bids)
    assert (tender.status, tender.version) == (Status.EVALUATION, procedure.tender.version + 1)
    # Ten working days after Tuesday the 24th of March: the end of Tuesday the 7th of April.
    assert tender.due_at == datetime(2026, 4, 8, tzinfo=UTC)


def test_bid_is_excluded_by_name_with_its_rule_when_it_does_not_qualify(walk: Any) -> None:
    procedure = opened(walk)
    bid = procedure.bid("birch", "north")
    named = Disqualification(bid, LICENCE, "bidder-verified")
    tender = procedure.decided(Qualification([named])).tender
    excluded, qualified = procedure.events[-2:]
    reference = RuleReference("bidder-verified", "Coxswain model pack")
    assert isinstance(excluded, BidExcluded)
    assert (excluded.bid, excluded.bidder.id, excluded.lot, excluded.reason, excluded.reference) == (
        bid,
        "birch",
        "north",
        LICENCE,
        reference,
    )
    assert isinstance(qualified, BidsQualified)
    assert qualified.qualified == (procedure.bid("alder", "north"), procedure.bid("cedar", "north"))
    kept = tender.bid(bid)
    assert (kept.valid, kept.reason, kept.rule, kept.price) == (False, LICENCE, reference, None)
    assert [event.version for event in (excluded, qualified)] == [tender.version - 1, tender.version]


def asking(walk: Any, *lacking: str) -> Any:
    """Return an opened procedure that asks for a licence and insurance, and the bid of birch, which lacks some."""
    procedure = opened(walk)
    criterion = RequirementCriterion(
        "suitability",
        "Suitability",
        RequirementKind.QUALIFICATION,
        (
            RequirementGroup(
                "all",
                "All",
                (
                    Requirement("licence", "A licence", DataType.BOOLEAN),
                    Requirement("insurance", "Insurance", DataType.BOOLEAN),
                ),
            ),
        ),
    )
    bid = procedure.bid("birch", "north")
    findings = tuple(f"suitability/{name}: answer-missing" for name in lacking)
    procedure.tender = replace(
        procedure.tender,
        content=replace(procedure.tender.content, requirements=(criterion,)),
        bids=tuple(replace(one, findings=findings) if one.bid == bid else one for one in procedure.tender.bids),
    )
    return procedure, bid


def test_one_person_disqualifies_by_the_requirement_that_the_answers_do_not_meet(walk: Any) -> None:
    procedure, bid = asking(walk, "licence")
    named = Qualification([Disqualification(bid, LICENCE, requirement="licence")])
    tender, (excluded, *_) = qualify(procedure.tender, named, by="olga", at=procedure.now, pack=procedure.pack)
    assert isinstance(excluded, BidExcluded)
    assert (excluded.requirement, excluded.reference) == ("licence", None)
    assert (tender.bid(bid).requirement, tender.bid(bid).valid, tender.status) == ("licence", False, "evaluation")


@pytest.mark.parametrize(
    ("lacking", "decision"),
    [
        (("licence",), lambda bid: Qualification(accepted=[Acceptance(bid, "It will have one.")])),
        ((), lambda bid: Qualification([Disqualification(bid, LICENCE, requirement="licence")])),
        ((), lambda bid: Qualification([Disqualification(bid, LICENCE, "bidder-verified")])),
        (("insurance",), lambda bid: Qualification([Disqualification(bid, LICENCE, requirement="licence")])),
        (("licence",), lambda bid: Qualification([Disqualification(bid, LICENCE, "bidder-verified")])),
    ],
    ids=["waived", "answered", "by-a-rule", "another-requirement", "by-a-rule-though-lacking"],
)
def test_decision_against_the_answers_waits_for_a_second_person(
    walk: Any, lacking: tuple[str, ...], decision: Callable[[UUID], Qualification]
) -> None:
    procedure, bid = asking(walk, *lacking)
    before = procedure.tender
    waiting, events = qualify(before, decision(bid), by="olga", at=procedure.now, pack=procedure.pack)
    assert (waiting.status, waiting.version, waiting.bids, events) == (
        Status.QUALIFICATION,
        before.version + 1,
        before.bids,
        (),
    )
    assert str(next_wait(waiting)) == str(replace(next_wait(before), waiting_for="a second person on who qualifies"))
    with pytest.raises(Forbidden, match="second-person-needed") as refusal:
        confirm_qualification(waiting, by="olga", at=procedure.now, pack=procedure.pack)
    assert refusal.value.reference == RuleReference("second-person.qualification", "Coxswain model pack")
    decided, _ = confirm_qualification(waiting, by="hugo", at=procedure.now, pack=procedure.pack)
    assert (decided.status, decided.qualification) == (Status.EVALUATION, None)
    assert decided.bid(bid).valid is bool(decision(bid).accepted)


def test_what_was_waived_and_which_size_is_not_confirmed_is_told_with_its_reason(walk: Any) -> None:
    procedure, bid = asking(walk, "licence")
    size = UnconfirmedSize(procedure.bid("alder", "north"), "It employs 400 people.")
    procedure.decided(Qualification(accepted=[Acceptance(bid, "It will have one.")], unconfirmed=[size]))
    event = procedure.events[-1]
    assert isinstance(event, BidsQualified)
    assert event.accepted == (AcceptedBid(bid, "It will have one.", ("suitability/licence: answer-missing",)),)
    assert event.unconfirmed == (size,)
    assert procedure.tender.bid(size.bid).size_reason == "It employs 400 people."


def test_new_proposal_takes_the_place_of_the_one_before_and_a_plain_decision_ends_it(walk: Any) -> None:
    procedure, bid = asking(walk)
    for reason in (LICENCE, "It owes taxes."):
        named = Qualification([Disqualification(bid, reason, "bidder-verified")])
        procedure.take(qualify(procedure.tender, named, by="olga", at=procedure.now, pack=procedure.pack))
        assert procedure.tender.qualification.decision == named
    procedure.take(qualify(procedure.tender, Qualification(), by="olga", at=procedure.now, pack=procedure.pack))
    assert (procedure.tender.qualification, procedure.tender.bid(bid).valid) == (None, True)
    fresh = opened(walk)
    with pytest.raises(NotAllowed, match="qualification-not-proposed"):
        confirm_qualification(fresh.tender, by="hugo", at=fresh.now, pack=fresh.pack)


@pytest.mark.parametrize(
    ("named", "kind", "code"),
    [
        ((Disqualification(UUID(int=7), LICENCE),), NotFound, "bid-unknown"),
        (
            (Disqualification(UUID(int=0xB1D0), LICENCE), Disqualification(UUID(int=0xB1D0), "x")),
            Invalid,
            "bid-repeated",
        ),
        ((Disqualification(UUID(int=0xB1D0), LICENCE, "no-such-rule"),), Invalid, "rule-unknown"),
        ((Disqualification(UUID(int=0xB1D0), LICENCE),), Invalid, "ground-missing"),
        ((Disqualification(UUID(int=0xB1D0), LICENCE, requirement="height"),), Invalid, "requirement-unknown"),
    ],
)
def test_decision_is_refused_whole_when_a_part_of_it_makes_no_sense(
    walk: Any, named: tuple[Disqualification, ...], kind: type[DomainError], code: str
) -> None:
    procedure = opened(walk)
    with pytest.raises(kind) as refusal:
        qualify(procedure.tender, Qualification(named), by="olga", at=procedure.now, pack=procedure.pack)
    assert refusal.value.code == code


def decided(procedure: Any, decision: Qualification) -> str:
    """Return the code with which a decision is refused."""
    with pytest.raises(NotAllowed) as refusal:
        qualify(procedure.tender, decision, by="olga", at=procedure.now, pack=procedure.pack)
    return refusal.value.code


def again(procedure: Any, lot: str | None) -> None:
    """Send lots back to the qualification."""
    at, pack = procedure.now, procedure.pack
    procedure.take(carry_out(procedure.tender, Remedy.QUALIFY_AGAIN, lot, "Wrong.", at=at, pack=pack))


def decisions(bid: UUID) -> list[Qualification]:
    return [
        Qualification(disqualified=[Disqualification(bid, LICENCE, "bidder-verified")]),
        Qualification(accepted=[Acceptance(bid, "It will have one.")]),
        Qualification(unconfirmed=[UnconfirmedSize(bid, "It is large.")]),
    ]


def test_bid_that_was_excluded_before_is_not_decided_on_and_stays_out(walk: Any) -> None:
    procedure = opened(walk)
    bid = procedure.bid("birch", "north")
    objected = tuple(
        replace(one, valid=False, reason="Not verified.", excluded_in=Status.ACTIVE) if one.bid == bid else one
        for one in procedure.tender.bids
    )
    procedure.tender = replace(procedure.tender, bids=objected)
    assert {decided(procedure, decision) for decision in decisions(bid)} == {"bid-not-valid"}
    procedure.qualified().scored()
    again(procedure, None)
    # Whom the registry had not verified at the deadline is not qualified by the office.
    assert not procedure.tender.bid(bid).valid
    assert {decided(procedure, decision) for decision in decisions(bid)} == {"bid-not-valid"}


def test_bid_of_a_lot_that_is_settled_is_not_decided_on_when_another_lot_goes_back(walk: Any) -> None:
    procedure = opened(walk, north="300.00", south="250.00", west="250.00").qualified().scored({"alder": "90"}).priced()
    procedure.proposed("north").proposed("south").confirmed("south")
    again(procedure, "west")
    for lot, code in (("north", "award-pending"), ("south", "lot-not-active")):
        bid = procedure.bid("birch", lot)
        assert {decided(procedure, decision) for decision in decisions(bid)} == {code}
        # What it lacked was accepted, and is not asked about again.
        lacking = tuple(replace(one, findings=("licence",)) if one.bid == bid else one for one in procedure.tender.bids)
        procedure.tender = replace(procedure.tender, bids=lacking)
    assert procedure.qualified().tender.status is Status.EVALUATION


def test_requirement_that_is_not_met_is_decided_on_while_its_lot_is_undecided(walk: Any) -> None:
    procedure = opened(walk)
    bid = procedure.bid("birch", "north")
    lacking = tuple(replace(one, findings=("licence",)) if one.bid == bid else one for one in procedure.tender.bids)
    procedure.tender = replace(procedure.tender, bids=lacking)
    assert decided(procedure, Qualification()) == "requirement-not-met"
    for decision in decisions(bid)[:2]:
        assert replace(procedure).decided(decision).tender.status is Status.EVALUATION


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.QUALIFICATION])
def test_decision_is_refused_when_the_tender_is_not_in_qualification(walk: Any, status: Status) -> None:
    procedure = opened(walk)
    with pytest.raises(NotAllowed, match="tender-not-qualification"):
        qualify(
            replace(procedure.tender, status=status), Qualification(), by="olga", at=procedure.now, pack=procedure.pack
        )


def test_lot_goes_on_with_one_qualified_bid_when_the_pack_asks_for_no_more(walk: Any) -> None:
    procedure = opened(walk).qualified("alder", "birch")
    assert (procedure.tender.status, procedure.tender.progress("north").status) == (
        Status.EVALUATION,
        LotStatus.ACTIVE,
    )


def test_procedure_ends_when_nobody_qualifies(walk: Any) -> None:
    procedure = opened(walk).qualified(*NAMES)
    assert (procedure.tender.status, procedure.tender.due_at) == (Status.UNSUCCESSFUL, None)
    assert procedure.told() == [
        "Opened",
        *["BidExcluded"] * 3,
        "BidsQualified",
        "LotUnsuccessful",
        "Unsuccessful",
    ]


def test_lot_ends_when_two_of_three_qualify_and_the_pack_asks_for_three(walk: Any, cn: RulePack) -> None:
    procedure = opened(walk, cn, currency="CNY").qualified("cedar")
    assert procedure.tender.status is Status.UNSUCCESSFUL
    ended = procedure.events[-2]
    assert isinstance(ended, LotUnsuccessful)
    assert ended.reference == RuleReference(
        "gate.qualified.minimum-bids", "Government Procurement Law (政府采购法), art. 36; Order 87, art. 44"
    )
    assert opened(walk, cn, currency="CNY").qualified().tender.status is Status.EVALUATION


def test_other_lots_go_on_when_one_has_too_few_qualified_bids(walk: Any, cn: RulePack) -> None:
    procedure = opened(walk, cn, currency="CNY", north="300.00", south="250.00")
    procedure.decided(Qualification([Disqualification(procedure.bid("alder", "south"), LICENCE, "bidder-verified")]))
    assert procedure.tender.status is Status.EVALUATION
    assert [lot.status for lot in procedure.tender.lots] == [LotStatus.ACTIVE, LotStatus.UNSUCCESSFUL]
    assert procedure.told(1) == ["BidExcluded", "BidsQualified", "LotUnsuccessful"]


def test_bids_of_a_lot_that_ended_are_not_scored_when_the_panel_scores(walk: Any, cn: RulePack) -> None:
    procedure = opened(walk, cn, currency="CNY", north="300.00", south="250.00")
    procedure.decided(Qualification([Disqualification(procedure.bid("alder", "south"), LICENCE, "bidder-verified")]))
    north = [procedure.bid(name, "north") for name in NAMES]
    check_sheet(procedure.tender, ScoreSheet("pia", tuple(Score(bid, "quality", Decimal(50)) for bid in north)))
    whole = [*north, procedure.bid("birch", "south"), procedure.bid("cedar", "south")]
    with pytest.raises(Invalid, match="scores-incomplete"):
        check_sheet(procedure.tender, ScoreSheet("pia", tuple(Score(bid, "quality", Decimal(50)) for bid in whole)))
