"""The largest ranking there is goes all the way: scores, final scores and award, each in events that the log takes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from shared.contracts.award import Proposed, RankingContinued
from shared.contracts.event import MOST_BYTES, EventData
from shared.contracts.framework import FrameworkProposed
from shared.contracts.panel import ScoresLocked, ScoresRevealed
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from shared.testing.course import SALT
from tender.domain.award import Score, ScoreSheet, propose_award
from tender.domain.framework_award import propose_framework
from tender.domain.panel import Panel
from tender.domain.panel_parts import Agreed, PanelStatus, Seat, SeatStatus, Signature
from tender.domain.panel_scores import final_scores, lock, reveal
from tender.domain.parts import (
    AwardCriterion,
    FrameworkTerms,
    LotProgress,
    OpenedBid,
    Party,
    Status,
)
from tender.domain.portions import portions
from tender.domain.tender import Tender
from tender.messaging.publish import published

BIDS, CRITERIA = 500, 40
LONGEST = "q" * 80


@pytest.fixture(scope="module")
def largest(active: Tender, noon: datetime) -> Tender:
    """A tender of one lot with every bid opened, its criteria named as long as they may be."""
    quality = [AwardCriterion(f"{n:02}{LONGEST}"[:80], "Quality", "quality", Decimal(2)) for n in range(CRITERIA - 1)]
    price = AwardCriterion("price", "Price", "price", Decimal(100 - 2 * len(quality)))
    bids = tuple(
        OpenedBid(
            UUID(int=number + 1),
            "lot-1",
            Party(f"provider-{number}", "服务" * 100),
            noon,
            "",
            Money(90_000_000 + number * 7_919, "EUR"),
        )
        for number in range(BIDS)
    )
    content = replace(active.content, criteria=(price, *quality))
    return replace(active, status=Status.EVALUATION, content=content, bids=bids, lots=(LotProgress("lot-1"),))


def sheet(tender: Tender, member: int) -> ScoreSheet:
    quality = [item.id for item in tender.content.criteria if item.kind == "quality"]
    return ScoreSheet(
        f"member-{member}",
        tuple(
            Score(bid.bid, of, Decimal((bid.bid.int * 7_919 + place * 104_729 + member) % 1_000_001).scaleb(-4))
            for bid in tender.bids
            for place, of in enumerate(quality)
        ),
    )


def seated(tender: Tender, members: int) -> Panel:
    seats = tuple(
        Seat(UUID(int=900 + n), "expert", f"member-{n}", f"M{n}", "institute", SeatStatus.ACCEPTED, ties=())
        for n in range(members)
    )
    return Panel(
        UUID(int=800),
        5,
        tender.ocid,
        tender.id,
        members,
        0,
        None,
        PanelStatus.SEATED,
        seats=seats,
        chair=seats[0].label,
    )


def told(events: Sequence[DomainEvent], before: int, after: int) -> list[EventData]:
    """Publish events that are numbered one by one, and have room in the log."""
    assert [event.version for event in events] == list(range(before + 1, after + 1))
    found = [published(event) for event in events]
    assert max(len(orjson.dumps(data.model_dump(mode="json"))) for data in found) <= MOST_BYTES
    return found


def test_scores_of_the_largest_tender_are_revealed_and_locked(largest: Tender, pack: RulePack, noon: datetime) -> None:
    panel = seated(largest, 3)
    revealed, events = reveal(
        panel, largest, "member-0", [sheet(largest, member) for member in range(3)], at=noon, pack=pack, salt=SALT
    )
    data = told(events, panel.version, revealed.version)
    parts = [one for one in data if isinstance(one, ScoresRevealed)]
    assert [(one.part, one.parts) for one in parts] == [(n, len(data)) for n in range(1, len(data) + 1)]
    given = [(one.member, one.bid, one.criterion, one.value) for part in parts for one in part.scores]
    assert given == [(one.member, one.bid, one.criterion, one.value) for one in revealed.scores]
    assert len(given) == 3 * BIDS * (CRITERIA - 1)

    agreed = tuple(Agreed(bid.bid, f"00{LONGEST}"[:80], Decimal(1), None, "理由" * 2_500) for bid in largest.bids[:40])
    signed = tuple(Signature(seat.label, "agreed") for seat in revealed.seats)
    before = replace(revealed, agreed=agreed, signatures=signed)
    locked, events_of_lock = lock(before, "member-0", at=noon, tender=largest, pack=pack, salt=SALT)
    parts_of_lock = [
        one for one in told(events_of_lock, before.version, locked.version) if isinstance(one, ScoresLocked)
    ]
    assert sum(len(part.scores) for part in parts_of_lock) == len(final_scores(before)) == BIDS * (CRITERIA - 1)
    assert [one.member for part in parts_of_lock for one in part.signatures] == [seat.label for seat in panel.seats]


@pytest.mark.parametrize("framework", [False, True])
def test_award_of_the_largest_tender_is_proposed(
    largest: Tender, pack: RulePack, noon: datetime, *, framework: bool
) -> None:
    terms = (
        FrameworkTerms(start=noon.date(), end=noon.date(), stage_two="direct", most_suppliers=3) if framework else None
    )
    tender = replace(largest, status=Status.AWARD, content=replace(largest.content, framework=terms))
    propose: Any = propose_framework if framework else propose_award
    proposed, events = propose(tender, "lot-1", sheet(tender, 0).scores, by="olga", at=noon, pack=pack, salt=SALT)
    first, *rest = told(events, tender.version, proposed.version)
    assert isinstance(first, FrameworkProposed if framework else Proposed)
    assert [(one.part, one.parts, one.award) for one in rest if isinstance(one, RankingContinued)] == [
        (n, len(events), getattr(first, "award", None)) for n in range(2, len(events) + 1)
    ]
    whole: Any = (first, *rest)
    ranking = [place.bid for one in whole for place in one.ranking]
    assert ranking == [place.bid for place in (proposed.lots[0].framework or proposed.lots[0].award).ranking]
    steps = [step for one in whole for step in one.derivation]
    assert len(ranking) == BIDS
    assert sum(step["step"] == "quality-points" for step in steps) == BIDS * (CRITERIA - 1)
    assert [step["bid"] for step in steps if step["step"] == "rank"] == [str(bid) for bid in ranking]


def test_ordinary_list_is_told_in_one_event() -> None:
    assert portions([], len) == ((),)
    assert portions(["a", "b"], len) == (("a", "b"),)
    assert portions(["a" * 600_000, "b" * 300_000, "c"], len) == (("a" * 600_000, "b" * 300_000), ("c",))
    # What is alone too large is refused by the log, and not dropped here.
    assert portions(["a" * 2_000_000], len) == (("a" * 2_000_000,),)
