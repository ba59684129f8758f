"""A document against a table of its transitions: whatever is tried in whatever order, only these happen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provider_registry.domain.document import DOCUMENT, Document, DocumentState, Paper, enter
from provider_registry.domain.verification_events import DocumentEvent, DocumentExpired, DocumentExpiring
from shared.kernel.access import Actor
from shared.kernel.errors import DomainError
from shared.rules.pack import load_pack

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PACK = load_pack("model")
PAPER = Paper("tax-clearance", "Tax Office", "T-1", date(2026, 3, 1), date(2026, 3, 1), date(2026, 5, 31), "a" * 64)
STEPS = {
    "accept": {DocumentState.ENTERED: DocumentState.ACCEPTED},
    "reject": {DocumentState.ENTERED: DocumentState.REJECTED},
    "withdraw": {DocumentState.ENTERED: DocumentState.WITHDRAWN, DocumentState.ACCEPTED: DocumentState.WITHDRAWN},
}
OFFICERS = st.builds(
    Actor, st.sampled_from(["carl", "rosa", "rolf"]), st.sampled_from(["oarsmen", "registry"]), st.just(frozenset())
)


def entered(paper: Paper = PAPER) -> tuple[Document, tuple[DocumentEvent, ...]]:
    return enter(UUID(int=1), "oarsmen", paper, others=(), by="carl", at=START, pack=PACK)


class Registry(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.state: Document
        self.versions: list[int] = []
        self.ends: list[datetime] = []

    @initialize()
    def enter(self) -> None:
        self.state, events = entered()
        self.versions = [event.version for event in events]

    def step(self, name: str, attempt: object, *, otherwise: bool = True) -> None:
        before = self.state
        allowed = before.state in STEPS[name] and otherwise
        try:
            after, events = attempt()  # type: ignore[operator]  # a bound method of the state
        except DomainError:
            assert not allowed
            return
        assert allowed
        assert after.state is STEPS[name][before.state]
        self.versions.extend(event.version for event in events)
        self.state = after

    @rule(days=st.integers(0, 60))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(officer=OFFICERS)
    def accept(self, officer: Actor) -> None:
        another = officer.person != "carl" and officer.organisation != "oarsmen"
        in_time = self.now < self.state.expires_at
        self.step("accept", lambda: self.state.accept(officer, at=self.now, pack=PACK), otherwise=another and in_time)

    @rule(officer=OFFICERS)
    def reject(self, officer: Actor) -> None:
        another = officer.person != "carl" and officer.organisation != "oarsmen"
        self.step("reject", lambda: self.state.reject(officer, "No.", at=self.now, pack=PACK), otherwise=another)

    @rule()
    def withdraw(self) -> None:
        self.step("withdraw", lambda: self.state.withdraw("Wrong."))

    @rule()
    def let_time_act(self) -> None:
        self.state, events = self.state.let_time_act(self.now)
        self.versions.extend(event.version for event in events)
        self.ends.extend(event.expired_at for event in events if isinstance(event, DocumentExpired))

    @invariant()
    def every_event_has_its_own_version(self) -> None:
        assert self.versions == list(range(1, self.state.version + 1))

    @invariant()
    def it_never_holds_when_it_has_ended(self) -> None:
        assert not self.state.holds(self.state.expires_at)
        assert self.ends in ([], [self.state.expires_at])
        assert (self.state.state is DocumentState.EXPIRED) == bool(self.ends)

    @invariant()
    def time_acts_on_it_only_while_it_is_accepted(self) -> None:
        assert (self.state.clock_at is not None) == (self.state.state is DocumentState.ACCEPTED)


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("late", [False, True])
def test_late_clock_leaves_the_state_of_a_punctual_one(late: bool) -> None:
    document, _ = entered()
    document, _ = document.accept(Actor("rosa", "registry", frozenset()), at=START, pack=PACK)
    instants = [datetime(2026, 7, 1, tzinfo=UTC)]
    if not late:
        instants = [START + timedelta(hours=hour) for hour in range(24 * 100)]
    told: list[DocumentEvent] = []
    for instant in instants:
        document, events = document.let_time_act(instant)
        told.extend(events)
    assert [type(event) for event in told] == [DocumentExpiring, DocumentExpiring, DocumentExpired]
    assert (document.state, document.version) == (DocumentState.EXPIRED, 5)


def test_notices_are_those_that_are_still_to_come_when_it_is_accepted_late() -> None:
    document, _ = entered()
    officer = Actor("rosa", "registry", frozenset())
    # By hand: 30 days before Monday 1 June is Saturday 2 May, 7 days before is Monday 25 May.
    first, second = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 25, tzinfo=UTC)
    for at, notices in ((START, (first, second)), (first, (second,)), (second, ())):
        accepted, _ = document.accept(officer, at=at, pack=PACK)
        assert accepted.notices == notices


def test_end_is_midnight_of_the_packs_time_zone() -> None:
    document, _ = enter(UUID(int=1), "o", PAPER, others=(), by="carl", at=START, pack=load_pack("cn-services"))
    # Beijing is eight hours ahead, the whole year.
    assert document.expires_at == datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
    assert document.holds_from == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        (date(2026, 5, 31), date(2026, 5, 31), True),
        (date(2026, 6, 1), date(2026, 7, 1), False),
        (date(2026, 1, 1), date(2026, 3, 1), True),
        (date(2026, 1, 1), date(2026, 2, 28), False),
        (date(2026, 1, 1), date(2027, 1, 1), True),
    ],
)
def test_documents_overlap_when_they_hold_on_one_day(first: date, last: date, overlaps: bool) -> None:
    other = replace(PAPER, valid_from=first, valid_until=last)
    assert PAPER.overlaps(other) is other.overlaps(PAPER) is overlaps
    assert not PAPER.overlaps(replace(other, number="T-2"))


def test_every_state_is_reached_by_the_lifecycle() -> None:
    assert set(DOCUMENT.states) == {state.value for state in DocumentState}
    assert DOCUMENT.final == {"rejected", "withdrawn", "expired"}
