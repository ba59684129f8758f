"""What the packs ask of a panel: its make-up, when it is drawn, who is recused, on what ground scores change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.beacon import public_records
from shared.kernel.errors import DomainError, Forbidden, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack, pack_document, read_pack
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.panel import Panel
from tender.domain.panel_appointment import appoint
from tender.domain.panel_conflicts import declare
from tender.domain.panel_draw import Composition, check_composition, close_pool, may_draw
from tender.domain.panel_obstacles import Candidates
from tender.domain.panel_parts import (
    LIFECYCLE,
    Agreed,
    MemberScore,
    PanelStatus,
    Relation,
    Seat,
    SeatStatus,
    Tie,
)
from tender.domain.panel_scores import agree, final_scores, may_score, mean_scores
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.tender import Tender

O87 = "Ministry of Finance Order 87, arts. 45-49"
IR9 = "Implementation Regulation of the Government Procurement Law (2015), art. 9"
BID = UUID(int=50)
MEMBER = UUID(int=71)


@pytest.fixture(scope="session")
def cn() -> RulePack:
    return load_pack("cn-services")


@pytest.fixture
def procedure(active: Tender, noon: datetime) -> Tender:
    """A tender of 9.99 million whose bid is known."""
    bid = OpenedBid(BID, "lot-1", Party("birch", "Birch"), noon, "0" * 64, Money(100, "EUR"))
    content = replace(active.content, value=Money(999_999_999, "EUR"))
    return replace(active, content=content, status=Status.EVALUATION, bids=(bid,))


def worth(tender: Tender, minor: int) -> Tender:
    return replace(tender, content=replace(tender.content, value=Money(minor, "EUR")))


def refusal(problem: pytest.ExceptionInfo[Any]) -> tuple[str, str | None, str | None]:
    error: DomainError = problem.value
    reference = error.reference
    return error.code, reference.rule if reference else None, reference.source if reference else None


# n experts of the members: ceil(2n/3).
@pytest.mark.parametrize(("members", "experts"), [(5, 4), (7, 5), (9, 6)])
def test_two_thirds_are_experts_when_the_pack_is_chinas(
    procedure: Tender, cn: RulePack, members: int, experts: int
) -> None:
    said = {"complex": False, "large_social_impact": False}
    check_composition(procedure, Composition(experts, members - experts, **said), cn, drawn=True)
    with pytest.raises(NotAllowed) as problem:
        check_composition(procedure, Composition(experts - 1, members - experts + 1, **said), cn, drawn=True)
    assert refusal(problem) == ("panel-composition", "committee.expert-share", O87)


@pytest.mark.parametrize(
    ("minor", "complex_", "social", "least"),
    [
        (999_999_999, False, False, 5),
        (1_000_000_000, None, None, 7),
        (999_999_999, True, None, 7),
        (999_999_999, False, True, 7),
    ],
)
def test_large_or_complex_matters_take_seven_when_the_pack_is_chinas(
    procedure: Tender, cn: RulePack, minor: int, complex_: bool | None, social: bool | None, least: int
) -> None:
    tender = worth(procedure, minor)
    check_composition(tender, Composition(least, 0, complex_, social), cn, drawn=True)
    with pytest.raises(NotAllowed) as problem:
        check_composition(tender, Composition(least - 2, 0, complex_, social), cn, drawn=True)
    rule = "committee.minimum-members-large" if least == 7 else "committee.minimum-members"
    assert refusal(problem) == ("panel-composition", rule, O87)


def test_fact_is_asked_for_when_nobody_can_tell_without_it(procedure: Tender, cn: RulePack) -> None:
    with pytest.raises(NotAllowed) as problem:
        check_composition(procedure, Composition(5, 0, complex=False), cn, drawn=True)
    assert refusal(problem) == ("fact-missing", "committee.minimum-members-large", O87)
    assert problem.value.satisfied_by == "procedure.large_social_impact."


@pytest.mark.parametrize("pack_id", ["eu-light", "uk-2023"])
def test_one_expert_is_enough_when_the_pack_has_no_size(procedure: Tender, pack_id: str) -> None:
    check_composition(procedure, Composition(1, 1), load_pack(pack_id), drawn=True)


@pytest.mark.parametrize(("day", "second", "refused"), [(17, 0, True), (19, -1, True), (19, 0, False), (24, 0, False)])
def test_panel_is_drawn_two_working_days_before_the_opening_at_the_earliest_when_the_pack_is_chinas(
    active: Tender, cn: RulePack, day: int, second: int, refused: bool
) -> None:
    # The opening is on Tuesday the 24th of March 2026 in Shanghai; two working days before it is Friday the 20th.
    tender = replace(active, closes_at=datetime(2026, 3, 24, 1, tzinfo=UTC))
    panel = closed(tender, cn, datetime(2026, 3, 10, tzinfo=UTC))
    # The 20th begins in Shanghai at four in the afternoon of the 19th.
    at = datetime(2026, 3, day, 16, tzinfo=UTC) + timedelta(seconds=second)
    if not refused:
        may_draw(panel, tender, at=at, pack=cn)
        return
    with pytest.raises(NotAllowed) as problem:
        may_draw(panel, tender, at=at, pack=cn)
    assert refusal(problem)[:2] == ("drawn-too-early", "committee.draw-before-opening")


def closed(tender: Tender, pack: RulePack, at: datetime) -> Panel:
    composition = Composition(5, 0, complex=False, large_social_impact=False)
    beacon = public_records(["Lottery"], at + timedelta(minutes=10))
    pool = [UUID(int=number) for number in range(100, 107)]
    panel, _ = close_pool(
        worth(tender, 100),
        composition,
        pool,
        beacon,
        identifier=UUID(int=1),
        commitment="0" * 64,
        at=at,
        pack=pack,
    )
    return panel


def test_beacons_lead_is_hastened_when_the_procedure_is_accelerated(active: Tender, pack: RulePack) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    tender = replace(active, acceleration=600)
    pool = [UUID(int=number) for number in range(100, 103)]
    # Ten minutes are a second.
    for early, code in ((timedelta(microseconds=999_999), "beacon-too-early"), (timedelta(seconds=1), None)):
        beacon = public_records(["Lottery"], at + early)
        fixed: dict[str, Any] = {"identifier": UUID(int=1), "commitment": "0" * 64, "at": at, "pack": pack}
        if code is None:
            close_pool(tender, Composition(3, 0), pool, beacon, **fixed)
            continue
        with pytest.raises(NotAllowed) as problem:
            close_pool(tender, Composition(3, 0), pool, beacon, **fixed)
        assert refusal(problem)[:2] == (code, "committee.beacon-lead")


def seated(tender: Tender, at: datetime, *, status: PanelStatus = PanelStatus.SEATED) -> Panel:
    seats = tuple(
        Seat(UUID(int=70 + number), "expert", f"member-{number}", "", "institute", SeatStatus.ACCEPTED)
        for number in range(1, 4)
    )
    return Panel(
        id=UUID(int=1),
        version=5,
        ocid=tender.ocid,
        tender=tender.id,
        experts=3,
        representatives=0,
        closing=None,
        status=status,
        due_at=at,
        seats=seats,
        chair=MEMBER,
    )


RECUSALS: list[tuple[Relation, str | None, int | None, str | None]] = [
    ("employment", "0", None, "committee.recusal-years"),
    ("employment", "3", None, "committee.recusal-years"),
    ("employment", "3.1", None, None),
    ("directorship", "2.5", None, "committee.recusal-years"),
    ("directorship", "10", None, None),
    ("control", "0", None, "committee.recusal-control"),
    ("control", "9", None, "committee.recusal-control"),
    ("shareholding", "0", None, None),
    ("kinship", None, 1, "committee.recusal-kinship"),
    ("kinship", None, 3, "committee.recusal-kinship"),
    ("kinship", None, 4, None),
    ("other", None, None, None),
    ("none", None, None, None),
]


@pytest.mark.parametrize(("relation", "years", "degree", "rule"), RECUSALS)
def test_member_is_recused_by_the_article_when_the_pack_is_chinas(
    procedure: Tender,
    cn: RulePack,
    noon: datetime,
    relation: Relation,
    years: str | None,
    degree: int | None,
    rule: Any,
) -> None:
    after, events = told(procedure, cn, noon, Tie("birch", relation, Decimal(years) if years else None, degree))
    assert (after.seats[0].status is SeatStatus.RECUSED) == (rule is not None) == bool(events)
    assert [(event.substitution.rule, event.substitution.source) for event in events] == ([(rule, IR9)] if rule else [])


@pytest.mark.parametrize(("relation", "years", "degree", "of_china"), RECUSALS)
def test_member_is_recused_only_as_a_bidders_own_when_the_pack_is_the_model(
    procedure: Tender,
    pack: RulePack,
    noon: datetime,
    relation: Relation,
    years: str | None,
    degree: int | None,
    of_china: Any,
) -> None:
    after, events = told(procedure, pack, noon, Tie("birch", relation, Decimal(years) if years else None, degree))
    own = relation in {"employment", "directorship", "control"} and years == "0"
    assert (after.seats[0].status is SeatStatus.RECUSED) == own
    assert [event.substitution.rule for event in events] == (["incompatible.bidder"] if own else [])


def told(tender: Tender, pack: RulePack, at: datetime, tie: Tie, organisation: str = "institute") -> Any:
    return declare(
        seated(tender, at),
        "member-1",
        [tie],
        organisation=organisation,
        at=at,
        tender=tender,
        pack=pack,
        candidates=Candidates({}, {}),
    )


def test_member_is_recused_when_its_token_speaks_for_a_bidder(
    procedure: Tender, pack: RulePack, noon: datetime
) -> None:
    after, (event,) = told(procedure, pack, noon, Tie("birch", "none"), "birch")
    assert (after.seats[0].status, event.substitution.rule) == (SeatStatus.RECUSED, "incompatible.bidder")
    # Nobody was drawn here, so nobody is next.
    assert (event.substitution.substitute, after.status, after.chair) == (None, PanelStatus.FORMING, None)


@pytest.mark.parametrize(
    ("organisation", "writers", "rule"),
    [
        ("institute", (), None),
        ("birch", (), "incompatible.bidder"),
        ("institute", ("olga", "member-1"), "incompatible.specification-writer"),
    ],
)
def test_member_does_not_score_when_it_has_another_part_in_the_procedure(
    procedure: Tender, pack: RulePack, noon: datetime, organisation: str, writers: tuple[str, ...], rule: str | None
) -> None:
    panel = seated(procedure, noon)
    panel = replace(panel, seats=tuple(replace(seat, ties=()) for seat in panel.seats))
    tender = replace(procedure, authors=writers)
    if rule is None:
        may_score(panel, tender, "member-1", organisation, pack)
        return
    with pytest.raises(Forbidden) as problem:
        may_score(panel, tender, "member-1", organisation, pack)
    assert refusal(problem) == ("roles-incompatible", rule, "Coxswain model pack")


@pytest.mark.parametrize(
    ("ground", "refused"),
    [
        ("sum-error", False),
        ("sub-score-out-of-range", False),
        ("objective-score-inconsistent", False),
        ("score-abnormally-high-or-low", False),
        ("second-thoughts", True),
        (None, True),
    ],
)
def test_score_changes_on_the_listed_grounds_alone_when_the_pack_is_chinas(
    procedure: Tender, cn: RulePack, pack: RulePack, noon: datetime, ground: str | None, refused: bool
) -> None:
    scores = tuple(MemberScore(UUID(int=70 + number), BID, "quality", Decimal(80)) for number in range(1, 4))
    panel = replace(seated(procedure, noon, status=PanelStatus.REVEALED), scores=scores)
    changed = [Agreed(BID, "quality", Decimal(70), ground, "We looked again.")]
    if refused:
        with pytest.raises(NotAllowed) as problem:
            agree(panel, "member-1", changed, at=noon, tender=procedure, pack=cn)
        expected = ("score-change-without-ground", "committee.score-changes", "Ministry of Finance Order 87, art. 64")
        assert refusal(problem) == expected
        # What does not differ from the mean is no change.
        same = [replace(changed[0], value=Decimal(80))]
        assert final_scores(agree(panel, "member-1", same, at=noon, tender=procedure, pack=cn))[0].ground is None
    else:
        after = agree(panel, "member-1", changed, at=noon, tender=procedure, pack=cn)
        assert final_scores(after)[0].value == 70
    # A pack without a list takes any reason.
    after = agree(panel, "member-1", changed, at=noon, tender=procedure, pack=pack)
    assert (final_scores(after)[0].mean, final_scores(after)[0].value) == (80, 70)


def test_score_is_the_mean_with_four_decimals_half_up_when_several_members_scored(
    procedure: Tender, noon: datetime
) -> None:
    given = {"a third": ("0", "0", "100"), "a half": ("0.0001", "0.0002"), "one": ("7",)}
    scores = tuple(
        MemberScore(UUID(int=71 + number), BID, criterion, Decimal(value))
        for criterion, values in given.items()
        for number, value in enumerate(values)
    )
    means = mean_scores(replace(seated(procedure, noon), scores=scores))
    assert {criterion: f"{mean}" for (_, criterion), mean in means.items()} == {
        "a third": "33.3333",
        "a half": "0.0002",
        "one": "7.0000",
    }


def expert(number: int, **changes: Any) -> Expert:
    made = Expert(
        id=UUID(int=100 + number),
        version=2,
        person=f"expert-{number}",
        name="",
        organisation="institute",
        specialities=("elder-care",),
        conflicts=(),
        proposed_by="olga",
        admission_due=datetime(2026, 3, 5, tzinfo=UTC),
        status=ExpertStatus.ADMITTED,
    )
    return replace(made, **changes)


def test_experts_are_appointed_when_the_pack_lets_the_head_do_so_or_has_no_draw(
    procedure: Tender, cn: RulePack, pack: RulePack, noon: datetime
) -> None:
    candidates = Candidates({expert(number).id: expert(number) for number in range(5)}, {})
    labels = sorted(candidates.experts)
    composition = Composition(5, 0, complex=False, large_social_impact=False)
    fixed: dict[str, Any] = {"identifier": UUID(int=1), "at": noon, "candidates": candidates}
    panel, (event,) = appoint(procedure, composition, labels, "Nobody else knows it.", pack=cn, **fixed)
    assert (panel.status, event.members) == (PanelStatus.FORMING, tuple(labels))
    with pytest.raises(NotAllowed) as problem:
        appoint(procedure, composition, labels, "We like them.", pack=pack, **fixed)
    assert refusal(problem) == ("panel-composition", "committee.drawn-at-random", "Coxswain model pack")
    document = pack_document("model")
    del document["rules"]["committee.drawn-at-random"]
    free = read_pack(document)
    assert appoint(procedure, composition, labels, "We know them.", pack=free, **fixed)[0].seats == panel.seats
    of_bidder = Candidates(dict(candidates.experts) | {labels[0]: expert(0, organisation="birch")}, {})
    with pytest.raises(NotAllowed) as problem:
        appoint(procedure, composition, labels, "We know them.", pack=free, **fixed | {"candidates": of_bidder})
    assert refusal(problem)[:2] == ("expert-kept-away", "incompatible.bidder")
    for wrong in (labels[:4], [*labels[:4], labels[0]], [*labels[:4], UUID(int=999)]):
        with pytest.raises(DomainError, match=r"experts-differ-from-places|expert-unknown"):
            appoint(procedure, composition, wrong, "We know them.", pack=free, **fixed)


def test_lifecycle_has_no_dead_end_and_names_every_state() -> None:
    assert set(LIFECYCLE.states) == set(PanelStatus)
    assert LIFECYCLE.final == frozenset()
