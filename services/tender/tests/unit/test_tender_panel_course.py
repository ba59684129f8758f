"""Any course a panel can take until it is complete: records can be drawn again, and nobody is stuck."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kernel import draw as selection
from shared.kernel.beacon import public_records
from shared.kernel.draw_record import verify
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.panel import Panel, accept, name_chair, refuse, release_seat
from tender.domain.panel_appointment import appoint, appoint_again
from tender.domain.panel_conflicts import declare
from tender.domain.panel_draw import (
    Composition,
    close_pool,
    close_pool_again,
    draw_panel,
    may_draw,
)
from tender.domain.panel_events import MemberReplaced, PanelDrawn, PoolClosed
from tender.domain.panel_obstacles import Candidates
from tender.domain.panel_parts import PanelStatus, SeatStatus, Tie
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.public_draw import read_randomness
from tender.domain.tender import Tender
from tender.messaging.publish import published

ORGANISATIONS = ("institute", "college", "birch", "city", "union")
POOL = st.lists(st.sampled_from(ORGANISATIONS), min_size=3, max_size=12)
SECRET = b"a secret for any course"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    tender: Tender
    pack: RulePack
    appointing: RulePack
    noon: datetime


class Course(RuleBasedStateMachine):
    """Lets experts accept, refuse and declare in any order, and draws anew when nobody is left."""

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        bid = OpenedBid(UUID(int=50), "lot-1", Party("birch", "Birch"), beginning.noon, "", Money(1, "EUR"))
        self.tender = replace(beginning.tender, status=Status.EVALUATION, bids=(bid,))
        self.pack, self.appointing, self.now = beginning.pack, beginning.appointing, beginning.noon
        self.record: dict[str, list[Any]] = {"closings": [], "draws": [], "substitutions": []}

    @initialize(organisations=POOL, drawn=st.booleans())
    def begin(self, organisations: list[str], drawn: bool) -> None:
        self.experts = {UUID(int=1000 + number): person(number, where) for number, where in enumerate(organisations)}
        free = self.free_experts(())
        if len(free) >= 3 and not drawn:
            self.panel, events = appoint(
                self.tender,
                Composition(3, 0),
                free[:3],
                "Nobody else knows it.",
                identifier=UUID(int=1),
                at=self.now,
                pack=self.appointing,
                candidates=Candidates(self.experts, {}),
            )
            return
        self.panel, events = close_pool(
            self.tender,
            Composition(3, 0),
            sorted(self.experts, key=str),
            public_records(["Lottery"], self.now + timedelta(minutes=10)),
            identifier=UUID(int=1),
            commitment=selection.commitment(SECRET, selection.CODES).hex(),
            at=self.now,
            pack=self.pack,
        )
        self.tell(events)

    @rule(numbers=st.lists(st.integers(0, 99), min_size=1, max_size=3))
    def draw(self, numbers: list[int]) -> None:
        self.now += timedelta(minutes=10)
        if self.panel.status is not PanelStatus.POOL_CLOSED:
            self.refused(
                "panel-not-pool-closed", lambda: may_draw(self.panel, self.tender, at=self.now, pack=self.pack)
            )
            return
        closing = may_draw(self.panel, self.tender, at=self.now, pack=self.pack)
        randomness = read_randomness(closing.beacon, signature=None, randomness=None, numbers=[numbers])
        code = selection.reveal(SECRET, selection.CODES, closing.iteration)
        self.go(
            *draw_panel(
                self.panel,
                self.tender,
                randomness,
                code,
                at=self.now,
                pack=self.pack,
                candidates=Candidates(self.experts, {}),
            )
        )

    @rule(newcomers=st.integers(0, 3))
    def close_again(self, newcomers: int) -> None:
        for _ in range(newcomers):
            known = len(self.experts)
            self.experts[UUID(int=1000 + known)] = person(known, "guild")
        beacon = public_records(["Lottery"], self.now + timedelta(minutes=10))
        try:
            step = close_pool_again(
                self.panel, self.tender, sorted(self.experts), beacon, "Why not.", at=self.now, pack=self.pack
            )
        except DomainError as refusal:
            assert refusal.code in {"panel-not-forming", "panel-places-filled", "pool-too-small"}  # noqa: PT017
        else:
            assert self.panel.places_left > 0
            self.go(*step)

    @rule(newcomers=st.integers(0, 3))
    def appoint_others(self, newcomers: int) -> None:
        for _ in range(newcomers):
            known = len(self.experts)
            self.experts[UUID(int=1000 + known)] = person(known, "guild")
        places = self.panel.places_left
        others = self.free_experts(seat.label for seat in self.panel.seats)[:places]
        try:
            step = appoint_again(
                self.panel,
                self.tender,
                Composition(3, 0),
                others,
                "Somebody has to.",
                at=self.now,
                pack=self.appointing,
                candidates=Candidates(self.experts, {}),
            )
        except DomainError as refusal:
            known_codes = {"panel-known", "panel-not-pool-closed", "panel-places-filled", "experts-differ-from-places"}
            assert refusal.code in known_codes  # noqa: PT017
            # An appointed panel that lacks somebody takes whoever is free.
            assert self.panel.closing is not None or places == 0 or len(others) < places
        else:
            assert places > 0
            self.go(*step)

    @rule(number=st.integers(0, 11), late=st.booleans(), scored=st.booleans())
    def release(self, number: int, late: bool, scored: bool) -> None:
        if late and self.panel.due_at is not None:
            self.now = max(self.now, self.panel.due_at)
        label = self.label(number)
        seat = next((one for one in self.panel.seats if one.label == label and one.held), None)
        try:
            step = release_seat(
                self.panel,
                label,
                "Nothing was heard.",
                [seat.person] if seat and scored else [],
                at=self.now,
                tender=self.tender,
                pack=self.pack,
                candidates=Candidates(self.experts, {}),
            )
        except DomainError as refusal:
            known_codes = {"panel-not-forming", "seat-unknown", "seat-not-silent", "seat-term-running"}
            assert refusal.code in known_codes  # noqa: PT017
            # Whoever never answers does not keep the panel for ever.
            waits = seat is not None and seat.status is SeatStatus.INVITED
            assert not (waits and late and self.panel.status is PanelStatus.FORMING)
        else:
            assert seat is not None
            assert self.panel.due_at is not None
            assert self.panel.due_at <= self.now
            assert step[1][0].substitution.because == "silent"
            self.go(*step)

    @rule(number=st.integers(0, 11), willing=st.booleans())
    def answer(self, number: int, willing: bool) -> None:
        who, fixed = self.person(number), {"at": self.now, "tender": self.tender, "pack": self.pack}
        candidates = Candidates(self.experts, {})
        invited = any(seat.person == who and seat.status is SeatStatus.INVITED for seat in self.panel.seats)
        try:
            if willing:
                self.go(accept(self.panel, who, candidates=candidates, **fixed), ())  # type: ignore[arg-type]
            else:
                self.go(*refuse(self.panel, who, "No time.", candidates=candidates, **fixed))  # type: ignore[arg-type]
            assert invited
        except DomainError as refusal:
            # A closing for places that are still empty keeps the others waiting for the draw.
            assert refusal.code in {"not-on-panel", "seat-taken", "panel-not-forming"}  # noqa: PT017
            assert not invited or self.panel.status is PanelStatus.POOL_CLOSED

    @rule(number=st.integers(0, 11), tied=st.booleans())
    def declare(self, number: int, tied: bool) -> None:
        tie = Tie("birch", "control", years_since=None) if tied else Tie("birch", "none")
        try:
            step = declare(
                self.panel,
                self.person(number),
                [replace(tie, years_since=0) if tied else tie],  # type: ignore[arg-type]
                organisation="institute",
                at=self.now,
                tender=self.tender,
                pack=self.pack,
                candidates=Candidates(self.experts, {}),
            )
        except DomainError as refusal:
            assert refusal.code in {"not-on-panel", "declared", "panel-not-forming"}  # noqa: PT017
        else:
            assert bool(step[1]) == tied
            self.go(*step)

    @rule(number=st.integers(0, 11))
    def chair(self, number: int) -> None:
        try:
            self.go(name_chair(self.panel, self.label(number), tender=self.tender, pack=self.pack), ())
        except DomainError as refusal:
            assert refusal.code in {"chair-not-member", "panel-not-forming"}  # noqa: PT017

    def label(self, number: int) -> UUID:
        """Return whose seat is meant; one of those who have or had a seat, or now and then anybody's."""
        seats = self.panel.seats
        return UUID(int=1000 + number) if number == 11 or not seats else seats[number % len(seats)].label

    def person(self, number: int) -> str:
        return f"expert-{self.label(number).int - 1000}"

    def free_experts(self, taken: Any) -> list[UUID]:
        """Return whom no rule keeps from a panel, and who has no seat in it."""
        gone = set(taken)
        return [
            label
            for label, expert in sorted(self.experts.items())
            if label not in gone and expert.organisation not in {"birch", "city"}
        ]

    def refused(self, code: str, act: Any) -> None:
        try:
            act()
        except DomainError as refusal:
            assert refusal.code == code  # noqa: PT017
        else:
            raise AssertionError(code)

    def go(self, after: Panel, events: Any) -> None:
        assert after.version == self.panel.version + 1
        self.panel = after
        self.tell(events)

    def tell(self, events: Any) -> None:
        for event in events:
            # Nobody draws appointed experts again.
            if self.panel.closing is None:
                continue
            kind = {PoolClosed: "closings", PanelDrawn: "draws", MemberReplaced: "substitutions"}[type(event)]
            self.record[kind].append(published(event).model_dump(mode="json"))

    @invariant()
    def record_is_drawn_again(self) -> None:
        if self.record["draws"]:
            assert [finding for finding in verify(self.record) if not finding.kept] == []

    @invariant()
    def nobody_sits_twice_or_against_a_rule(self) -> None:
        held = [seat for seat in self.panel.seats if seat.held]
        assert len({seat.person for seat in held}) == len(held) <= 3
        assert len({seat.label for seat in self.panel.seats}) == len(self.panel.seats)
        assert {seat.organisation for seat in held}.isdisjoint({"birch", "city"})
        seated = sum(seat.status is SeatStatus.ACCEPTED for seat in held) == 3
        assert seated == (self.panel.status is PanelStatus.SEATED)
        chairs = [seat.label for seat in held if seat.status is SeatStatus.ACCEPTED]
        assert self.panel.chair is None or self.panel.chair in chairs


def person(number: int, organisation: str) -> Expert:
    return Expert(
        id=UUID(int=1000 + number),
        version=2,
        person=f"expert-{number}",
        name=f"Expert {number}",
        organisation=organisation,
        specialities=("elder-care",),
        conflicts=(),
        proposed_by="olga",
        admission_due=datetime.max,  # noqa: DTZ901 - nobody looks at it
        status=ExpertStatus.ADMITTED,
    )


def test_record_can_be_drawn_again_when_steps_come_in_any_order(active: Tender, pack: RulePack, noon: datetime) -> None:
    document = pack_document("model")
    del document["rules"]["committee.drawn-at-random"]
    run_state_machine_as_test(
        lambda: Course(Beginning(active, pack, read_pack(document), noon)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
