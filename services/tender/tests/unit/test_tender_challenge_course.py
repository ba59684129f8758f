"""Any course of a procedure that is challenged: only declared ways, and nothing confirmed while it is held up."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError
from shared.rules.pack import RulePack
from tender.domain.award import confirm_award, contract_award
from tender.domain.challenge import CHALLENGE, Challenge, Ground, Matter, Remedy, Statement
from tender.domain.challenge_raising import raise_challenge
from tender.domain.lifecycles import TENDER
from tender.domain.parts import LotStatus, Party
from tender.domain.remedy import carry_out
from tender.domain.waiting import next_wait

# Written by hand, beside the lifecycle: where each act leads from each state.
WAYS: Mapping[str, Mapping[str, set[str]]] = {
    "raised": {
        "answer": {"answered", "conceded"},
        "complain": {"complained"},
        "withdraw": {"withdrawn"},
        "lapse": {"lapsed"},
    },
    "answered": {"complain": {"complained"}, "withdraw": {"withdrawn"}, "lapse": {"lapsed"}},
    "complained": {"admit": {"admitted", "rejected"}, "withdraw": {"withdrawn"}},
    "admitted": {"decide": {"upheld", "dismissed"}, "withdraw": {"withdrawn"}},
}
BIDDERS = ("alder", "birch", "cedar")
LOTS = ("north", "south")
OFFERS = [(lot, name, price) for lot in LOTS for name, price in zip(BIDDERS, ("90", "80", "85"), strict=True)]
STAGE = {"qualify-again": "qualification", "evaluate-again": "evaluation", "annul-award": "award"}
ENDED = {"complete", "unsuccessful", "cancelled"}


class Course(RuleBasedStateMachine):
    """Takes a procedure of two lots on, and challenges it at every turn."""

    def __init__(self, start: Callable[[], Any]) -> None:
        super().__init__()
        self.procedure = start().opened(*OFFERS)
        self.challenges: dict[UUID, Challenge] = {}
        self.suspended: dict[UUID, tuple[str | None, datetime]] = {}
        self.days_left: dict[UUID, timedelta] = {}
        self.contracts: list[tuple[UUID, str]] = []

    @initialize(
        steps=st.lists(st.sampled_from(LOTS), min_size=2, max_size=6),
        raised=st.lists(st.tuples(st.sampled_from(BIDDERS), st.sampled_from((None, *LOTS))), min_size=1, max_size=3),
        answered=st.booleans(),
        then=st.lists(st.sampled_from(LOTS), max_size=4),
    )
    def begin(self, steps: list[str], raised: list[tuple[str, str | None]], then: list[str], *, answered: bool) -> None:
        """Begin anywhere on the way to the contracts, with challenges that may be complained of."""
        for lot in steps:
            if self.tender.status != "award" or self.tender.progress(lot).award is None:
                self.go_on(lot)
        for name, of in raised:
            self.challenge(name, Matter.AWARD, of)
            self.challenge(name, Matter.OPENING, of)
        for number in range(len(self.challenges) if answered else 0):
            self.answer(number, Remedy.NONE, conceded=False)
        for lot in then:
            self.go_on(lot)

    @property
    def tender(self) -> Any:
        return self.procedure.tender

    @property
    def now(self) -> datetime:
        return cast("datetime", self.procedure.now)

    def held_up(self, lot: str) -> bool:
        """Say whether a challenge holds a lot up, by what was noted here."""
        return any(of in {None, lot} and self.now < until for of, until in self.suspended.values())

    def thirty_days(self) -> datetime:
        """Return the end of the thirtieth day from now, or of the Monday after it; the model has no holidays."""
        day = self.now.date() + timedelta(days=30)
        day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=self.now.tzinfo)

    def nth(self, number: int) -> Challenge | None:
        known = list(self.challenges.values())
        return known[number % len(known)] if known else None

    def attempt(self, action: str, before: Challenge, step: Callable[[], Any], *, admitted: bool = True) -> bool:
        """Ask for an act that the state, or what is known here, refuses or lets through."""
        if action not in WAYS.get(before.status, {}) or not admitted:
            with pytest.raises(DomainError):
                step()
            return False
        after, (event,) = step()
        assert str(after.status) in WAYS[before.status][action]
        assert (after.version, event.version) == (before.version + 1, before.version + 1)
        assert (after.statement, after.challenger, after.raised_at) == (
            before.statement,
            before.challenger,
            before.raised_at,
        )
        self.challenges[before.id] = after
        noted = self.suspended.pop(before.id, None)
        if noted is not None:
            self.days_left[before.id] = max(noted[1] - self.now, timedelta(0))
        return True

    def remedy(self, challenge: Challenge, remedy: Remedy) -> None:
        """Do what was ordered, where it can be done."""
        lot, before = challenge.statement.lot, self.tender
        concerned = [item for item in before.lots if lot in {None, item.id}]
        going_on = [item for item in concerned if item.status in {LotStatus.ACTIVE, LotStatus.COMPLETE}]
        if remedy in STAGE:
            possible = bool(going_on) and before.status in {"evaluation", "award", "complete"}
            possible = possible and not (before.status == "evaluation" and remedy == "annul-award")
        else:
            # The bids are opened here: it is too late for another text.
            possible = remedy == "none" or (
                remedy == "cancel-procedure"
                and before.status not in ENDED
                and not any(item.status == "complete" for item in before.lots)
            )
        if not possible:
            with pytest.raises(DomainError):
                carry_out(before, remedy, lot, "Wrong.", at=self.now, pack=self.procedure.pack)
            return
        self.procedure.take(carry_out(before, remedy, lot, "Wrong.", at=self.now, pack=self.procedure.pack))
        if remedy in STAGE:
            assert self.tender.status == STAGE[remedy]
            assert str(self.tender.status) in TENDER.transitions["send back"].after
            assert self.tender.round == before.round + (remedy != "annul-award")
            assert all(self.tender.progress(item.id).award is None for item in going_on)
            others = [item for item in before.lots if item not in concerned]
            assert [self.tender.progress(item.id) for item in others] == others

    @rule(
        name=st.sampled_from((*BIDDERS, "onlooker")), matter=st.sampled_from(Matter), lot=st.sampled_from((None, *LOTS))
    )
    def challenge(self, name: str, matter: Matter, lot: str | None) -> None:
        statement = Statement(
            relates_to=matter,
            lot=lot,
            ground=Ground.OTHER_BREACH,
            arguments="So.",
            evidence=(),
            remedies=(Remedy.ANNUL_AWARD,),
        )
        identifier = UUID(int=0xC00 + len(self.challenges))
        try:
            raised, (event,) = raise_challenge(
                self.tender,
                statement,
                identifier=identifier,
                challenger=Party(name, name),
                at=self.now,
                pack=self.procedure.pack,
            )
        except DomainError as refused:
            stranger = {"not-concerned"} if name == "onlooker" and matter != "documents" else set[str]()
            assert refused.code in {"matter-not-reached", "question-late"} | stranger  # noqa: PT017 - not known before
            return
        assert matter == "documents" or name != "onlooker"
        assert (raised.status, event.version) == ("raised", 1)
        self.challenges[identifier] = raised
        self.suspended[identifier] = (lot, self.thirty_days())

    @rule(number=st.integers(0, 9), conceded=st.booleans(), remedy=st.sampled_from(Remedy))
    def answer(self, number: int, remedy: Remedy, *, conceded: bool) -> None:
        before = self.nth(number)
        if before is not None and self.attempt(
            "answer",
            before,
            lambda: before.respond("So.", conceded=conceded, remedy=remedy, at=self.now, pack=self.procedure.pack),
            admitted=remedy == "none" or (conceded and remedy != "cancel-procedure"),
        ):
            self.remedy(before, remedy)

    @rule(number=st.integers(0, 9))
    def complain(self, number: int) -> None:
        before = self.nth(number)
        if before is None:
            return
        awaited = before.status == "raised" and before.due_at is not None and self.now < before.due_at
        if self.attempt(
            "complain",
            before,
            lambda: before.complain("No.", at=self.now, pack=self.procedure.pack),
            admitted=not awaited and self.now < before.complaint_until,
        ):
            # What the question has not used of the thirty days is left to the complaint.
            self.suspended[before.id] = (before.statement.lot, self.now + self.days_left[before.id])

    @rule(number=st.integers(0, 9), admitted=st.booleans())
    def admit(self, number: int, *, admitted: bool) -> None:
        before = self.nth(number)
        if before is None:
            return
        until = self.suspended.get(before.id)
        done = self.attempt("admit", before, lambda: before.admit("So.", admitted=admitted, decider="board"))
        if done and admitted and until is not None:
            self.suspended[before.id] = until

    @rule(number=st.integers(0, 9), upheld=st.booleans(), remedy=st.sampled_from(Remedy))
    def decide(self, number: int, remedy: Remedy, *, upheld: bool) -> None:
        before = self.nth(number)
        if before is not None and self.attempt(
            "decide",
            before,
            lambda: before.decide("So.", upheld=upheld, remedy=remedy, pack=self.procedure.pack),
            admitted=upheld or remedy == "none",
        ):
            self.remedy(before, remedy)

    @rule(number=st.integers(0, 9), remedy=st.sampled_from(Remedy))
    def uphold(self, number: int, remedy: Remedy) -> None:
        """Take a challenge to its decision, so that remedies are seen often enough."""
        self.answer(number, Remedy.NONE, conceded=False)
        self.complain(number)
        self.admit(number, admitted=True)
        self.decide(number, remedy, upheld=True)

    @rule(number=st.integers(0, 9))
    def withdraw(self, number: int) -> None:
        before = self.nth(number)
        if before is not None:
            self.attempt("withdraw", before, before.withdraw)

    @rule(days=st.sampled_from([1, 3, 10, 25]))
    def time_passes(self, days: int) -> None:
        self.procedure.now += timedelta(days=days)
        for before in list(self.challenges.values()):
            after, events = before.lapse(self.now)
            due = before.status in {"raised", "answered"} and self.now >= before.complaint_until
            assert bool(events) == due
            if due:
                assert after.status == "lapsed"
                self.challenges[before.id] = after
                self.suspended.pop(before.id, None)

    @rule(lot=st.sampled_from(LOTS))
    def go_on(self, lot: str) -> None:
        """Take the procedure a step further; an award is confirmed unless a challenge holds it up."""
        match self.tender.status:
            case "qualification":
                self.procedure.qualified()
            case "evaluation":
                self.procedure.scored().priced()
            case "award":
                award = self.tender.progress(lot).award
                if award is None:
                    self.procedure.proposed(lot)
                elif award.status == "pending":
                    self.procedure.now = max(self.now, award.standstill_ends_at)
                    self.confirm(lot)

    def confirm(self, lot: str) -> None:
        held_up = any(challenge.suspends(lot, self.now, self.procedure.pack) for challenge in self.challenges.values())
        assert held_up == self.held_up(lot)
        if held_up:
            return
        contract = UUID(int=0xA000 + len(self.contracts))
        after, award, event = confirm_award(
            self.tender, lot, by="hugo", at=self.now, pack=self.procedure.pack, contract=contract
        )
        self.procedure.take((after, (event,)))
        self.contracts.append((award.id, lot))

    @invariant()
    def what_is_held_up_is_what_was_noted(self) -> None:
        for lot in LOTS:
            assert any(
                one.suspends(lot, self.now, self.procedure.pack) for one in self.challenges.values()
            ) == self.held_up(lot)

    @invariant()
    def a_contract_has_its_award_unless_the_award_was_annulled(self) -> None:
        for award, lot in self.contracts:
            standing = self.tender.progress(lot).award
            if standing is not None and standing.id == award:
                assert contract_award(self.tender, award).id == award
            else:
                with pytest.raises(DomainError, match="award-cancelled"):
                    contract_award(self.tender, award)

    @invariant()
    def somebody_is_waited_for_until_the_end(self) -> None:
        assert (next_wait(self.tender) is None) == (self.tender.status in ENDED)
        for challenge in self.challenges.values():
            waits = challenge.status in {"raised", "complained", "admitted"}
            assert (challenge.due_at is not None) == waits
            assert (challenge.clock_at is not None) == (challenge.status in {"raised", "answered"})


def test_lifecycle_of_a_challenge_is_the_table_above_when_it_is_read_as_data() -> None:
    written = {(action, before, after) for before, row in WAYS.items() for action, to in row.items() for after in to}
    declared = {
        (row.action, before, after)
        for row in CHALLENGE.transitions.values()
        for before in row.before
        for after in row.after
    }
    assert written == declared


def test_nothing_is_confirmed_while_it_is_held_up_when_steps_come_in_any_order(walk: Any, pack: RulePack) -> None:
    def start() -> Any:
        return walk(pack, north="100", south="100")

    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(start)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
