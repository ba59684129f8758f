"""A provider against a table of its transitions: whatever is tried in whatever order, only these happen."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provider_registry.domain.legal_forms import legal_forms
from provider_registry.domain.provider import Provider, register
from provider_registry.domain.provider_data import Evidence, Identifier, Status
from shared.kernel.errors import DomainError

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# From where each step leads where.
STEPS = {
    "change": {Status.REGISTERED: Status.REGISTERED, Status.VERIFIED: Status.REGISTERED},
    "submit": {Status.REGISTERED: Status.SUBMITTED, Status.VERIFIED: Status.SUBMITTED},
    "check": {Status.SUBMITTED: Status.CHECKED},
    "verify": {Status.CHECKED: Status.VERIFIED},
    "refuse": {Status.SUBMITTED: Status.REGISTERED, Status.CHECKED: Status.REGISTERED},
}
OFFICERS = st.sampled_from(["rosa", "rolf", "rita"])


class Registry(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state: Provider
        self.now = START
        self.versions: list[int] = []
        self.first_officer: str | None = None
        self.first_expiry: date | None = None

    @initialize()
    def enter(self) -> None:
        self.state, events = register(
            organisation="org-a", name="A", legal_form="company", identifier=Identifier("XX-REG", "1")
        )
        self.versions = [event.version for event in events]

    def step(self, name: str, attempt: object, *, otherwise: bool = True) -> bool:
        """Try a step; it is taken exactly if the table has it and nothing else forbids it."""
        before = self.state
        allowed = before.status in STEPS[name] and otherwise
        try:
            after, events = attempt()  # type: ignore[operator]  # a bound method of the state
        except DomainError:
            assert not allowed
            return False
        assert allowed
        assert after.status is STEPS[name][before.status]
        assert (after.id, after.organisation, after.identifier) == (before.id, before.organisation, before.identifier)
        assert [event.aggregate for event in events] == [before.id]
        self.versions.extend(event.version for event in events)
        self.state = after
        return True

    @rule(days=st.integers(0, 200))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(name=st.text(min_size=1, max_size=5), form=st.sampled_from(sorted(legal_forms())))
    def change(self, name: str, form: str) -> None:
        self.step("change", lambda: self.state.change(name=name, legal_form=form, at=self.now))

    @rule(days=st.lists(st.integers(-2, 300), max_size=3), digests=st.lists(st.sampled_from("abcdef"), max_size=3))
    def submit(self, days: list[int], digests: list[str]) -> None:
        papers = tuple(
            Evidence("statutes", digit * 64, self.now.date() + timedelta(days=left))
            for digit, left in zip(digests, days, strict=False)
        )
        good = (
            len(papers) > 0
            and len({paper.digest for paper in papers}) == len(papers)
            and all(paper.valid_until > self.now.date() for paper in papers)
        )
        due = self.now + timedelta(days=14)
        if self.step("submit", lambda: self.state.submit(papers, at=self.now, check_due=due), otherwise=good):
            self.first_expiry = min(paper.valid_until for paper in papers)

    @rule(officer=OFFICERS)
    def check(self, officer: str) -> None:
        if self.step("check", lambda: self.state.check(by=officer)):
            self.first_officer = officer

    @rule(officer=OFFICERS)
    def verify(self, officer: str) -> None:
        second = officer != self.first_officer
        in_time = self.first_expiry is not None and self.now.date() < self.first_expiry
        self.step("verify", lambda: self.state.verify(by=officer, at=self.now), otherwise=second and in_time)

    @rule()
    def refuse(self) -> None:
        self.step("refuse", lambda: self.state.refuse("It does not hold."))

    @invariant()
    def every_event_has_its_own_version(self) -> None:
        assert self.versions == list(range(1, self.state.version + 1))

    @invariant()
    def it_waits_exactly_while_officers_have_something_to_do(self) -> None:
        assert (self.state.check_due is not None) == (self.state.status in {Status.SUBMITTED, Status.CHECKED})

    @invariant()
    def it_is_verified_only_until_its_first_document_expires(self) -> None:
        assert (self.state.verified_at is None) == (self.state.valid_until is None)
        if self.state.status is Status.VERIFIED:
            assert self.state.valid_until == self.first_expiry
        if self.state.status is Status.REGISTERED:
            assert self.state.verified_at is None


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
