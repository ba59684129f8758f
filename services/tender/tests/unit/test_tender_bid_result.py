"""What a bidder is told of its own bid, by what its pack says of the others'."""

from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.pack import RulePack
from tender.domain.bid_result import result_of

OFFERS = (
    ("lot-1", "alder", "900000"),
    ("lot-1", "birch", "1000000"),
    ("lot-1", "cedar", "1200000"),
    ("lot-1", "dogwood", "800000"),
)
SCORES = {"alder": "78", "birch": "88", "cedar": "93"}


@pytest.fixture
def walked(walk: Any) -> Any:
    """The worked vector F1b, with a bid beside it that did not qualify."""
    return walk().opened(*OFFERS).qualified("dogwood").scored(SCORES).priced()


def test_loser_is_told_its_own_place_and_the_winners_points_when_the_pack_says_so(walked: Any, pack: RulePack) -> None:
    tender = walked.proposed().tender
    award = tender.progress("lot-1").award
    told = result_of(tender, walked.bid("cedar"), pack)
    assert (told.won, told.place, told.ranked) == (False, award.ranking[1], 3)
    assert (told.leading, [party.id for party in told.suppliers]) == (award.ranking[0], ["birch"])
    assert (told.award, told.standstill_ends_at) == (award.id, award.standstill_ends_at)
    assert told.rule_of_standstill == pack.reference("standstill")
    winner = result_of(tender, walked.bid("birch"), pack)
    assert (winner.won, winner.place, winner.leading) == (True, award.ranking[0], None)


def test_loser_is_told_its_own_place_alone_when_the_pack_says_no_more(walk: Any, cn: RulePack) -> None:
    walked = walk(cn).opened(*OFFERS).qualified("dogwood").scored(SCORES).priced().proposed()
    told = result_of(walked.tender, walked.bid("alder"), cn)
    assert told.place is not None
    assert (told.won, told.leading, told.ranked) == (False, None, 3)
    assert told.rule_of_standstill == RuleReference("result-notice", "Ministry of Finance Order 87, art. 69")


def test_bidder_is_told_why_when_its_bid_does_not_count(walked: Any, pack: RulePack) -> None:
    told = result_of(walked.proposed().tender, walked.bid("dogwood"), pack)
    assert (told.won, told.place, told.reason) == (False, None, "No licence.")


def test_result_is_open_when_no_award_is_proposed_yet(walk: Any, walked: Any, pack: RulePack) -> None:
    for tender in (walk().tender, walked.tender):
        with pytest.raises(NotAllowed, match="result-open"):
            result_of(tender, UUID(int=0xB1D0), pack)
