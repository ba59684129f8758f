"""What a bid lacks is put right once and in time, or the bid does not count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack
from tender.domain.deficiency import correct, decide, lapse, notify
from tender.domain.endings import cancel_lot, exclude, standing_award
from tender.domain.events import BidExcluded, DeficiencyCorrected, DeficiencyDecided, DeficiencyNotified
from tender.domain.parts import Status
from tender.domain.waiting import Waiting, clock_at, next_wait

MICROSECOND = timedelta(microseconds=1)
WINDOW = RuleReference("deficiency-window", "Coxswain model pack")
OFFERS = (("lot-1", "alder", "900000"), ("lot-1", "birch", "1000000"), ("lot-1", "cedar", "1100000"))
# The prices are opened at the first instant of Tuesday the 24th of March: two working days, to the end of the 26th.
DUE = datetime(2026, 3, 27, tzinfo=UTC)
DIGEST = "5" * 64


@pytest.fixture
def priced(walk: Any) -> Any:
    return walk().opened(*OFFERS).qualified().scored().priced()


@pytest.fixture
def notified(priced: Any) -> Any:
    """The leader was told that its form is not signed."""
    priced.take(notify(priced.tender, priced.bid("alder"), "Not signed.", at=priced.now, pack=priced.pack))
    return priced


def hand_in(procedure: Any, at: datetime) -> Any:
    return correct(procedure.tender, procedure.bid("alder"), DIGEST, at=at, pack=procedure.pack)


def look(procedure: Any, *, corrected: bool) -> Any:
    bid = procedure.bid("alder")
    return decide(
        procedure.tender, bid, corrected=corrected, reason="It is still not signed.", by="olga", pack=procedure.pack
    )


def decided_so(procedure: Any, event: Any, *, accepted: bool) -> None:
    reason = "It is still not signed."
    assert isinstance(event, DeficiencyDecided)
    assert (event.bid, event.lot, event.accepted, event.reason) == (procedure.bid("alder"), "lot-1", accepted, reason)
    (lack,) = procedure.tender.deficiencies
    assert (lack.corrected, lack.reason) == (accepted, reason)


def test_bidder_is_told_what_is_missing_and_has_two_working_days_when_something_is(notified: Any) -> None:
    (lack,) = notified.tender.deficiencies
    event = notified.events[-1]
    assert isinstance(event, DeficiencyNotified)
    assert (event.bid, event.bidder.id, event.what, event.due_at) == (lack.bid, "alder", "Not signed.", DUE)
    assert (lack.due_at, lack.correction, lack.corrected) == (DUE, None, None)
    assert next_wait(notified.tender) == Waiting("a bidder's correction", DUE)
    assert clock_at(notified.tender) == DUE


def test_bidder_is_told_once_when_more_is_missing(notified: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        notify(notified.tender, notified.bid("alder"), "Nor dated.", at=notified.now, pack=notified.pack)
    assert (refusal.value.code, refusal.value.reference) == ("deficiency-notified", WINDOW)


def test_bidder_is_not_told_again_when_it_put_its_bid_right(notified: Any) -> None:
    notified.take(hand_in(notified, notified.now))
    after, _ = look(notified, corrected=True)
    with pytest.raises(NotAllowed, match="deficiency-notified"):
        notify(after, notified.bid("alder"), "Nor dated.", at=notified.now, pack=notified.pack)


def test_correction_is_taken_once_when_it_comes_a_microsecond_before_the_end(notified: Any) -> None:
    notified.take(hand_in(notified, DUE - MICROSECOND))
    event = notified.events[-1]
    assert isinstance(event, DeficiencyCorrected)
    assert (event.bid, event.digest, event.corrected_at) == (notified.bid("alder"), DIGEST, DUE - MICROSECOND)
    assert clock_at(notified.tender) is None
    with pytest.raises(NotAllowed) as refusal:
        hand_in(notified, DUE - MICROSECOND)
    assert (refusal.value.code, refusal.value.reference) == ("deficiency-corrected", WINDOW)


def test_correction_is_late_when_the_window_has_just_closed(notified: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        hand_in(notified, DUE)
    assert (refusal.value.code, refusal.value.reference, refusal.value.satisfied_by) == (
        "correction-late",
        WINDOW,
        "A correction in time.",
    )


def test_correction_is_refused_when_nobody_was_told_of_anything(priced: Any) -> None:
    for bid in (priced.bid("birch"), UUID(int=7)):
        with pytest.raises(NotFound, match="deficiency-unknown"):
            correct(priced.tender, bid, DIGEST, at=priced.now, pack=priced.pack)
        with pytest.raises(NotFound, match="deficiency-unknown"):
            decide(priced.tender, bid, corrected=True, reason="Fine.", by="olga", pack=priced.pack)


def test_award_waits_when_a_bid_may_still_be_put_right_or_its_correction_was_not_looked_at(notified: Any) -> None:
    for _ in range(2):
        with pytest.raises(NotAllowed) as refusal:
            notified.proposed()
        assert (refusal.value.code, refusal.value.satisfied_by) == (
            "deficiency-open",
            "The decision on the correction.",
        )
        if clock_at(notified.tender):
            notified.take(hand_in(notified, notified.now))


def test_leader_is_awarded_when_its_correction_is_accepted(notified: Any) -> None:
    notified.take(hand_in(notified, notified.now))
    notified.take(look(notified, corrected=True))
    decided_so(notified, notified.events[-1], accepted=True)
    assert standing_award(notified.proposed().tender, "lot-1").supplier.id == "alder"


def test_next_is_awarded_when_the_leaders_correction_is_not_enough(notified: Any) -> None:
    notified.take(hand_in(notified, notified.now))
    notified.take(look(notified, corrected=False))
    decided, event = notified.events[-2:]
    decided_so(notified, decided, accepted=False)
    assert isinstance(event, BidExcluded)
    assert (event.bid, event.reason, event.reference) == (notified.bid("alder"), "It is still not signed.", WINDOW)
    assert standing_award(notified.proposed().tender, "lot-1").supplier.id == "birch"


def test_correction_is_decided_on_once_and_not_before_it_is_there_when_asked(notified: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        look(notified, corrected=True)
    assert (refusal.value.code, refusal.value.reference) == ("correction-awaited", WINDOW)
    notified.take(hand_in(notified, notified.now))
    notified.tender, _ = look(notified, corrected=True)
    with pytest.raises(NotAllowed, match="deficiency-decided"):
        look(notified, corrected=False)


def test_nothing_lapses_when_the_window_is_open_for_another_microsecond(notified: Any) -> None:
    assert lapse(notified.tender, now=DUE - MICROSECOND, pack=notified.pack) == (notified.tender, ())


def test_bid_lapses_the_same_when_the_clock_is_punctual_or_a_week_late(notified: Any) -> None:
    punctual = lapse(notified.tender, now=DUE, pack=notified.pack)
    assert lapse(notified.tender, now=DUE + timedelta(days=7), pack=notified.pack) == punctual
    notified.take(punctual)
    event = notified.events[-1]
    assert isinstance(event, BidExcluded)
    assert (event.bid, event.reason, event.reference) == (
        notified.bid("alder"),
        "What was missing was not put right in time.",
        WINDOW,
    )
    (lack,) = notified.tender.deficiencies
    assert (lack.corrected, clock_at(notified.tender), notified.tender.status) == (False, None, Status.AWARD)
    # It happens once.
    assert lapse(notified.tender, now=DUE + timedelta(days=9), pack=notified.pack) == (notified.tender, ())
    assert standing_award(notified.proposed().tender, "lot-1").supplier.id == "birch"


def test_bid_is_not_put_right_any_more_when_it_lapsed(notified: Any) -> None:
    notified.take(lapse(notified.tender, now=DUE, pack=notified.pack))
    with pytest.raises(NotAllowed, match="bid-not-valid"):
        hand_in(notified, DUE - MICROSECOND)
    with pytest.raises(NotAllowed, match="bid-not-valid"):
        look(notified, corrected=True)


def test_each_lapses_in_its_own_time_when_several_bids_lack_something(notified: Any) -> None:
    later = notified.now + timedelta(days=1)
    notified.take(notify(notified.tender, notified.bid("birch"), "No plan.", at=later, pack=notified.pack))
    assert clock_at(notified.tender) == DUE
    notified.take(lapse(notified.tender, now=DUE, pack=notified.pack))
    assert notified.told()[-1:] == ["BidExcluded"]
    assert clock_at(notified.tender) == DUE + timedelta(days=1)
    late = lapse(notified.tender, now=DUE + timedelta(days=8), pack=notified.pack)
    notified.take(late)
    assert [bid.bidder.id for bid in notified.tender.bids if bid.valid] == ["cedar"]


def test_bid_is_excluded_once_when_it_was_excluded_for_something_else_in_the_window(notified: Any) -> None:
    notified.take(exclude(notified.tender, notified.tender.bid(notified.bid("alder")), "It colluded.", None))
    assert clock_at(notified.tender) is None
    assert lapse(notified.tender, now=DUE, pack=notified.pack) == (notified.tender, ())
    assert notified.tender.bid(notified.bid("alder")).reason == "It colluded."
    assert standing_award(notified.proposed().tender, "lot-1").supplier.id == "birch"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_nobody_is_told_and_nothing_lapses_when_it_is_not_time(notified: Any, status: Status) -> None:
    tender = replace(notified.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        notify(tender, notified.bid("birch"), "Not signed.", at=notified.now, pack=notified.pack)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        decide(tender, notified.bid("alder"), corrected=True, reason="Fine.", by="olga", pack=notified.pack)
    assert clock_at(tender) is None
    assert lapse(tender, now=DUE + timedelta(days=7), pack=notified.pack) == (tender, ())


@pytest.mark.parametrize(
    "status", [Status.ACTIVE, Status.COMPLETE, Status.UNSUCCESSFUL, Status.CANCELLED, Status.DRAFT]
)
def test_nothing_is_put_right_when_the_bids_are_sealed_or_the_procedure_has_ended(
    notified: Any, status: Status
) -> None:
    tender = replace(notified.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-qualification"):
        correct(tender, notified.bid("alder"), DIGEST, at=notified.now, pack=notified.pack)


def test_nobody_is_told_when_the_bid_is_unknown_or_does_not_count_or_its_lot_is_settled(
    walk: Any, pack: RulePack
) -> None:
    procedure = walk(north="300.00", south="200.00").opened(
        *((lot, name, price) for lot in ("north", "south") for name, price in (("alder", "190"), ("birch", "195")))
    )
    procedure.qualified().scored().priced()

    def told(bid: UUID) -> Any:
        return notify(procedure.tender, bid, "Not signed.", at=procedure.now, pack=pack)

    with pytest.raises(NotFound, match="bid-unknown"):
        told(UUID(int=7))
    excluded = procedure.bid("birch", "south")
    procedure.take(exclude(procedure.tender, procedure.tender.bid(excluded), "It colluded.", None))
    with pytest.raises(NotAllowed, match="bid-not-valid"):
        told(excluded)
    procedure.proposed("north")
    with pytest.raises(NotAllowed, match="award-pending"):
        told(procedure.bid("birch", "north"))
    procedure.take(cancel_lot(procedure.tender, "south", "The need has gone."))
    with pytest.raises(NotAllowed, match="lot-not-active"):
        told(procedure.bid("alder", "south"))


def test_nothing_lapses_when_the_lot_was_cancelled_in_the_window(walk: Any, pack: RulePack) -> None:
    procedure = walk(north="300.00", south="200.00").opened(
        *((lot, name, price) for lot in ("north", "south") for name, price in (("alder", "190"), ("birch", "195")))
    )
    procedure.qualified().scored().priced()
    bid = procedure.bid("alder", "south")
    procedure.take(notify(procedure.tender, bid, "Not signed.", at=procedure.now, pack=pack))
    procedure.take(cancel_lot(procedure.tender, "south", "The need has gone."))
    assert clock_at(procedure.tender) is None
    assert lapse(procedure.tender, now=DUE, pack=pack) == (procedure.tender, ())


def test_office_is_waited_for_when_a_correction_was_handed_in(notified: Any) -> None:
    notified.take(hand_in(notified, notified.now))
    assert notified.tender.due_at is not None
    assert next_wait(notified.tender) == Waiting("the decision on a correction", notified.tender.due_at)
