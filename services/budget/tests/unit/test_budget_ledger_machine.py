"""The pure parts of the ledger in the machine; what the database does beside them is imitated here in twenty lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from ledger_machine import AT, EXPIRED, Clerk, Ledger

from budget.domain.client_made import expect_same
from budget.domain.ledger import PERMITTED, Stage, Transfer, changes
from budget.domain.line import Line
from budget.domain.reservation import Reservation, ReservationRequest, reserve
from shared.kernel.errors import NotAllowed
from shared.testing.depth import examples

SETTINGS = settings(
    max_examples=examples(200),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# What was planted is to be found; a smaller example of it need not be.
FINDING = settings(SETTINGS, database=None, phases=[Phase.generate], report_multiple_bugs=False)


@dataclass
class PureBooks:
    """The pure functions, and a dictionary where the tables are."""

    at: Counter[tuple[UUID, Stage]] = field(default_factory=Counter)
    lines: dict[UUID, Line] = field(default_factory=dict)
    entered: dict[UUID, Transfer] = field(default_factory=dict)
    made: dict[UUID, Reservation] = field(default_factory=dict)
    refused: dict[UUID, tuple[ReservationRequest, str]] = field(default_factory=dict)

    def open(self, line: Line) -> None:
        self.lines[line.id] = line
        self.at.update({(line.id, stage): 0 for stage in Stage})

    def enter(self, entries: Sequence[Transfer]) -> bool:
        reversals = {one.reverses for one in self.entered.values()} - {None}
        for one in entries:
            way = (one.from_stage, one.to_stage)
            if (
                one.id in self.entered
                or one.reverses in reversals
                or way[:: -1 if one.reverses else 1] not in PERMITTED
            ):
                return False
        after = self.at.copy()
        for line, stage, change in changes(entries):
            after[line, stage] += change
            if after[line, stage] < 0:
                return False
        self.at = after
        self.entered |= {one.id: one for one in entries}
        return True

    def ask(self, request: ReservationRequest) -> str:
        try:
            if request.id in self.refused:
                expect_same(self.refused[request.id][0], request, self.refused[request.id][1])
            if request.id in self.made:
                expect_same(self.made[request.id].request, request, None)
                return "exists"
        except NotAllowed as refusal:
            return refusal.code
        try:
            made, entries, _ = reserve(request, self.lines.get(request.line), AT)
        except NotAllowed as refusal:
            return self.refuse(request, refusal.code)
        if not self.enter(entries):
            return self.refuse(request, "insufficient-funds")
        self.made[request.id] = made
        return "created"

    def refuse(self, request: ReservationRequest, code: str) -> str:
        self.refused[request.id] = (request, code)
        return code

    def end(self, identifier: UUID, *, expired: bool) -> bool:
        if identifier not in self.made:
            return False
        before = self.made[identifier]
        try:
            after, entries, _ = before.expire(EXPIRED) if expired else before.release("Not needed.", AT)
        except NotAllowed:
            return False
        if not self.enter(entries):
            return False
        self.made[identifier] = after
        return True

    def balances(self) -> dict[tuple[UUID, Stage], int]:
        return dict(self.at)

    def transfers(self) -> list[Transfer]:
        return list(self.entered.values())


def test_the_ledger_is_as_the_clerk_has_it_whatever_is_entered() -> None:
    run_state_machine_as_test(lambda: Ledger(PureBooks()), settings=SETTINGS)


def test_the_clerk_knows_the_ways_that_the_ledger_permits() -> None:
    assert Clerk.WAYS == PERMITTED


class Unlimited(PureBooks):
    """Planted: a balance may fall below zero."""

    def enter(self, entries: Sequence[Transfer]) -> bool:
        for line, stage, change in changes(entries):
            self.at[line, stage] += change
        self.entered |= {one.id: one for one in entries}
        return True


class Forgetful(PureBooks):
    """Planted: an id is not bound to what was first asked under it."""

    def ask(self, request: ReservationRequest) -> str:
        return "exists" if request.id in self.made else super().ask(request)


class Partial(PureBooks):
    """Planted: of linked transfers, those that fit are entered."""

    def enter(self, entries: Sequence[Transfer]) -> bool:
        entered = [super(Partial, self).enter([one]) for one in entries]
        return all(entered)


@pytest.mark.parametrize("planted", [Unlimited, Forgetful, Partial])
def test_the_machine_finds_what_was_planted(planted: type[PureBooks]) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: Ledger(planted()), settings=FINDING)
