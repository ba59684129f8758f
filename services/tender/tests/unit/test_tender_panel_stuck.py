"""What lets a panel go on: other experts for places left, seats of the silent, a round that was not finished."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.beacon import public_records
from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.rules.pack import RulePack, load_pack, pack_document, read_pack
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.panel import Panel, accept, refuse, release_seat
from tender.domain.panel_appointment import appoint, appoint_again
from tender.domain.panel_draw import Composition, close_pool
from tender.domain.panel_obstacles import Candidates
from tender.domain.panel_parts import Agreed, MemberScore, PanelStatus, Seat, SeatStatus
from tender.domain.panel_scores import agree, open_round
from tender.domain.parts import AwardCriterion, Level, Status
from tender.domain.tender import Tender
from tender.messaging.publish import published

LABELS = [UUID(int=100 + number) for number in range(6)]
POOL = Candidates(
    {
        label: Expert(
            label,
            2,
            f"expert-{number}",
            "",
            "institute",
            ("elder-care",),
            (),
            "olga",
            datetime(2026, 3, 5, tzinfo=UTC),
            ExpertStatus.ADMITTED,
        )
        for number, label in enumerate(LABELS)
    },
    {},
)
THREE = Composition(3, 0)


@pytest.fixture(scope="module")
def free() -> RulePack:
    """The model pack without its draw."""
    document = pack_document("model")
    del document["rules"]["committee.drawn-at-random"]
    return read_pack(document)


@pytest.fixture
def evaluation(active: Tender, noon: datetime) -> Tender:
    return replace(active, status=Status.EVALUATION, due_at=noon + timedelta(days=14))


def appointed(tender: Tender, pack: RulePack, at: datetime) -> Panel:
    panel, _ = appoint(
        tender, THREE, LABELS[:3], "Experience.", identifier=UUID(int=1), at=at, pack=pack, candidates=POOL
    )
    return panel


def seated(tender: Tender, at: datetime, **changes: Any) -> Panel:
    seats = tuple(
        Seat(label, "expert", f"expert-{number}", "", "institute", SeatStatus.ACCEPTED, ties=())
        for number, label in enumerate(LABELS[:3])
    )
    panel = Panel(
        UUID(int=1), 5, tender.ocid, tender.id, 3, 0, None, PanelStatus.SEATED, at, seats=seats, chair=LABELS[0]
    )
    return replace(panel, **changes)


def test_other_experts_are_appointed_when_one_refuses(evaluation: Tender, free: RulePack, noon: datetime) -> None:
    now: dict[str, Any] = {"at": noon, "pack": free, "candidates": POOL}
    left, _ = refuse(appointed(evaluation, free, noon), "expert-1", "No time.", tender=evaluation, **now)
    assert left.places_left == 1
    after, (event,) = appoint_again(left, evaluation, THREE, LABELS[3:4], "Experience too.", **now)
    assert (event.version, event.members, event.reason) == (left.version + 1, (LABELS[3],), "Experience too.")
    assert (after.places_left, after.status, after.seats[-1].status) == (0, PanelStatus.FORMING, SeatStatus.INVITED)
    refusals = [
        (left, Composition(5, 0), LABELS[3:4], "composition-differs"),
        (left, THREE, LABELS[1:2], "seat-taken"),
        (left, THREE, LABELS[3:5], "experts-differ-from-places"),
        (after, THREE, LABELS[4:5], "panel-places-filled"),
        (seated(evaluation, noon), THREE, LABELS[4:5], "panel-not-pool-closed"),
    ]
    for panel, composition, labels, code in refusals:
        with pytest.raises(DomainError) as problem:
            appoint_again(panel, evaluation, composition, labels, "Why not.", **now)
        assert problem.value.code == code


def test_drawn_panel_takes_nobody_by_name_when_a_place_is_left(
    active: Tender, pack: RulePack, free: RulePack, noon: datetime
) -> None:
    beacon = public_records(["Lottery"], noon + timedelta(minutes=10))
    drawn, _ = close_pool(
        active, THREE, LABELS, beacon, identifier=UUID(int=1), commitment="0" * 64, at=noon, pack=pack
    )
    with pytest.raises(NotAllowed, match="panel-known"):
        appoint_again(drawn, active, THREE, LABELS[:3], "Friends.", at=noon, pack=free, candidates=POOL)


def test_seat_is_released_when_somebody_never_answers(evaluation: Tender, free: RulePack, noon: datetime) -> None:
    panel = accept(
        appointed(evaluation, free, noon), "expert-0", at=noon, tender=evaluation, pack=free, candidates=POOL
    )
    assert panel.due_at is not None
    act: dict[str, Any] = {"tender": evaluation, "pack": free, "candidates": POOL}
    for label, at, code in (
        (LABELS[1], panel.due_at - timedelta(seconds=1), "seat-term-running"),
        (LABELS[0], panel.due_at, "seat-not-silent"),
        (LABELS[5], panel.due_at, "seat-unknown"),
    ):
        with pytest.raises((NotAllowed, Invalid)) as problem:
            release_seat(panel, label, "Silent.", (), at=at, **act)
        assert problem.value.code == code
        expected = None if code == "seat-unknown" else {LABELS[0]: "scoring", LABELS[1]: "committee.acceptance"}[label]
        assert getattr(problem.value.reference, "rule", None) == expected
    after, (event,) = release_seat(panel, LABELS[1], "Silent.", (), at=panel.due_at, **act)
    assert [seat.status for seat in after.seats] == ["accepted", "released", "invited"]
    assert after.places_left == 1
    told: Any = published(event)
    assert (told.left, told.because, told.reason) == (LABELS[1], "silent", "Silent.")
    assert (told.rule, told.source) == ("committee.acceptance", "Coxswain model pack")


@pytest.mark.parametrize(
    ("ties", "scored", "silent"), [(None, True, True), ((), False, True), ((), True, False), (None, False, True)]
)
def test_seat_is_released_when_a_member_never_declares_or_scores(
    evaluation: Tender, free: RulePack, noon: datetime, *, ties: Any, scored: bool, silent: bool
) -> None:
    panel = seated(evaluation, noon)
    panel = replace(panel, seats=(replace(panel.seats[0], ties=ties), *panel.seats[1:]))
    act: dict[str, Any] = {"tender": evaluation, "pack": free, "candidates": POOL, "at": noon}
    if not silent:
        with pytest.raises(NotAllowed, match="seat-not-silent"):
            release_seat(panel, LABELS[0], "Silent.", ["expert-0"], **act)
        return
    after, (event,) = release_seat(panel, LABELS[0], "Silent.", ["expert-0"] if scored else [], **act)
    assert event.substitution.rule == "scoring"
    assert (after.chair, after.status, after.places_left) == (None, PanelStatus.FORMING, 1)
    # Whoever takes the place when the term to score is over still has time.
    late = noon + timedelta(days=20)
    filled, _ = appoint_again(after, evaluation, THREE, LABELS[3:4], "Experience.", at=late, pack=free, candidates=POOL)
    complete = accept(filled, "expert-3", at=late, tender=evaluation, pack=free, candidates=POOL)
    assert complete.status is PanelStatus.SEATED
    assert complete.due_at is not None
    assert complete.due_at > late
    with pytest.raises(NotAllowed, match="seat-term-running"):
        release_seat(complete, LABELS[3], "Silent.", (), **(act | {"at": late}))


def test_pool_has_enough_experts_and_not_too_many(active: Tender, pack: RulePack, noon: datetime) -> None:
    beacon = public_records(["Lottery"], noon + timedelta(minutes=10))
    fixed: dict[str, Any] = {"identifier": UUID(int=1), "commitment": "0" * 64, "at": noon, "pack": pack}
    for size, code, rule in ((2, "pool-too-small", "committee.expert-admitted"), (2_001, "pool-too-large", None)):
        pool = [UUID(int=number) for number in range(size)]
        with pytest.raises(NotAllowed, match=code) as problem:
            close_pool(active, THREE, pool, beacon, **fixed)
        assert getattr(problem.value.reference, "rule", None) == rule


@pytest.mark.parametrize("status", [PanelStatus.SEATED, PanelStatus.REVEALED, PanelStatus.LOCKED])
def test_panel_scores_anew_at_once_when_the_procedure_was_sent_back(
    evaluation: Tender, pack: RulePack, noon: datetime, status: PanelStatus
) -> None:
    panel = seated(evaluation, noon, status=status, scores=(MemberScore(LABELS[0], UUID(int=9), "q", Decimal(1)),))
    with pytest.raises(NotAllowed, match="round-not-ordered"):
        open_round(panel, evaluation, "Again.", at=noon, pack=pack)
    again, (event,) = open_round(panel, replace(evaluation, round=2), "Again.", at=noon, pack=pack)
    assert (again.status, again.round, again.scores, event.round) == (PanelStatus.SEATED, 2, (), 2)


def test_panel_begins_in_the_round_of_its_procedure(
    active: Tender, pack: RulePack, free: RulePack, noon: datetime
) -> None:
    second = replace(active, round=2)
    beacon = public_records(["Lottery"], noon + timedelta(minutes=10))
    drawn, _ = close_pool(
        second, THREE, LABELS, beacon, identifier=UUID(int=1), commitment="0" * 64, at=noon, pack=pack
    )
    assert (drawn.round, appointed(second, free, noon).round) == (2, 2)


def test_team_of_a_consultation_has_three_members_when_the_pack_is_chinas(active: Tender, noon: datetime) -> None:
    cn = load_pack("cn-services")
    procurement = replace(active.content.procurement, method="competitive-consultation")
    tender = replace(active, content=replace(active.content, procurement=procurement), pack=cn.id)
    act: dict[str, Any] = {"identifier": UUID(int=1), "at": noon, "pack": cn, "candidates": POOL}
    with pytest.raises(NotAllowed) as problem:
        appoint(tender, Composition(1, 0), LABELS[:1], "Alone.", **act)
    assert problem.value.code == "panel-composition"
    assert problem.value.reference is not None
    assert problem.value.reference.rule == "method.competitive-consultation.minimum-members"
    assert appoint(tender, THREE, LABELS[:3], "Three.", **act)[0].experts == 3


def test_agreed_score_is_of_a_level_when_its_criterion_has_levels(
    evaluation: Tender, pack: RulePack, noon: datetime
) -> None:
    bid = UUID(int=9)
    levels = tuple(Level(title, Decimal(points), None) for title, points in (("Poor", 0), ("Good", 100)))
    graded = AwardCriterion("graded", "Graded", "quality", Decimal(70), levels)
    tender = replace(evaluation, content=replace(evaluation.content, criteria=(graded,)))
    scores = tuple(
        MemberScore(label, bid, "graded", Decimal(value)) for label, value in zip(LABELS[:2], (0, 100), strict=True)
    )
    panel = seated(tender, noon, status=PanelStatus.REVEALED, scores=scores)
    for value, refused in (("75", True), ("100", False), ("50", False)):
        # 50 is the mean, and no change of it.
        one = Agreed(bid, "graded", Decimal(value), None, "We looked again.")
        if refused:
            with pytest.raises(Invalid, match="score-between-levels"):
                agree(panel, "expert-0", [one], at=noon, tender=tender, pack=pack)
        else:
            assert agree(panel, "expert-0", [one], at=noon, tender=tender, pack=pack).agreed == (one,)
