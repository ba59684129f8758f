"""A case under whatever anybody tries in whatever order: nothing is in force undecided, unheard or for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from provider_registry.domain import case as steps
from provider_registry.domain import case_decision as deciding
from provider_registry.domain.case import Case
from provider_registry.domain.case_parts import Body, CaseKind, CaseStatus, Ending, Reply, Report
from provider_registry.domain.finding import Purpose
from provider_registry.domain.grounds import grounds_of
from shared.kernel.errors import DomainError
from shared.rules.pack import load_pack

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODIES = st.builds(
    Body, st.sampled_from(["ann", "bob", "cyd", "dan"]), st.sampled_from(["office", "court", "review", "oarsmen"])
)
YES = st.booleans()
# Most lead somewhere: a search that is refused at each step finds nothing.
LAST_DAYS = st.sampled_from([None, 30, 500, 700, -1, 1200])


class Cases(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now, self.versions = START, list[int]()
        self.case: Case

    @initialize(
        pack=st.sampled_from(["model", "cn-services", "eu-light", "uk-2023"]),
        kind=st.sampled_from(CaseKind),
        data=st.data(),
        days=st.integers(0, 1000),
        scopes=st.sets(st.sampled_from(Purpose), min_size=1),
    )
    def report(self, pack: str, kind: CaseKind, data: st.DataObject, days: int, scopes: set[Purpose]) -> None:
        self.pack = load_pack(pack)
        codes = sorted(set(grounds_of(self.pack)) - {"large-fine"})
        ground = data.draw(st.sampled_from(codes)) if kind is CaseKind.GROUND else None
        report = Report(
            by=Body("ann", "office"),
            at=self.now,
            facts="So it was.",
            evidence=("a" * 64,),
            event_day=(self.now - timedelta(days=days)).date(),
        )
        draft = steps.report_case(UUID(int=1), "oarsmen", report, self.pack, kind=kind, ground=ground, scopes=scopes)
        # Most cases begin with what nothing is tried without.
        self.case = draft if days % 5 == 0 else steps.notify(draft, self.pack, at=self.now)[0]
        if days % 2:
            self.reply()

    def step(self, attempt: Any) -> None:
        try:
            self.case, events = attempt()
        except DomainError:
            return
        self.versions.extend(event.version for event in events)

    @rule(hours=st.sampled_from([1, 24 * 20, 24 * 200, 24 * 700]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def let_time_act(self) -> None:
        self.step(lambda: steps.let_time_act(self.case, self.now))
        assert self.case.clock_at is None or self.case.clock_at > self.now

    @rule()
    def notify(self) -> None:
        self.step(lambda: steps.notify(self.case, self.pack, at=self.now))

    @rule()
    def reply(self) -> None:
        self.step(lambda: steps.reply(self.case, Reply(self.now, "No.", ()), self.pack))

    @rule(by=BODIES, upheld=YES, days=LAST_DAYS, likely=st.none() | YES)
    def decide(self, by: Body, upheld: bool, days: int | None, likely: bool | None) -> None:
        last_day = None if days is None else (self.now + timedelta(days=days)).date()
        self.step(
            lambda: deciding.decide(
                self.case,
                by,
                self.pack,
                at=self.now,
                upheld=upheld,
                reasons="So.",
                last_day=last_day,
                likely_to_recur=likely,
            )
        )

    @rule()
    def appeal(self) -> None:
        self.step(lambda: deciding.appeal(self.case, "Wrong.", self.pack, at=self.now))

    @rule(by=BODIES, upheld=YES)
    def decide_appeal(self, by: Body, upheld: bool) -> None:
        self.step(lambda: deciding.decide_appeal(self.case, by, self.pack, at=self.now, upheld=upheld, reasons="So."))

    @rule()
    def offer(self) -> None:
        self.step(lambda: deciding.offer_self_cleaning(self.case, "All new.", ("b" * 64,), self.pack, at=self.now))

    @rule(by=BODIES, accepted=YES)
    def hear(self, by: Body, accepted: bool) -> None:
        self.step(
            lambda: deciding.hear_self_cleaning(self.case, by, self.pack, at=self.now, accepted=accepted, reasons="So.")
        )

    @rule(by=BODIES)
    def settle(self, by: Body) -> None:
        self.step(lambda: deciding.settle(self.case, by, ("c" * 64,), self.pack, at=self.now))

    @rule(by=BODIES)
    def withdraw(self, by: Body) -> None:
        self.step(lambda: steps.withdraw(self.case, by.organisation, at=self.now))

    @invariant()
    def nothing_is_in_force_without_a_decision_of_another_body(self) -> None:
        if not hasattr(self, "case") or not self.case.holds_at(self.now):
            return
        decision, reporter = self.case.decision, self.case.report.by
        assert decision is not None
        assert decision.upheld
        assert decision.by.person != reporter.person
        assert decision.by.organisation not in {reporter.organisation, "oarsmen"}

    @invariant()
    def nothing_was_decided_before_the_provider_could_reply_or_while_it_was_unheard(self) -> None:
        if not hasattr(self, "case") or self.case.decision is None:
            return
        replied, until = self.case.reply, self.case.reply_until
        assert until is not None
        assert replied is not None or self.case.decision.at >= until
        assert replied is None or replied.at < until

    @invariant()
    def nothing_is_in_force_for_ever_but_what_a_settlement_ends(self) -> None:
        if not hasattr(self, "case") or self.case.decision is None or not self.case.decision.upheld:
            return
        starts, until = self.case.decision.in_force_from, self.case.decision.until
        assert starts is not None
        assert until is None or until > starts
        assert (until is None) == (self.case.ground == "taxes-owed")

    @invariant()
    def what_has_ended_holds_no_more_and_says_why(self) -> None:
        if hasattr(self, "case") and self.case.status is CaseStatus.ENDED:
            assert not self.case.holds_at(self.now)
            assert self.case.because in Ending
            assert self.case.ended_at is not None

    @invariant()
    def versions_of_events_grow(self) -> None:
        assert self.versions == sorted(set(self.versions))


TestCases = Cases.TestCase
TestCases.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def _no_other_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_another_body", lambda *_: None)


def _unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_heard", lambda *_: None)


def _for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    term = deciding.Term
    monkeypatch.setattr(deciding, "_term", lambda case, pack, *_: term(None, deciding.reference_of(case, pack)))


@pytest.mark.parametrize("bug", [_no_other_body, _unheard, _for_ever])
def test_planted_bug_is_found(bug: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    # Made smaller, what was found would tell no more here.
    search = settings(
        max_examples=10_000,  # it is found after some hundred; how soon, depends on what else the process has imported
        stateful_step_count=15,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        derandomize=True,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Cases, settings=search)  # type: ignore[no-untyped-call]
