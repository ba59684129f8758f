"""Any course of the pool of experts beside a panel drawn from it: two persons, and nobody seated who has left it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kernel import draw as selection
from shared.kernel.beacon import public_records
from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.expert import Expert, eligible, propose_expert
from tender.domain.panel import Panel, accept, refuse, release_seat
from tender.domain.panel_conflicts import declare
from tender.domain.panel_draw import Composition, close_pool, close_pool_again, draw_panel, may_draw
from tender.domain.panel_obstacles import Candidates
from tender.domain.panel_parts import SeatStatus, Tie
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.public_draw import read_randomness
from tender.domain.tender import Tender

SECRET = b"a secret for any course"
# Written by hand, beside the lifecycle: where each act leads from each state.
WAYS: Mapping[str, Mapping[str, str]] = {
    "proposed": {"admit": "admitted", "retire": "retired"},
    "admitted": {"retire": "retired"},
    "retired": {},
}
STAFF = ("olga", "hugo", "hedda")
ORGANISATIONS = ("institute", "college", "guild", "birch", "city")
# The purchaser, and the one who bids.
TIED = {"city", "birch"}
SERVICES = ("elder-care", "elder-care.home", "youth")
NUMBERS = st.integers(0, 8)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    tender: Tender
    pack: RulePack
    noon: datetime


class Course(RuleBasedStateMachine):
    """Lets experts come and go while a panel is drawn, accepts and declares, and notes who may sit."""

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        bid = OpenedBid(UUID(int=50), "lot-1", Party("birch", "Birch"), beginning.noon, "", Money(1, "EUR"))
        self.tender = replace(beginning.tender, status=Status.EVALUATION, bids=(bid,))
        self.pack, self.now = beginning.pack, beginning.noon
        self.experts: dict[UUID, Expert] = {}
        self.admitted_by: dict[UUID, str] = {}
        self.panel: Panel | None = None

    @initialize(many=st.integers(0, 6))
    def fill(self, many: int) -> None:
        """Let there be somebody to draw."""
        for _ in range(many):
            self.propose("olga", "institute", (), "elder-care")
            self.admit(len(self.experts) - 1, "hugo")

    def candidates(self) -> Candidates:
        return Candidates(self.experts, {})

    def label(self, number: int) -> UUID:
        """Return whose place is meant: somebody's who has a seat, or now and then anybody's."""
        seats = self.panel.seats if self.panel else ()
        return seats[number].label if number < len(seats) else UUID(int=1000 + number)

    def may_sit(self, expert: Expert) -> bool:
        own = {expert.organisation, *expert.conflicts}
        return expert.status == "admitted" and own.isdisjoint(TIED)

    def move(self, number: int, action: str, step: Callable[[Expert], Expert], *, admitted: bool = True) -> bool:
        """Ask for an act that the state, or who asks, refuses or lets through."""
        before = self.experts.get(UUID(int=1000 + number))
        if before is None:
            return False
        if action not in WAYS[before.status] or not admitted:
            with pytest.raises(DomainError):
                step(before)
            return False
        after = step(before)
        assert (str(after.status), after.version) == (WAYS[before.status][action], before.version + 1)
        self.experts[before.id] = after
        return True

    @rule(
        by=st.sampled_from(STAFF),
        organisation=st.sampled_from(ORGANISATIONS),
        conflicts=st.sampled_from([(), (), ("city",), ("birch",), ("guild",)]),
        service=st.sampled_from(SERVICES),
    )
    def propose(self, by: str, organisation: str, conflicts: tuple[str, ...], service: str) -> None:
        number = len(self.experts)
        if number == 9:
            return
        expert = propose_expert(
            identifier=UUID(int=1000 + number),
            person=f"expert-{number}",
            name=f"Expert {number}",
            organisation=organisation,
            specialities=(service,),
            conflicts=conflicts,
            by=by,
            office="city",
            admission_due=self.now,
        )
        self.experts[expert.id] = expert

    @rule(number=NUMBERS, by=st.sampled_from([*STAFF, "expert-0", "expert-1"]))
    def admit(self, number: int, by: str) -> None:
        expert = self.experts.get(UUID(int=1000 + number))
        second = expert is not None and by not in {expert.proposed_by, expert.person}
        if self.move(number, "admit", lambda one: one.admit(by=by, pack=self.pack), admitted=second):
            self.admitted_by[UUID(int=1000 + number)] = by

    @rule(number=NUMBERS)
    def suspend(self, number: int) -> None:
        label = self.label(number)
        self.move(label.int - 1000, "retire", lambda one: one.retire("Moved away.", by="hugo"))

    @rule()
    def close_the_pool(self) -> None:
        pool = [expert.id for expert in eligible(tuple(self.experts.values()), self.tender.service.code)]
        assert {self.experts[label].status for label in pool} <= {"admitted"}
        assert all(self.experts[label].specialities[0] != "youth" for label in pool)
        beacon = public_records(["Lottery"], self.now + timedelta(minutes=10))
        fixed: dict[str, Any] = {"at": self.now, "pack": self.pack}
        try:
            if self.panel is None:
                commitment = selection.commitment(SECRET, selection.CODES).hex()
                self.panel, _ = close_pool(
                    self.tender,
                    Composition(3, 0),
                    pool,
                    beacon,
                    identifier=UUID(int=1),
                    commitment=commitment,
                    **fixed,
                )
            else:
                self.panel, _ = close_pool_again(self.panel, self.tender, pool, beacon, "Others.", **fixed)
        except NotAllowed as refusal:
            assert refusal.code in {"pool-too-small", "panel-not-forming", "panel-places-filled"}  # noqa: PT017
            assert self.panel is not None or len(pool) < 3

    @rule(numbers=st.lists(st.integers(0, 99), min_size=1, max_size=2))
    def draw(self, numbers: list[int]) -> None:
        if self.panel is None or self.panel.status != "pool-closed":
            return
        self.now += timedelta(minutes=10)
        closing = may_draw(self.panel, self.tender, at=self.now, pack=self.pack)
        randomness = read_randomness(closing.beacon, signature=None, randomness=None, numbers=[numbers])
        code = selection.reveal(SECRET, selection.CODES, closing.iteration)
        before = self.panel
        self.panel, _ = draw_panel(
            before, self.tender, randomness, code, at=self.now, pack=self.pack, candidates=self.candidates()
        )
        self.expect_offered(before)

    def expect_offered(self, before: Panel) -> None:
        """See that every seat that is new went to somebody who may sit by now."""
        assert self.panel is not None
        known = {seat.label for seat in before.seats}
        assert all(self.may_sit(self.experts[seat.label]) for seat in self.panel.seats if seat.label not in known)

    @rule(number=NUMBERS, willing=st.sampled_from([True, True, True, False]))
    def answer(self, number: int, willing: bool) -> None:
        if self.panel is None:
            return
        before, label = self.panel, self.label(number)
        seat = next((one for one in before.seats if one.label == label), None)
        waits = before.status == "forming" and seat is not None and seat.status is SeatStatus.INVITED
        fixed: dict[str, Any] = {
            "at": self.now,
            "tender": self.tender,
            "pack": self.pack,
            "candidates": self.candidates(),
        }
        person = f"expert-{label.int - 1000}"
        if not waits or (willing and not self.may_sit(self.experts[label])):
            with pytest.raises(DomainError) as problem:
                accept(before, person, **fixed)
            if waits:
                assert problem.value.code == "expert-kept-away"
                assert problem.value.reference == self.pack.reference("committee.expert-admitted")
        elif willing:
            self.panel = accept(before, person, **fixed)
        else:
            self.panel, _ = refuse(before, person, "No time.", **fixed)
            self.expect_offered(before)

    @rule(number=NUMBERS)
    def release(self, number: int) -> None:
        if self.panel is None or self.panel.due_at is None or self.panel.status not in {"forming", "seated"}:
            return
        before, label = self.panel, self.label(number)
        self.now = max(self.now, self.panel.due_at)
        try:
            self.panel, _ = release_seat(
                before,
                label,
                "Nothing was heard.",
                (),
                at=self.now,
                tender=self.tender,
                pack=self.pack,
                candidates=self.candidates(),
            )
        except DomainError as refusal:
            assert refusal.code in {"seat-unknown", "seat-not-silent"}  # noqa: PT017
        self.expect_offered(before)

    @rule(number=NUMBERS, tied=st.sampled_from([False, False, True]))
    def declare(self, number: int, tied: bool) -> None:
        if self.panel is None:
            return
        before, label = self.panel, self.label(number)
        tie = Tie("birch", "employment", years_since=Decimal(0)) if tied else Tie("birch", "none")
        try:
            self.panel, events = declare(
                before,
                f"expert-{label.int - 1000}",
                [tie],
                organisation="institute",
                at=self.now,
                tender=self.tender,
                pack=self.pack,
                candidates=self.candidates(),
            )
        except DomainError as refusal:
            assert refusal.code in {"not-on-panel", "declared", "panel-not-forming"}  # noqa: PT017
            return
        # Who has left the pool meanwhile leaves the panel too, whatever is declared.
        assert bool(events) is (tied or not self.may_sit(self.experts[label]))
        self.expect_offered(before)

    @invariant()
    def nobody_is_in_the_pool_by_the_word_of_one_person(self) -> None:
        for label, expert in self.experts.items():
            if expert.status == "admitted":
                assert len({expert.proposed_by, expert.person, self.admitted_by[label]}) == 3

    @invariant()
    def nobody_has_two_seats_and_nobody_sits_who_is_tied(self) -> None:
        seats = self.panel.seats if self.panel else ()
        assert len({seat.label for seat in seats}) == len({seat.person for seat in seats}) == len(seats)
        held = [self.experts[seat.label] for seat in seats if seat.held]
        assert all({expert.organisation, *expert.conflicts}.isdisjoint(TIED) for expert in held)
        assert len(held) <= 3


def test_nobody_is_seated_who_is_not_in_the_pool_when_steps_come_in_any_order(
    active: Tender, pack: RulePack, noon: datetime
) -> None:
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(Beginning(active, pack, noon))),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
