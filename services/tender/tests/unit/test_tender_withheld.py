"""What is told of a ranking and of scores where the rule pack keeps them from the public, and what proves the rest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import award, panel
from shared.kernel.access import Actor
from shared.kernel.canonical import salted_digest
from shared.kernel.events import DomainEvent
from shared.rules.pack import RulePack, load_pack
from shared.testing.course import SALT
from tender.domain.award import Score, ScoreSheet
from tender.domain.challenge_parties import Case
from tender.domain.events import AwardProposed
from tender.domain.panel import Panel
from tender.domain.panel_disclosure import reads_evaluation, shown_signatures
from tender.domain.panel_parts import PanelStatus, Seat, SeatStatus, Signature
from tender.domain.panel_scores import lock, reveal
from tender.domain.tender import Tender
from tender.domain.withheld import is_public
from tender.messaging.publish import published

# A vector of its own: nobody has a figure of anybody else.
OFFERS = (
    ("lot-1", "alder", "900001.13"),
    ("lot-1", "birch", "1000003.17"),
    ("lot-1", "cedar", "1200007.19"),
)
SCORES = {"alder": "78.1379", "birch": "88.1481", "cedar": "93.1583"}
WINNER = "birch"


@pytest.fixture
def private() -> RulePack:
    """A pack that keeps rankings from the public, and lets who lost know how the winner did."""
    return load_pack("eu-light")


def proposed(walk: Any, pack: RulePack) -> Any:
    return walk(pack).opened(*OFFERS).qualified().scored(SCORES).priced().proposed()


def event_of(walked: Any) -> AwardProposed:
    return next(event for event in walked.events if isinstance(event, AwardProposed))


def text_of(event: DomainEvent) -> str:
    return json.dumps(published(event).model_dump(mode="json"))


def figures(walked: Any, bidder: str) -> Sequence[str]:
    """Return what the bid of a bidder got, and by what."""
    ranking = walked.tender.progress("lot-1").award.ranking
    place = next(place for place in ranking if place.bidder.id == bidder)
    return [str(place.total), str(place.price_points), *map(str, place.quality_points.values()), SCORES[bidder]]


def test_everybody_reads_the_whole_ranking_when_the_pack_says_so(walk: Any, pack: RulePack) -> None:
    walked = proposed(walk, pack)
    event, standing = event_of(walked), walked.tender.progress("lot-1").award
    assert event.ranking == standing.public_ranking == standing.ranking
    assert (event.ranked, event.ranking_digest, event.withheld, standing.ranking_digest) == (3, None, None, None)
    assert all(figure in text_of(event) for bidder in SCORES for figure in figures(walked, bidder))


def test_nobody_reads_what_the_losers_got_when_the_pack_keeps_it(walk: Any, private: RulePack) -> None:
    walked = proposed(walk, private)
    event, standing = event_of(walked), walked.tender.progress("lot-1").award
    told = text_of(event)
    assert [place.bidder.id for place in event.ranking] == [WINNER]
    assert standing.public_ranking == event.ranking
    assert (event.ranked, len(standing.ranking)) == (3, 3)
    assert all(figure in told for figure in figures(walked, WINNER))
    losers = [bidder for bidder in SCORES if bidder != WINNER]
    assert [figure for bidder in losers for figure in figures(walked, bidder) if figure in told] == []
    assert [bidder for bidder in losers if bidder in told or str(walked.bid(bidder)) in told] == []


def test_not_even_the_winners_points_are_public_when_no_loser_is_told_them(walk: Any, cn: RulePack) -> None:
    walked = proposed(walk, cn)
    event = event_of(walked)
    assert (event.supplier.id, event.ranking, event.ranked) == (WINNER, (), 3)
    assert [figure for bidder in SCORES for figure in figures(walked, bidder) if figure in text_of(event)] == []


def test_digest_is_that_of_the_whole_ranking_as_it_would_be_told(walk: Any, pack: RulePack, private: RulePack) -> None:
    event = event_of(proposed(walk, private))
    assert event.withheld is not None
    content = event.withheld.content
    assert event.ranking_digest == salted_digest(SALT, json.loads(json.dumps(content)))
    public = replace(event_of(proposed(walk, pack)), formula=event.formula)
    whole = published(public).model_dump(mode="json")
    assert content["ranking"] == whole["ranking"]
    assert [step for step in content["derivation"] if "bid" in step] == [
        step for step in whole["derivation"] if "bid" in step
    ]
    assert award.Proposed.model_validate({**whole, **content}).ranking


@pytest.mark.parametrize("place", range(3))
def test_digest_is_another_when_one_figure_is(walk: Any, private: RulePack, place: int) -> None:
    event = event_of(proposed(walk, private))
    assert event.withheld is not None
    forged = json.loads(json.dumps(event.withheld.content))
    forged["ranking"][place]["total"] = "99.9999"
    assert salted_digest(SALT, forged) != event.ranking_digest
    assert salted_digest("00" * 32, event.withheld.content) != event.ranking_digest


@given(scores=st.lists(st.integers(0, 1_000_000), min_size=3, max_size=3, unique=True))
def test_no_step_names_a_loser_whatever_the_scores_are(walk: Any, scores: list[int]) -> None:
    values = {name: str(Decimal(score).scaleb(-4)) for name, score in zip(SCORES, scores, strict=True)}
    walked = walk(load_pack("eu-light")).opened(*OFFERS).qualified().scored(values).priced().proposed()
    event = event_of(walked)
    others = {str(walked.bid(bidder)) for bidder in SCORES} - {str(place.bid) for place in event.ranking}
    assert len(others) == 2
    assert not any(other in json.dumps([event.derivation, text_of(event)]) for other in others)


def panel_of(tender: Tender) -> Panel:
    seats = tuple(
        Seat(UUID(int=900 + n), "expert", f"member-{n}", f"M{n}", "institute", SeatStatus.ACCEPTED, ties=())
        for n in range(3)
    )
    status, chair = PanelStatus.SEATED, seats[0].label
    return Panel(UUID(int=800), 5, tender.ocid, tender.id, 3, 0, None, status, seats=seats, chair=chair)


def scored(walked: Any, pack: RulePack) -> tuple[Panel, Sequence[DomainEvent]]:
    """Let a panel reveal, dissent once and lock; return it and its events."""
    walked.scored(SCORES)
    tender = walked.tender
    sheets = [
        ScoreSheet(f"member-{n}", tuple(Score(one.bid, one.criterion, one.value) for one in walked.scores))
        for n in range(3)
    ]
    at = walked.now
    revealed, first = reveal(panel_of(tender), tender, "member-0", sheets, at=at, pack=pack, salt=SALT)
    votes = [Signature(seat.label, "agreed") for seat in revealed.seats[1:]]
    dissent = Signature(revealed.seats[0].label, "dissented", "cedar deserved more than 93.")
    signed = replace(revealed, signatures=(dissent, *votes))
    locked, second = lock(signed, "member-0", at=at, tender=tender, pack=pack, salt="6b" * 32)
    return locked, (*first, *second)


def test_scores_and_arguments_are_told_when_the_pack_makes_them_public(walk: Any, pack: RulePack) -> None:
    locked, events = scored(walk(pack).opened(*OFFERS).qualified(), pack)
    data = [published(event) for event in events]
    assert [(len(one.scores), one.scored, one.scores_digest) for one in data] == [(9, 9, None), (3, 3, None)]  # type: ignore[attr-defined]
    assert "cedar deserved more" in text_of(events[-1])
    assert shown_signatures(locked, reasons=True) == locked.signatures


def test_scores_and_arguments_are_a_digest_when_the_pack_keeps_them(walk: Any, private: RulePack) -> None:
    locked, events = scored(walk(private).opened(*OFFERS).qualified(), private)
    for event, model, count in zip(events, (panel.ScoresRevealed, panel.ScoresLocked), (9, 3), strict=True):
        data = published(event)
        assert isinstance(data, model)
        assert (data.scores, data.scored, data.parts) == ((), count, 1)
        told = text_of(event)
        assert [figure for figure in (*SCORES.values(), "deserved") if figure in told] == []
        withheld: Any = event.withheld  # type: ignore[attr-defined]
        assert data.scores_digest == salted_digest(withheld.salt, withheld.content)
        assert len(withheld.content["scores"]) == count
        assert model.model_validate({**data.model_dump(mode="json"), **withheld.content}).scores
    votes = [one.vote for one in shown_signatures(locked, reasons=False)]
    assert votes == ["dissented", "agreed", "agreed"]
    assert not any(one.reasons for one in shown_signatures(locked, reasons=False))


def test_pack_that_says_nothing_keeps_rankings_public(pack: RulePack) -> None:
    rules: Mapping[str, Any] = {name: rule for name, rule in pack.rules.items() if name != "award.ranking-public"}
    assert is_public(replace(pack, rules=rules))
    assert is_public(pack)
    assert [is_public(load_pack(name)) for name in ("cn-services", "eu-light", "uk-2023")] == [False] * 3


READERS = (
    ("olga", "city", "procurement-officer", True),
    ("olga", "county", "procurement-officer", False),
    ("member-1", "institute", "panel-member", True),
    ("another", "institute", "panel-member", False),
    ("audrey", "audit", "auditor", True),
    ("sven", "supervision", "supervision-coordinator", True),
    ("ines", "inspection", "supervisor", False),
    ("dora", "review-board", "complaint-decider", False),
    ("alder-clerk", "alder", "provider", False),
    ("alder-auditor", "alder", "auditor", False),
)


@pytest.mark.parametrize(("person", "organisation", "role", "reads"), READERS)
def test_only_some_read_the_whole_evaluation(
    walk: Any, private: RulePack, person: str, organisation: str, role: str, *, reads: bool
) -> None:
    tender = walk(private).opened(*OFFERS).tender
    actor = Actor(person, organisation, frozenset({role}))
    assert reads_evaluation(Case(tender, panel_of(tender)), (), actor) is reads
