"""Any course of a plan, and of a draft's exceptions: only declared ways, four eyes, nothing granted too widely."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError, RuleReference
from shared.kernel.lifecycle import Lifecycle
from shared.kernel.money import Money
from shared.rules.checks import Check
from shared.rules.pack import load_pack
from shared.rules.result import RuleResult, Verdict
from tender.domain import exception, plan
from tender.domain.catalogue import Service
from tender.domain.exception import ExceptionRequest, RuleException, request_exception
from tender.domain.parts import Party
from tender.domain.plan import Plan, Terms, make_plan
from tender.domain.plan_events import BudgetShare
from tender.domain.tender import Tender

Ways = Mapping[str, Mapping[str, set[str]]]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PACK = load_pack("model")
SOURCE = RuleReference("catalogue.youth.clubs", "Act on clubs")
LINES = (UUID(int=11), UUID(int=12))
PERSONS = st.sampled_from(["olga", "hugo", "hedda"])
MOST = 6
EXCEPTABLE = ("contract-term.cap", "documents-available", "framework.term-cap")

# Written by hand, beside the lifecycles: where each act leads from each state.
PLAN_WAYS: Ways = {
    "draft": {"approve": {"draft"}, "schedule": {"scheduled"}, "change": {"draft"}, "cancel": {"cancelled"}},
    "scheduled": {"change": {"scheduled"}, "complete": {"complete"}, "cancel": {"cancelled"}},
}
EXCEPTION_WAYS: Ways = {"requested": {"grant": {"granted"}, "refuse": {"refused"}}}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def terms(first: int, second: int) -> Terms:
    parts = zip(LINES, (first, second), strict=True)
    return Terms("Clubs", eur(first + second), tuple(BudgetShare(line, eur(minor)) for line, minor in parts))


class PlanCourse(RuleBasedStateMachine):
    """Plays a plan whose service needs an approval, and notes what its tenders take."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan = make_plan(
            identifier=UUID(int=1),
            buyer=Party("city", "City"),
            service=Service("youth.clubs", "Youth clubs"),
            terms=terms(60, 40),
            at=NOON,
            pack=PACK,
            authors=("olga",),
            approval_needed=True,
            due_at=PACK.ends_at("plan-approval", NOON),
        )
        self.says, self.authors, self.approver = (60, 40), ["olga"], ""
        self.taken, self.unfinished, self.public_changes = [0, 0], 0, 0

    @property
    def shares(self) -> tuple[BudgetShare, ...]:
        return tuple(BudgetShare(line, eur(minor)) for line, minor in zip(LINES, self.taken, strict=True) if minor)

    def attempt(self, action: str, step: Callable[[], Any], *, admitted: bool, told: bool) -> bool:
        """Ask for an act that the state, or what was noted here, refuses or lets through."""
        before = self.plan
        if action not in PLAN_WAYS.get(before.status, {}) or not admitted:
            with pytest.raises(DomainError):
                step()
            return False
        outcome = step()
        after, events = outcome if isinstance(outcome, tuple) else (outcome, ())
        assert str(after.status) in PLAN_WAYS[before.status][action]
        assert after.version == before.version + 1
        assert [event.version for event in events] == ([after.version] if told else [])
        self.plan = after
        return True

    @rule(by=PERSONS)
    def approve(self, by: str) -> None:
        admitted = not self.approver and by not in self.authors
        if self.attempt("approve", lambda: self.plan.approve(by=by, source=SOURCE), admitted=admitted, told=False):
            self.approver = by

    @rule()
    def schedule(self) -> None:
        act = lambda: self.plan.schedule(at=NOON, source=SOURCE)  # noqa: E731 - one act among others
        self.attempt("schedule", act, admitted=bool(self.approver), told=True)

    @rule(
        by=PERSONS, first=st.integers(1, 90), second=st.integers(1, 90), reason=st.sampled_from([None, "Prices rose."])
    )
    def change(self, by: str, first: int, second: int, reason: str | None) -> None:
        public = self.plan.status == "scheduled"
        fits = self.taken[0] <= first and self.taken[1] <= second
        # What is public was approved, and says no more than that.
        fits = fits and (not public or first + second <= sum(self.says))
        if self.attempt(
            "change",
            lambda: self.plan.change(terms(first, second), by=by, at=NOON, reason=reason, taken=self.shares, pack=PACK),
            admitted=fits and (not public or reason is not None),
            told=public,
        ):
            self.says = (first, second)
            self.authors = list(dict.fromkeys((*self.authors, by)))
            self.public_changes += public
            # What was approved is not what the draft says now.
            self.approver = self.approver if public else ""

    @rule(line=st.integers(0, 1), minor=st.integers(1, 40))
    def tender(self, line: int, minor: int) -> None:
        """Let a tender take something of a public plan, as far as the plan goes."""
        if self.plan.status != "scheduled":
            return
        self.taken[line] += minor
        if self.taken[line] > self.says[line]:
            with pytest.raises(DomainError, match="tender-above-plan"):
                self.plan.hold(self.shares, PACK)
            self.taken[line] -= minor
            return
        self.plan.hold(self.shares, PACK)
        self.unfinished += 1

    @rule()
    def finish(self) -> None:
        self.unfinished = max(0, self.unfinished - 1)

    @rule()
    def complete(self) -> None:
        act = lambda: self.plan.complete(at=NOON, taken=self.shares, unfinished=self.unfinished)  # noqa: E731 - as above
        self.attempt("complete", act, admitted=not self.unfinished, told=True)

    @rule()
    def cancel(self) -> None:
        public = self.plan.status == "scheduled"
        act = lambda: self.plan.cancel(at=NOON, reason="Not needed.", unfinished=self.unfinished)  # noqa: E731 - as above
        self.attempt("cancel", act, admitted=not self.unfinished, told=public)

    @invariant()
    def plan_says_what_was_written_last(self) -> None:
        assert [share.amount.minor for share in self.plan.shares] == list(self.says)
        assert (list(self.plan.authors), self.plan.approved_by or "") == (self.authors, self.approver)
        assert len(self.plan.history) == self.public_changes

    @invariant()
    def nobody_approves_what_that_person_wrote_and_nothing_is_public_without(self) -> None:
        if self.plan.status == "scheduled":
            assert self.plan.approved
        if self.plan.status == "draft":
            assert self.plan.approved_by not in self.plan.authors
            assert (self.plan.waiting_for is None) == self.plan.approved

    @invariant()
    def tenders_stay_within_what_the_plan_says(self) -> None:
        assert all(taken <= said for taken, said in zip(self.taken, self.says, strict=True))


class ExceptionCourse(RuleBasedStateMachine):
    """Plays a draft that is rewritten while exceptions from its rules are asked for and decided on."""

    def __init__(self, draft: Tender) -> None:
        super().__init__()
        self.draft = draft
        self.known: list[RuleException] = []
        self.asked: list[tuple[str, str]] = []
        self.noted: list[str] = []

    @rule(name=st.sampled_from(EXCEPTABLE), by=PERSONS)
    def ask(self, name: str, by: str) -> None:
        if len(self.known) == MOST:
            return
        found = PACK.rule(name)
        check = Check(found, RuleResult(Verdict.FAIL, PACK.reference(name), "The rule is not met."))
        asked = ExceptionRequest(name, "kitchen", "A kitchen is built.", ("a" * 64,))
        number = len(self.known)
        made = request_exception(UUID(int=number), self.draft, asked, check, by=by, at=NOON, pack=PACK)
        self.known.append(made)
        self.asked.append((name, self.draft.content.title))
        self.noted.append("requested")

    @rule(title=st.sampled_from(["Clubs", "Clubs and a kitchen"]))
    def rewrite(self, title: str) -> None:
        self.draft = replace(self.draft, content=replace(self.draft.content, title=title))

    def decide(self, number: int, action: str, step: Callable[[RuleException], Any], *, admitted: bool) -> None:
        before = self.known[number]
        if action not in EXCEPTION_WAYS.get(before.status, {}) or not admitted:
            with pytest.raises(DomainError):
                step(before)
            return
        outcome = step(before)
        after, events = outcome if isinstance(outcome, tuple) else (outcome, ())
        assert str(after.status) in EXCEPTION_WAYS[before.status][action]
        assert (after.version, len(events)) == (before.version + 1, int(action == "grant"))
        self.known[number], self.noted[number] = after, str(after.status)

    @rule(number=st.integers(0, 50), by=PERSONS)
    def grant(self, number: int, by: str) -> None:
        if self.known:
            place = number % len(self.known)
            second = by != self.known[place].requested_by
            self.decide(place, "grant", lambda before: before.grant(by=by, at=NOON), admitted=second)

    @rule(number=st.integers(0, 50))
    def refuse(self, number: int) -> None:
        if self.known:
            place = number % len(self.known)
            self.decide(place, "refuse", lambda before: before.refuse("No.", at=NOON), admitted=True)

    @invariant()
    def exception_covers_its_rule_and_its_text_alone(self) -> None:
        for item, (name, title), status in zip(self.known, self.asked, self.noted, strict=True):
            assert str(item.status) == status
            assert (item.waiting_for is None) == (item.due_at is None) == (status != "requested")
            for other in EXCEPTABLE:
                same = status == "granted" and other == name and self.draft.content.title == title
                assert item.covers(PACK.rule(other), self.draft.content) == same


def declared(lifecycle: Lifecycle) -> set[tuple[str, str, str]]:
    rows = lifecycle.transitions.values()
    return {(row.action, before, after) for row in rows for before in row.before for after in row.after}


def written(ways: Ways) -> set[tuple[str, str, str]]:
    return {(action, before, after) for before, row in ways.items() for action, to in row.items() for after in to}


def test_lifecycles_are_the_tables_above_when_they_are_read_as_data() -> None:
    # A change and an approval leave the state as it is, whichever that is.
    kept = {row for row in declared(plan.LIFECYCLE) if row[0] not in {"change", "approve"} or row[1] == row[2]}
    assert kept == written(PLAN_WAYS)
    assert declared(exception.LIFECYCLE) == written(EXCEPTION_WAYS)


ANY_ORDER = settings(max_examples=200, stateful_step_count=50, deadline=None)
FIRST_FAULT = settings(ANY_ORDER, phases=[Phase.generate], report_multiple_bugs=False, database=None)


def play(machine: Callable[[], RuleBasedStateMachine], how: settings = ANY_ORDER) -> None:
    # A factory is as good as the class, whatever the annotation says.
    run_state_machine_as_test(cast("type[RuleBasedStateMachine]", machine), settings=how)


def test_plan_takes_declared_ways_alone_when_acts_come_in_any_order() -> None:
    play(PlanCourse)


def test_exception_covers_nothing_else_when_acts_come_in_any_order(draft: Tender) -> None:
    play(lambda: ExceptionCourse(draft))


@pytest.mark.parametrize(("module", "action"), [(plan, "complete"), (plan, "cancel"), (exception, "refuse")])
def test_course_is_found_out_when_a_way_is_not_declared(
    monkeypatch: pytest.MonkeyPatch, draft: Tender, module: Any, action: str
) -> None:
    whole: Lifecycle = module.LIFECYCLE
    rows = {name: row for name, row in whole.transitions.items() if name != action}
    monkeypatch.setattr(module, "LIFECYCLE", replace(whole, transitions=rows))
    with pytest.raises(KeyError):
        play(PlanCourse if module is plan else lambda: ExceptionCourse(draft), FIRST_FAULT)
