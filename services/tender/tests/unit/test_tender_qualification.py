"""Who qualifies is decided before anybody scores."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError, Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack
from tender.domain.award import Score, ScoreSheet, check_sheet
from tender.domain.challenge import Remedy
from tender.domain.events import BidExcluded, BidsQualified, LotUnsuccessful
from tender.domain.parts import LotStatus, Status
from tender.domain.qualification import Acceptance, Disqualification, Qualification, qualify
from tender.domain.remedy import carry_out

NAMES = ("alder", "birch", "cedar")
LICENCE = "The licence ended before the deadline."


def opened(walk: Any, pack: RulePack | None = None, currency: str = "EUR", **lots: str) -> Any:
    procedure = walk(pack, currency=currency, **(lots or {"north": "300.00"}))
    return procedure.opened(*((lot, name, "200.00") for lot in (lots or {"north": 0}) for name in NAMES))


def test_every_bid_is_scored_when_nobody_is_disqualified(walk: Any) -> None:
    procedure = opened(walk)
    tender, (event,) = qualify(procedure.tender, Qualification(), at=procedure.now, pack=procedure.pack)
    assert isinstance(event, BidsQualified)
    assert event.qualified == tuple(bid.bid for bid in procedure.tender.bids)
    assert (tender.status, tender.version) == (Status.EVALUATION, procedure.tender.version + 1)
    # Ten working days after Tuesday the 24th of March: the end of Tuesday the 7th of April.
    assert tender.due_at == datetime(2026, 4, 8, tzinfo=UTC)


def test_bid_is_excluded_by_name_with_its_rule_when_it_does_not_qualify(walk: Any) -> None:
    procedure = opened(walk)
    bid = procedure.bid("birch", "north")
    named = Disqualification(bid, LICENCE, "bidder-verified")
    tender, (excluded, qualified) = qualify(
        procedure.tender, Qualification([named]), at=procedure.now, pack=procedure.pack
    )
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


def test_bid_is_excluded_without_a_rule_when_none_is_named(walk: Any) -> None:
    procedure = opened(walk)
    named = Disqualification(procedure.bid("birch", "north"), LICENCE)
    tender, _ = qualify(procedure.tender, Qualification([named]), at=procedure.now, pack=procedure.pack)
    assert (tender.bid(named.bid).rule, tender.bid(named.bid).valid) == (None, False)


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
    ],
)
def test_decision_is_refused_whole_when_a_part_of_it_makes_no_sense(
    walk: Any, named: tuple[Disqualification, ...], kind: type[DomainError], code: str
) -> None:
    procedure = opened(walk)
    with pytest.raises(kind) as refusal:
        qualify(procedure.tender, Qualification(named), at=procedure.now, pack=procedure.pack)
    assert refusal.value.code == code


def decided(procedure: Any, decision: Qualification) -> str:
    """Return the code with which a decision is refused."""
    with pytest.raises(NotAllowed) as refusal:
        qualify(procedure.tender, decision, at=procedure.now, pack=procedure.pack)
    return refusal.value.code


def again(procedure: Any, lot: str | None) -> None:
    """Send lots back to the qualification."""
    at, pack = procedure.now, procedure.pack
    procedure.take(carry_out(procedure.tender, Remedy.QUALIFY_AGAIN, lot, "Wrong.", at=at, pack=pack))


def decisions(bid: UUID) -> list[Qualification]:
    return [
        Qualification(disqualified=[Disqualification(bid, LICENCE)]),
        Qualification(accepted=[Acceptance(bid, "It will have one.")]),
        Qualification(unconfirmed=[bid]),
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
        tender, _ = qualify(procedure.tender, decision, at=procedure.now, pack=procedure.pack)
        assert tender.status is Status.EVALUATION


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.QUALIFICATION])
def test_decision_is_refused_when_the_tender_is_not_in_qualification(walk: Any, status: Status) -> None:
    procedure = opened(walk)
    with pytest.raises(NotAllowed, match="tender-not-qualification"):
        qualify(replace(procedure.tender, status=status), Qualification(), at=procedure.now, pack=procedure.pack)


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
    named = [Disqualification(procedure.bid("alder", "south"), LICENCE)]
    procedure.take(qualify(procedure.tender, Qualification(named), at=procedure.now, pack=cn))
    assert procedure.tender.status is Status.EVALUATION
    assert [lot.status for lot in procedure.tender.lots] == [LotStatus.ACTIVE, LotStatus.UNSUCCESSFUL]
    assert procedure.told(1) == ["BidExcluded", "BidsQualified", "LotUnsuccessful"]


def test_bids_of_a_lot_that_ended_are_not_scored_when_the_panel_scores(walk: Any, cn: RulePack) -> None:
    procedure = opened(walk, cn, currency="CNY", north="300.00", south="250.00")
    named = [Disqualification(procedure.bid("alder", "south"), LICENCE)]
    procedure.take(qualify(procedure.tender, Qualification(named), at=procedure.now, pack=cn))
    north = [procedure.bid(name, "north") for name in NAMES]
    check_sheet(procedure.tender, ScoreSheet("pia", tuple(Score(bid, "quality", Decimal(50)) for bid in north)))
    whole = [*north, procedure.bid("birch", "south"), procedure.bid("cedar", "south")]
    with pytest.raises(Invalid, match="scores-incomplete"):
        check_sheet(procedure.tender, ScoreSheet("pia", tuple(Score(bid, "quality", Decimal(50)) for bid in whole)))
