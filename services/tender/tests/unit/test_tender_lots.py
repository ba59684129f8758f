"""Lots: each has its own course and its own end, and the procedure ends with the last of them."""

from dataclasses import replace
from typing import Any

import pytest

from shared.kernel.errors import NotAllowed, NotFound, RuleReference
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from shared.testing.course import SALT
from tender.domain.award import cancel_award, propose_award
from tender.domain.endings import cancel, cancel_lot, standing_award
from tender.domain.events import AwardCancelled, Cancelled, LotCancelled, LotUnsuccessful, Unsuccessful
from tender.domain.parts import AwardStatus, LotStatus, Status

GONE = "The need has gone."
THREE = {"north": "300.00", "south": "200.00", "west": "100.00"}


def offers(*lots: str, bidders: tuple[str, ...] = ("alder", "birch")) -> list[tuple[str, str, str]]:
    """Return bids at nine and eight tenths of each lot's value."""
    shares = ("0.90", "0.80", "0.85")
    return [
        (lot, bidder, f"{float(THREE[lot]) * float(share):.2f}")
        for lot in lots
        for bidder, share in zip(bidders, shares, strict=False)
    ]


def euros(text: str) -> Money:
    return Money(int(text.replace(".", "")), "EUR")


def test_procedure_is_complete_when_one_lot_failed_one_was_cancelled_and_one_awarded(walk: Any) -> None:
    procedure = walk(**THREE).opened(*offers("south", "west"), ("north", "alder", "270.00"))
    assert [(lot.id, lot.status) for lot in procedure.tender.lots] == [
        ("north", LotStatus.UNSUCCESSFUL),
        ("south", LotStatus.ACTIVE),
        ("west", LotStatus.ACTIVE),
    ]
    procedure.qualified().scored().priced()
    procedure.take(cancel_lot(procedure.tender, "south", GONE))
    procedure.proposed("west")
    procedure.confirmed("west")
    tender = procedure.tender
    assert [(lot.id, lot.status) for lot in tender.lots] == [
        ("north", LotStatus.UNSUCCESSFUL),
        ("south", LotStatus.CANCELLED),
        ("west", LotStatus.COMPLETE),
    ]
    assert (tender.status, tender.due_at) == (Status.COMPLETE, None)
    assert [(type(event).__name__, event.version) for event in procedure.events] == [
        ("LotUnsuccessful", 4),
        ("Opened", 5),
        ("BidsQualified", 6),
        ("PricesOpened", 7),
        ("LotCancelled", 8),
        ("AwardProposed", 9),
        ("AwardConfirmed", 10),
    ]
    failed, cancelled = procedure.events[0], procedure.events[4]
    assert isinstance(failed, LotUnsuccessful)
    assert (failed.lot, failed.amount, failed.reference) == (
        "north",
        euros("300.00"),
        RuleReference("gate.opening.minimum-bids", "Coxswain model pack"),
    )
    assert isinstance(cancelled, LotCancelled)
    assert (cancelled.lot, cancelled.amount, cancelled.reason) == ("south", euros("200.00"), GONE)


def test_procedure_is_cancelled_when_its_lots_are_cancelled_one_by_one(walk: Any) -> None:
    procedure = walk(**THREE)
    for lot in ("west", "north"):
        procedure.take(cancel_lot(procedure.tender, lot, GONE))
        assert procedure.tender.status is Status.ACTIVE
    due_at = procedure.tender.due_at
    procedure.take(cancel_lot(procedure.tender, "south", "The money has gone."))
    assert (procedure.tender.status, procedure.tender.due_at) == (Status.CANCELLED, None)
    assert due_at is not None
    assert procedure.told() == ["LotCancelled"] * 3 + ["Cancelled"]
    last = procedure.events[-1]
    assert isinstance(last, Cancelled)
    assert (last.reason, last.version, procedure.tender.version) == ("The money has gone.", 7, 7)


def test_procedure_is_cancelled_when_the_last_lot_is_after_the_others_were_unsuccessful(walk: Any) -> None:
    procedure = walk(**THREE).opened(*offers("west"))
    assert procedure.told() == ["LotUnsuccessful", "LotUnsuccessful", "Opened"]
    procedure.take(cancel_lot(procedure.tender, "west", GONE))
    assert procedure.tender.status is Status.CANCELLED
    assert procedure.told(3) == ["LotCancelled", "Cancelled"]
    assert [lot.status for lot in procedure.tender.lots] == [
        LotStatus.UNSUCCESSFUL,
        LotStatus.UNSUCCESSFUL,
        LotStatus.CANCELLED,
    ]


def test_procedure_is_unsuccessful_when_no_lot_has_enough_bids(walk: Any) -> None:
    procedure = walk(**THREE).opened(("north", "alder", "270.00"), ("west", "birch", "80.00"))
    assert procedure.tender.status is Status.UNSUCCESSFUL
    assert procedure.told() == ["LotUnsuccessful"] * 3 + ["Unsuccessful"]
    assert [event.lot for event in procedure.events[:3]] == ["north", "south", "west"]


def test_procedure_is_complete_when_the_last_lot_fails_after_another_was_awarded(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00", south="200.00").opened(*offers("north", "south"))
    procedure.qualified().scored().priced().proposed("north")
    procedure.confirmed("north")
    assert procedure.tender.status is Status.AWARD
    for _ in range(2):
        procedure.proposed("south")
        procedure.take(cancel_award(procedure.tender, "south", "It withdrew.", at=procedure.now, pack=pack))
    before = len(procedure.events)
    procedure.proposed("south")
    assert procedure.told(before) == ["LotUnsuccessful"]
    assert (procedure.tender.status, procedure.tender.due_at) == (Status.COMPLETE, None)


def test_rest_is_cancelled_lot_by_lot_when_one_has_been_awarded(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00").opened(*offers("north", "south"))
    procedure.qualified().scored().priced().proposed("north")
    procedure.confirmed("north")
    with pytest.raises(NotAllowed) as refusal:
        cancel(procedure.tender, GONE)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "tender-not-cancellable",
        "The cancellation of the lots that are left.",
    )
    procedure.take(cancel_lot(procedure.tender, "south", GONE))
    assert procedure.tender.status is Status.COMPLETE
    assert procedure.told()[-1] == "LotCancelled"


def test_lot_is_not_cancelled_when_an_award_of_it_stands(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00").opened(*offers("north", "south"))
    procedure.qualified().scored().priced().proposed("north")
    with pytest.raises(NotAllowed) as refusal:
        cancel_lot(procedure.tender, "north", GONE)
    assert (refusal.value.code, refusal.value.satisfied_by) == ("lot-awarded", "The cancellation of the award.")


def test_lot_is_not_cancelled_when_it_has_ended_or_is_not_there(walk: Any) -> None:
    procedure = walk(**THREE).opened(*offers("west", "south"))
    with pytest.raises(NotAllowed, match="lot-not-active"):
        cancel_lot(procedure.tender, "north", GONE)
    with pytest.raises(NotFound, match="lot-unknown"):
        cancel_lot(procedure.tender, "east", GONE)


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.UNSUCCESSFUL, Status.CANCELLED])
def test_lot_is_not_cancelled_when_the_procedure_has_ended(walk: Any, status: Status) -> None:
    tender = replace(walk(**THREE).tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-cancellable"):
        cancel_lot(tender, "north", GONE)


def test_award_does_not_outlive_its_lot_when_the_procedure_is_cancelled(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00").opened(*offers("north", "south"))
    procedure.qualified().scored().priced().proposed("north")
    procedure.take(cancel(procedure.tender, GONE))
    assert procedure.told()[-2:] == ["AwardCancelled", "Cancelled"]
    north = procedure.tender.progress("north")
    assert (north.status, north.award, [award.status for award in north.awards]) == (
        LotStatus.CANCELLED,
        None,
        [AwardStatus.CANCELLED],
    )
    assert north.awards[0].cancelled_because == GONE


def places(procedure: Any) -> list[tuple[str, int, str]]:
    ranking = standing_award(procedure.tender, "north").ranking
    return [(place.bidder.id, place.rank, f"{place.total.normalize():f}") for place in ranking]


def test_award_falls_to_the_next_and_never_back_when_a_winner_falls_away(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00").opened(*offers("north", bidders=("alder", "birch", "cedar")))
    procedure.qualified().scored().priced()
    winners = []
    for _ in range(3):
        procedure.proposed("north")
        winners.append(standing_award(procedure.tender, "north"))
        procedure.take(cancel_award(procedure.tender, "north", "It withdrew.", at=procedure.now, pack=pack))
        event = procedure.events[-1]
        assert isinstance(event, AwardCancelled)
        assert (event.award, event.bid, event.lot, event.reason) == (
            winners[-1].id,
            winners[-1].bid,
            "north",
            "It withdrew.",
        )
    # The same quality: the lowest price first, 240, 255 and 270 euros.
    assert [(award.supplier.id, award.value) for award in winners] == [
        ("birch", euros("240.00")),
        ("cedar", euros("255.00")),
        ("alder", euros("270.00")),
    ]
    assert len({award.id for award in winners}) == 3
    assert [len(award.ranking) for award in winners] == [3, 2, 1]
    assert procedure.tender.progress("north").passed_over == tuple(award.bid for award in winners)
    before = len(procedure.events)
    procedure.proposed("north")
    assert procedure.told(before) == ["LotUnsuccessful", "Unsuccessful"]
    last = procedure.events[-1]
    assert isinstance(last, Unsuccessful)
    assert (last.reason, last.bids, procedure.tender.status) == (
        "No bid is left to be awarded.",
        3,
        Status.UNSUCCESSFUL,
    )


def test_next_is_the_one_that_was_published_as_the_next_when_the_first_falls_away(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="120.00").opened(
        ("north", "walnut", "60.00"), ("north", "birch", "100.00"), ("north", "cedar", "120.00")
    )
    procedure.qualified().scored({"walnut": "95", "birch": "80", "cedar": "86"}).priced()
    procedure.proposed("north")
    # 30 points for the price by the lowest, 60: 30, 18 and 15; 0.7 of the quality: 66.5, 56 and 60.2.
    published = [("walnut", 1, "96.5"), ("cedar", 2, "75.2"), ("birch", 3, "74")]
    assert places(procedure) == published
    procedure.take(cancel_award(procedure.tender, "north", "It withdrew.", at=procedure.now, pack=pack))
    procedure.proposed("north")
    # By the lowest that is left, 100, birch would be first: 30 and 56 are 86, 25 and 60.2 are 85.2.
    assert standing_award(procedure.tender, "north").supplier.id == "cedar"
    assert places(procedure) == published[1:]


def test_next_is_awarded_when_the_pack_asks_for_three_responsive_bids_and_the_first_withdraws(
    walk: Any, cn: RulePack
) -> None:
    # Whoever withdraws from an award has bid responsively all the same.
    procedure = walk(cn, currency="CNY", north="300.00")
    procedure.opened(*offers("north", bidders=("alder", "birch", "cedar"))).qualified().scored().priced()
    procedure.proposed("north")
    procedure.take(cancel_award(procedure.tender, "north", "It withdrew.", at=procedure.now, pack=cn))
    procedure.proposed("north")
    assert standing_award(procedure.tender, "north").supplier.id == "cedar"


def test_lot_goes_on_when_its_confirmed_award_is_taken_back(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00").opened(*offers("north")).qualified().scored().priced().proposed("north")
    contract = procedure.confirmed("north")
    assert procedure.tender.status is Status.COMPLETE
    procedure.take(cancel_award(procedure.tender, "north", "It did not sign.", at=procedure.now, pack=pack))
    tender = procedure.tender
    assert (tender.status, tender.progress("north").status) == (Status.AWARD, LotStatus.ACTIVE)
    (award,) = tender.progress("north").awards
    assert (award.status, award.contract, award.cancelled_because) == (
        AwardStatus.CANCELLED,
        contract.id,
        "It did not sign.",
    )
    assert tender.due_at is not None
    procedure.proposed("north")
    assert standing_award(procedure.tender, "north").supplier.id == "alder"


def test_award_is_not_taken_back_when_none_stands(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00").opened(*offers("north")).qualified().scored().priced()
    with pytest.raises(NotAllowed, match="award-missing"):
        cancel_award(procedure.tender, "north", "It withdrew.", at=procedure.now, pack=pack)
    with pytest.raises(NotFound, match="lot-unknown"):
        cancel_award(procedure.tender, "south", "It withdrew.", at=procedure.now, pack=pack)


def test_award_of_a_lot_is_refused_when_the_lot_has_ended(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00", south="200.00").opened(*offers("north")).qualified().scored().priced()
    with pytest.raises(NotAllowed, match="lot-not-active"):
        propose_award(procedure.tender, "south", procedure.scores, by="olga", at=procedure.now, pack=pack, salt=SALT)
