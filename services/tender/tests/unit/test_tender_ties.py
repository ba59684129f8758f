"""Ties: the pack's order, and a draw that anybody can work out and nobody can steer."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from shared.kernel import draw as selection
from shared.kernel.beacon import QUICKNET, Beacon, drand, public_records
from shared.kernel.draw_record import verify
from shared.kernel.errors import Invalid, NotAllowed, NotFound, RuleReference
from shared.kernel.money import money
from shared.rules.pack import RulePack
from tender.domain import ties
from tender.domain.award import tied_bids
from tender.domain.draw_parts import Randomness
from tender.domain.endings import standing_award
from tender.domain.events import TieDrawAnnounced, TieDrawn
from tender.domain.parts import Party, RankedBid, Status, TieDraw
from tender.domain.public_draw import read_randomness
from tender.domain.waiting import Waiting, next_wait
from tender.messaging.publish_draw import drawn, fixed

MICROSECOND = timedelta(microseconds=1)
NOTICE = timedelta(minutes=10)
BEACON = "Lottery of the day"
RANDOMNESS = hashlib.sha256(b"what the beacon said").digest()


def by_hand(ocid: str, lot: str, randomness: bytes, bids: list[UUID], draw: int = 1) -> list[UUID]:
    """Order bids as draft-thomson-elegy-vrs says, by HKDF written out; the first draw reveals the 63rd hash of 64."""
    code = hashlib.sha256(f"{ocid}/{lot}".encode()).digest()
    for _ in range(64 - draw):
        code = hashlib.sha256(code).digest()
    secret = hmac.new(code, randomness, hashlib.sha256).digest()
    return sorted(bids, key=lambda bid: hmac.new(secret, str(bid).encode() + b"\x01", hashlib.sha256).digest())


@pytest.fixture
def tied(walk: Any) -> Any:
    """Alder, birch and dogwood are equal in price and quality; cedar is dearer."""
    prices = {"alder": "900000", "birch": "900000", "cedar": "1000000", "dogwood": "900000"}
    return walk().opened(*(("lot-1", name, price) for name, price in prices.items())).qualified().scored().priced()


def equals(procedure: Any) -> list[UUID]:
    return [procedure.bid(name) for name in ("alder", "birch", "dogwood")]


def announce(procedure: Any, ahead: timedelta = NOTICE) -> Any:
    tie = tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack)
    return named(procedure, tie, public_records([BEACON], procedure.now + ahead))


def named(procedure: Any, tie: ties.Tie | None, beacon: Beacon) -> Any:
    return ties.announce(procedure.tender, "lot-1", tie, beacon, at=procedure.now, pack=procedure.pack)


def draw(procedure: Any, randomness: bytes = RANDOMNESS, after: timedelta = NOTICE) -> Any:
    at = procedure.now + after
    return ties.draw_tie(procedure.tender, "lot-1", Randomness(randomness), at=at, pack=procedure.pack)


def test_award_is_refused_by_its_rule_when_the_best_are_equal(tied: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        tied.proposed()
    assert (refusal.value.code, refusal.value.reference, refusal.value.satisfied_by) == (
        "tie-unresolved",
        RuleReference("tie-break", "Coxswain model pack"),
        "A draw between them by a public beacon.",
    )
    tie = tied_bids(tied.tender, "lot-1", tied.scores, tied.pack)
    assert tie is not None
    assert (set(tie.bids), tie.places) == (set(equals(tied)), 1)


def test_lower_price_decides_when_totals_are_equal(walk: Any) -> None:
    # Birch has 30 for its price and 0.7 * 50 = 35; alder 30 * 930/1000 = 27.9 and 0.7 * 53 = 37.1.
    procedure = walk().opened(("lot-1", "alder", "1000000"), ("lot-1", "birch", "930000")).qualified()
    procedure.scored({"alder": "53", "birch": "50"}).priced()
    assert tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack) is None
    award = standing_award(procedure.proposed().tender, "lot-1")
    assert [place.total for place in award.ranking] == [Decimal(65), Decimal(65)]
    assert award.supplier.id == "birch"


def test_beacon_is_named_before_it_is_known_when_a_draw_is_announced(tied: Any) -> None:
    tied.take(announce(tied))
    event = tied.events[-1]
    assert isinstance(event, TieDrawAnnounced)
    fixed = event.closing
    assert (event.lot, fixed.beacon) == ("lot-1", public_records([BEACON], tied.now + NOTICE))
    assert (fixed.pool, fixed.places) == (tuple(sorted(equals(tied), key=str)), 1)
    assert (fixed.iteration, fixed.closed_at) == (1, tied.now)
    assert next_wait(tied.tender) == Waiting("the draw of a tie", tied.now + NOTICE)
    assert tied.tender.tie_draws == (TieDraw("lot-1", fixed.pool, fixed),)


def test_announcement_is_refused_when_the_beacon_is_less_than_ten_minutes_ahead(tied: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        announce(tied, NOTICE - MICROSECOND)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "beacon-too-early",
        "A beacon 10 minutes or more from now.",
    )
    assert refusal.value.reference == RuleReference("committee.beacon-lead", "Coxswain model pack")


def test_announcement_is_refused_when_the_round_is_known_already(tied: Any) -> None:
    # Rounds of drand come every three seconds, the first at 1692803367.
    latest = int(tied.now.timestamp() - 1_692_803_367) // 3 + 1
    tie = tied_bids(tied.tender, "lot-1", tied.scores, tied.pack)
    for known in (657_413, latest, latest + 199):
        with pytest.raises(NotAllowed, match="beacon-too-early"):
            named(tied, tie, drand(known))
    tied.take(named(tied, tie, drand(latest + 201)))
    (draw,) = tied.tender.tie_draws
    assert draw.source == f"drand, chain {QUICKNET}, round {latest + 201}"


def test_draw_is_refused_when_the_randomness_is_of_another_round_or_of_nobody(tied: Any) -> None:
    # The genuine signature of round 657413 is nobody's choice, and not that of the round that was named.
    signature = bytes.fromhex(
        "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
    )
    latest = int(tied.now.timestamp() - 1_692_803_367) // 3 + 1
    tie = tied_bids(tied.tender, "lot-1", tied.scores, tied.pack)
    tied.take(named(tied, tie, drand(latest + 201)))
    beacon = ties.may_draw(tied.tender, "lot-1", at=tied.now + 2 * NOTICE, pack=tied.pack).beacon
    for given in (signature, b"\x5f" * 32, b"\x5f" * 48):
        with pytest.raises(Invalid, match="signature-not-of-round"):
            read_randomness(beacon, signature=given, randomness=None, numbers=None)
    with pytest.raises(Invalid, match="randomness-of-another-beacon"):
        read_randomness(beacon, signature=None, randomness=b"\x5f" * 32, numbers=None)
    genuine = read_randomness(drand(657_413), signature=signature, randomness=None, numbers=None)
    assert genuine.value.hex() == "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"


def test_two_persons_read_the_records_before_a_tie_is_drawn(tied: Any) -> None:
    tied.take(announce(tied))
    version = tied.tender.version
    read, other = (Randomness(b"4.17./", numbers=((4, seen),)) for seen in (17, 71))
    tied.tender, agreed = ties.enter_numbers(tied.tender, "lot-1", read, "olga")
    assert (agreed, tied.tender.version) == (False, version + 1)
    with pytest.raises(NotAllowed, match="numbers-entered"):
        ties.enter_numbers(tied.tender, "lot-1", read, "olga")
    _, agreed = ties.enter_numbers(tied.tender, "lot-1", other, "hugo")
    assert not agreed
    _, agreed = ties.enter_numbers(tied.tender, "lot-1", read, "hugo")
    assert agreed


def test_tie_draw_is_drawn_again_by_anybody_when_it_is_published(tied: Any) -> None:
    tied.take(announce(tied))
    tied.now += NOTICE
    beacon = public_records([BEACON], tied.now)
    randomness = read_randomness(beacon, signature=None, randomness=None, numbers=[[17, 4]])
    tied.take(ties.draw_tie(tied.tender, "lot-1", randomness, at=tied.now, pack=tied.pack))
    (draw,) = tied.tender.tie_draws
    assert draw.closing is not None
    assert draw.draw is not None
    told = drawn(draw.draw).model_dump(mode="json")
    record = {"closings": [fixed(draw.closing).model_dump(mode="json")], "draws": [told]}
    assert all(finding.kept for finding in verify(record))
    told["order"].reverse()
    assert not all(finding.kept for finding in verify(record))


def test_notice_is_shorter_when_a_sandbox_procedure_is_accelerated(tied: Any) -> None:
    tied.tender = replace(tied.tender, acceleration=600)
    with pytest.raises(NotAllowed, match="beacon-too-early"):
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
    assert tied_bids(procedure.tender, "lot-1", procedure.scores, procedure.pack) is None
    assert standing_award(procedure.proposed().tender, "lot-1").supplier.id == "alder"


def test_draw_waits_when_the_beacon_is_a_microsecond_away(tied: Any) -> None:
    tied.take(announce(tied))
    with pytest.raises(NotAllowed) as refusal:
        draw(tied, after=NOTICE - MICROSECOND)
    assert (refusal.value.code, refusal.value.satisfied_by) == (
        "beacon-not-yet",
        "The instant of the beacon.",
    )


@pytest.mark.parametrize("randomness", [b"\0" * 32, b"\xff" * 48, RANDOMNESS])
def test_order_is_the_one_worked_out_by_hand_when_a_tie_is_drawn(tied: Any, randomness: bytes) -> None:
    tied.take(announce(tied))
    tied.now += NOTICE
    tied.take(draw(tied, randomness, after=timedelta(0)))
    expected = by_hand(tied.tender.ocid, "lot-1", randomness, equals(tied))
    event = tied.events[-1]
    assert isinstance(event, TieDrawn)
    told = event.draw
    assert (list(told.order), told.randomness, event.lot) == (expected, randomness.hex(), "lot-1")
    assert (told.selected, told.closing.beacon.name) == ((expected[0],), BEACON)
    award = standing_award(tied.proposed().tender, "lot-1")
    assert award.bid == expected[0]
    assert award.ranking[0].bid == expected[0]
    assert award.ranking[-1].bid == tied.bid("cedar")


def test_every_equal_bid_wins_under_some_beacon_when_ties_are_drawn(tied: Any) -> None:
    tied.take(announce(tied))
    tied.now += NOTICE
    firsts = set()
    for n in range(40):
        after, _ = draw(tied, bytes([n]) * 32, after=timedelta(0))
        firsts.add(after.tie_draws[-1].order[0])
    assert firsts == set(equals(tied))


def test_order_of_two_is_the_same_when_others_are_drawn_with_them(tied: Any) -> None:
    two = [tied.bid("alder"), tied.bid("birch")]
    for n in range(20):
        randomness = Randomness(bytes([n]) * 32)
        orders = []
        for bids in (two, equals(tied)):
            change = named(tied, ties.Tie(tuple(bids), 1), public_records([BEACON], tied.now + NOTICE))
            after, _ = ties.draw_tie(change[0], "lot-1", randomness, at=tied.now + NOTICE, pack=tied.pack)
            orders.append([bid for bid in after.tie_draws[-1].order if bid in two])
        assert orders[0] == orders[1]


def test_order_is_another_lots_own_and_another_draws_own_when_the_same_beacon_draws_for_both(tied: Any) -> None:
    two, three = equals(tied)[:2], equals(tied)
    beacon = public_records([BEACON], tied.now + NOTICE)
    tied.take(named(tied, ties.Tie(tuple(two), 1), beacon))
    tied.take(draw(tied))
    tied.take(named(tied, ties.Tie(tuple(three), 1), beacon))
    tied.take(draw(tied))
    first, second = (done.draw for done in tied.tender.tie_draws)
    assert [done.closing.iteration for done in (first, second)] == [1, 2]
    assert first.closing.commitment == second.closing.commitment
    assert list(second.order) == by_hand(tied.tender.ocid, "lot-1", RANDOMNESS, three, 2)
    lots = {by: selection.open_secret(f"ocds-1/{by}") for by in ("north", "south")}
    assert lots["north"] != lots["south"]
    assert lots["north"] == hashlib.sha256(b"ocds-1/north").digest()


def test_draw_is_refused_when_none_was_announced_or_it_was_drawn(tied: Any) -> None:
    with pytest.raises(NotFound, match="tie-draw-unknown"):
        draw(tied)
    tied.take(announce(tied))
    tied.take(draw(tied))
    with pytest.raises(NotFound, match="tie-draw-unknown"):
        draw(tied, b"\0" * 32)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_nothing_is_announced_or_drawn_when_it_is_not_time(tied: Any, status: Status) -> None:
    tied.take(announce(tied))
    tender = replace(tied.tender, status=status)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        ties.announce(tender, "lot-1", ties.Tie((), 1), drand(1), at=tied.now, pack=tied.pack)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        ties.draw_tie(tender, "lot-1", Randomness(RANDOMNESS), at=tied.now + NOTICE, pack=tied.pack)


def place(name: str, quality: int = 50, price: int = 100, rank: int = 1) -> RankedBid:
    return RankedBid(
        bid=UUID(int=ord(name)),
        bidder=Party(name, name),
        rank=rank,
        price=money(Decimal(price), "EUR"),
        price_points=Decimal(30),
        quality_points={"quality": Decimal(quality)},
        total=Decimal(80),
    )


def resolved(
    *ranking: RankedBid, pack: RulePack, draws: tuple[TieDraw, ...] = (), places: int = 1, words: Any = None
) -> str:
    """Return the names of the bids in their final order."""
    pack = pack if words is None else tie_broken_by(pack, words)
    quality = {item.bid: Fraction(item.quality_points["quality"]) for item in ranking}
    return "".join(chr(item.bid.int) for item in ties.resolve(ranking, quality, draws, pack, places=places))


def tie_broken_by(pack: RulePack, words: list[str]) -> RulePack:
    return replace(pack, rules={**pack.rules, "tie-break": replace(pack.rule("tie-break"), value=words)})


def drawn_as(order: str) -> TieDraw:
    bids = tuple(UUID(int=ord(name)) for name in order)
    return TieDraw("lot-1", tuple(sorted(bids, key=str)), order=bids)


def test_technical_rank_decides_before_a_draw_when_the_pack_says_so(cn: RulePack) -> None:
    # Equal in total and in price as bid; a deduction for small enterprises makes the price points differ.
    assert resolved(place("a", 48), place("b", 52), place("c", 50), pack=cn) == "bca"


def test_technical_rank_decides_nothing_when_the_pack_does_not_know_it(pack: RulePack) -> None:
    with pytest.raises(NotAllowed, match="tie-unresolved"):
        resolved(place("a", 48), place("b", 52), pack=pack)


def test_draw_decides_when_the_technical_rank_is_equal_too(cn: RulePack) -> None:
    with pytest.raises(NotAllowed) as refusal:
        resolved(place("a"), place("b"), pack=cn)
    assert refusal.value.reference == RuleReference("tie-break", "Ministry of Finance Order 87, arts. 57, 68")
    assert resolved(place("a"), place("b"), pack=cn, draws=(drawn_as("ba"),)) == "ba"


def test_lower_price_goes_first_only_where_the_pack_says_so(pack: RulePack) -> None:
    dear, cheap = place("a", 60, 110), place("b", 40, 100)
    assert resolved(dear, cheap, pack=pack) == "ba"
    assert resolved(dear, cheap, pack=pack, words=["technical-rank", "lower-price", "draw"]) == "ab"
    with pytest.raises(NotAllowed, match="tie-unresolved"):
        resolved(dear, cheap, pack=pack, words=["draw"])
    assert resolved(dear, cheap, pack=pack, words=["draw"], draws=(drawn_as("ab"),)) == "ab"


def test_draw_of_others_or_one_that_waits_for_its_beacon_decides_nothing_when_a_tie_is_resolved(
    pack: RulePack,
) -> None:
    waiting = replace(drawn_as("ab"), order=())
    for draws in ((waiting,), (drawn_as("ac"),)):
        with pytest.raises(NotAllowed, match="tie-unresolved"):
            resolved(place("a"), place("b"), pack=pack, draws=draws)


def test_tie_is_refused_only_when_some_of_it_have_a_place_and_some_have_none(pack: RulePack) -> None:
    # A is alone in front; b, c and d are equal; e is alone behind.
    ranking = (place("a"), *(place(name, rank=2) for name in "bcd"), place("e", rank=5))
    for places in (1, 4, 5, 9):
        assert resolved(*ranking, pack=pack, places=places) == "abcde"
    quality: dict[UUID, Fraction] = {}
    for places, left in ((2, 1), (3, 2)):
        with pytest.raises(NotAllowed, match="tie-unresolved"):
            resolved(*ranking, pack=pack, places=places)
        assert ties.find(ranking, quality, pack, places=places) == ties.Tie(
            tuple(UUID(int=ord(name)) for name in "bcd"), left
        )
        assert resolved(*ranking, pack=pack, places=places, draws=(drawn_as("dbc"),)) == "adbce"
    assert ties.find(ranking, quality, pack, places=4) is None


def test_every_tie_among_those_with_a_place_is_drawn_when_their_order_is_acted_on(pack: RulePack) -> None:
    # A and b are equal in front, c, d and e behind them; nobody asks who of those without a place comes first.
    ranking = (*map(place, "ab"), *(place(name, rank=3) for name in "cde"), *(place(name, rank=6) for name in "fg"))
    quality: dict[UUID, Fraction] = {}

    def tie(draws: tuple[TieDraw, ...], places: int) -> tuple[str, int] | None:
        found = ties.find(ranking, quality, pack, draws=draws, places=places, in_order=True)
        return found and ("".join(chr(bid.int) for bid in found.bids), found.places)

    assert tie((), 2) == tie((), 4) == ("ab", 2)
    assert (tie((drawn_as("ba"),), 4), tie((drawn_as("ba"),), 5)) == (("cde", 2), ("cde", 3))
    # Whoever asks once more is told that it was drawn, and not that there is no tie.
    assert tie((drawn_as("ba"), drawn_as("dec")), 5) == ("ab", 2)
    for draws in ((), (drawn_as("ba"),), (drawn_as("dec"),)):
        with pytest.raises(NotAllowed, match="tie-unresolved"):
            ties.resolve(ranking, quality, draws, pack, places=5, in_order=True)
    order = ties.resolve(ranking, quality, (drawn_as("ba"), drawn_as("dec")), pack, places=5, in_order=True)
    assert "".join(chr(item.bid.int) for item in order) == "badecfg"
