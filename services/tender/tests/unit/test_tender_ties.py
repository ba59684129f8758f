"""Ties: the pack's order, and a draw that anybody can work out and nobody can steer."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack
from shared.rules.scoring import RankedBid, Ranking
from tender.domain import ties
from tender.domain.award import standing_award, tied_bids
from tender.domain.events import TieDrawAnnounced, TieDrawn
from tender.domain.parts import Status, TieDraw
from tender.domain.waiting import Waiting, next_wait

MICROSECOND = timedelta(microseconds=1)
NOTICE = timedelta(minutes=10)
BEACON = "drand, round 5871200"
RANDOMNESS = hashlib.sha256(b"what the beacon said").hexdigest()


def by_hand(ocid: str, lot: str, randomness: str, bids: list[UUID]) -> list[UUID]:
    """Order bids as draft-thomson-elegy-vrs says, by HKDF written out."""
    code = hashlib.sha256(f"{ocid}/{lot}".encode()).digest()
    secret = hmac.new(code, bytes.fromhex(randomness), hashlib.sha256).digest()
    return sorted(bids, key=lambda bid: hmac.new(secret, str(bid).encode() + b"\x01", hashlib.sha256).digest())


@pytest.fixture
def tied(walk: Any) -> Any:
    """Alder, birch and dogwood are equal in price and quality; cedar is dearer."""
    prices = {"alder": "900000", "birch": "900000", "cedar": "1000000", "dogwood": "900000"}
    return walk().opened(*(("lot-1", name, price) for name, price in prices.items())).qualified().scored().priced()


def equals(procedure: Any) -> list[UUID]:
    return [procedure.bid(name) for name in ("alder", "birch", "dogwood")]


def announce(procedure: Any, ahead: timedelta = NOTICE) -> Any:
    tied = tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack)
    return ties.announce(
        procedure.tender, "lot-1", tied, source=BEACON, not_before=procedure.now + ahead, at=procedure.now
    )


def draw(procedure: Any, randomness: str = RANDOMNESS, after: timedelta = NOTICE) -> Any:
    return ties.draw_tie(procedure.tender, "lot-1", randomness, at=procedure.now + after)


def test_award_is_refused_by_its_rule_when_the_best_are_equal(tied: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        tied.proposed()
    assert (refusal.value.code, refusal.value.reference, refusal.value.satisfied_by) == (
        "tie-unresolved",
        RuleReference("tie-break", "Coxswain model pack"),
        "A draw between them by a public beacon.",
    )
    assert set(tied_bids(tied.tender, "lot-1", tied.scores, tied.pack)) == set(equals(tied))


def test_lower_price_decides_when_totals_are_equal(walk: Any) -> None:
    # Birch has 30 for its price and 0.7 * 50 = 35; alder 30 * 930/1000 = 27.9 and 0.7 * 53 = 37.1.
    procedure = walk().opened(("lot-1", "alder", "1000000"), ("lot-1", "birch", "930000")).qualified()
    procedure.scored({"alder": "53", "birch": "50"}).priced()
    assert tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack) == ()
    award = standing_award(procedure.proposed().tender, "lot-1")
    assert [place.total for place in award.ranking] == [Decimal(65), Decimal(65)]
    assert award.supplier.id == "birch"


def test_beacon_is_named_before_it_is_known_when_a_draw_is_announced(tied: Any) -> None:
    tied.take(announce(tied))
    event = tied.events[-1]
    assert isinstance(event, TieDrawAnnounced)
    assert (event.lot, event.source, event.not_before) == ("lot-1", BEACON, tied.now + NOTICE)
    assert event.bids == tuple(sorted(equals(tied), key=str))
    assert next_wait(tied.tender) == Waiting("the draw of a tie", tied.now + NOTICE)
    assert tied.tender.tie_draws == (TieDraw("lot-1", event.bids, BEACON, tied.now + NOTICE),)


def test_announcement_is_refused_when_the_beacon_is_less_than_ten_minutes_ahead(tied: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        announce(tied, NOTICE - MICROSECOND)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "beacon-too-soon",
        "A beacon at least ten minutes ahead.",
    )


def test_notice_is_shorter_when_a_sandbox_procedure_is_accelerated(tied: Any) -> None:
    tied.tender = replace(tied.tender, acceleration=600)
    with pytest.raises(NotAllowed, match="beacon-too-soon"):
        announce(tied, timedelta(seconds=1) - MICROSECOND)
    tied.take(announce(tied, timedelta(seconds=1)))


def test_announcement_is_refused_when_it_was_made_or_there_is_no_tie(tied: Any, walk: Any) -> None:
    tied.take(announce(tied))
    with pytest.raises(NotAllowed, match="tie-draw-announced"):
        announce(tied)
    tied.now += NOTICE
    tied.take(draw(tied))
    # Nobody asks a second beacon because the first said something unwelcome.
    with pytest.raises(NotAllowed, match="tie-draw-announced"):
        announce(tied)
    clear = walk().opened(("lot-1", "alder", "900000"), ("lot-1", "birch", "800000")).qualified().scored().priced()
    with pytest.raises(NotAllowed, match="tie-missing"):
        announce(clear)


def test_tie_behind_the_first_needs_no_draw_when_an_award_is_proposed(walk: Any) -> None:
    prices = {"alder": "800000", "birch": "900000", "cedar": "900000"}
    procedure = walk().opened(*(("lot-1", name, price) for name, price in prices.items())).qualified().scored()
    procedure.priced()
    assert tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack) == ()
    assert standing_award(procedure.proposed().tender, "lot-1").supplier.id == "alder"


def test_draw_waits_when_the_beacon_is_a_microsecond_away(tied: Any) -> None:
    tied.take(announce(tied))
    with pytest.raises(NotAllowed) as refusal:
        draw(tied, after=NOTICE - MICROSECOND)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "beacon-awaited",
        "The instant that was named for it.",
    )


@pytest.mark.parametrize("randomness", ["00" * 32, "ff" * 48, RANDOMNESS])
def test_order_is_the_one_worked_out_by_hand_when_a_tie_is_drawn(tied: Any, randomness: str) -> None:
    tied.take(announce(tied))
    tied.now += NOTICE
    tied.take(draw(tied, randomness, after=timedelta(0)))
    expected = by_hand(tied.tender.ocid, "lot-1", randomness, equals(tied))
    event = tied.events[-1]
    assert isinstance(event, TieDrawn)
    assert (list(event.order), event.randomness, event.source, event.lot) == (expected, randomness, BEACON, "lot-1")
    award = standing_award(tied.proposed().tender, "lot-1")
    assert award.bid == expected[0]
    assert award.ranking[0].bid == expected[0]
    assert award.ranking[-1].bid == tied.bid("cedar")


def test_every_equal_bid_wins_under_some_beacon_when_ties_are_drawn(tied: Any) -> None:
    tied.take(announce(tied))
    tied.now += NOTICE
    firsts = set()
    for n in range(40):
        after, _ = draw(tied, f"{n:02x}" * 32, after=timedelta(0))
        firsts.add(after.tie_draws[-1].order[0])
    assert firsts == set(equals(tied))


def test_order_of_two_is_the_same_when_others_are_drawn_with_them(tied: Any) -> None:
    two = [tied.bid("alder"), tied.bid("birch")]
    for n in range(20):
        randomness = f"{n:02x}" * 32
        orders = []
        for bids in (two, equals(tied)):
            change = ties.announce(tied.tender, "lot-1", bids, source=BEACON, not_before=tied.now + NOTICE, at=tied.now)
            after, _ = ties.draw_tie(change[0], "lot-1", randomness, at=tied.now + NOTICE)
            orders.append([bid for bid in after.tie_draws[-1].order if bid in two])
        assert orders[0] == orders[1]


def test_order_is_another_lots_own_when_the_same_beacon_draws_for_both(tied: Any) -> None:
    ordered = {by: ties.code("ocds-1", by) for by in ("north", "south")}
    assert ordered["north"] != ordered["south"]
    assert ties.code("ocds-1", "north") == hashlib.sha256(b"ocds-1/north").digest()


def test_draw_is_refused_when_none_was_announced_or_it_was_drawn(tied: Any) -> None:
    with pytest.raises(NotFound, match="tie-draw-unknown"):
        draw(tied)
    tied.take(announce(tied))
    tied.take(draw(tied))
    with pytest.raises(NotFound, match="tie-draw-unknown"):
        draw(tied, "00" * 32)


def test_draw_is_refused_when_the_randomness_is_not_hexadecimal(tied: Any) -> None:
    tied.take(announce(tied))
    with pytest.raises(Invalid, match="randomness-malformed"):
        draw(tied, "xyz")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_nothing_is_announced_or_drawn_when_it_is_not_time(tied: Any, status: Status) -> None:
    tied.take(announce(tied))
    tender = replace(tied.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        ties.announce(tender, "lot-1", equals(tied), source=BEACON, not_before=tied.now + NOTICE, at=tied.now)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        ties.draw_tie(tender, "lot-1", RANDOMNESS, at=tied.now + NOTICE)


def place(name: str, quality: int) -> RankedBid:
    return RankedBid(
        id=str(UUID(int=ord(name))),
        rank=1,
        tie=True,
        evaluation_price=Decimal(100),
        price_points=Decimal(30),
        quality_points={"quality": Decimal(quality)},
        total=Decimal(80),
    )


def ranking(*places: RankedBid) -> Ranking:
    return Ranking(
        bids=places, first=None, unresolved_ties=(tuple(item.id for item in places),), warnings=(), derivation=()
    )


def test_technical_rank_decides_before_a_draw_when_the_pack_says_so(cn: RulePack) -> None:
    # Equal in total and in price as bid; a deduction for small enterprises makes the price points differ.
    first, *rest = ties.resolve(ranking(place("a", 48), place("b", 52), place("c", 50)), (), cn)
    assert first.id == str(UUID(int=ord("b")))
    assert [item.id for item in rest] == [str(UUID(int=ord(name))) for name in "ac"]


def test_technical_rank_decides_nothing_when_the_pack_does_not_know_it(pack: RulePack) -> None:
    with pytest.raises(NotAllowed, match="tie-unresolved"):
        ties.resolve(ranking(place("a", 48), place("b", 52)), (), pack)


def test_draw_decides_when_the_technical_rank_is_equal_too(walk: Any, cn: RulePack) -> None:
    equal = ranking(place("a", 50), place("b", 50))
    with pytest.raises(NotAllowed) as refusal:
        ties.resolve(equal, (), cn)
    assert refusal.value.reference == RuleReference("tie-break", "Ministry of Finance Order 87, arts. 57, 68")
    a, b = (UUID(int=ord(name)) for name in "ab")
    drawn = TieDraw("lot-1", (a, b), BEACON, walk().now, RANDOMNESS, (b, a))
    assert [item.id for item in ties.resolve(equal, (drawn,), cn)] == [str(b), str(a)]


def test_draw_of_others_or_one_that_waits_for_its_beacon_decides_nothing_when_a_tie_is_resolved(
    walk: Any, pack: RulePack
) -> None:
    equal = ranking(place("a", 50), place("b", 50))
    a, b, c = (UUID(int=ord(name)) for name in "abc")
    for draws in (
        (TieDraw("lot-1", (a, b), BEACON, walk().now),),
        (TieDraw("lot-1", (a, c), BEACON, walk().now, RANDOMNESS, (a, c)),),
    ):
        with pytest.raises(NotAllowed, match="tie-unresolved"):
            ties.resolve(equal, draws, pack)
