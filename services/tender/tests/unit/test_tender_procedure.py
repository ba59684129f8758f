"""Any course a procedure can take: what is asked for in which state, and what never happens."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.events import DomainEvent
from shared.rules.pack import RulePack
from tender.domain import award as awards
from tender.domain.contract import Contract, generate_contract
from tender.domain.events import AwardProposed, Opened
from tender.domain.opening import ReleasedBid, check_bid_time, gate, may_open, open_bids
from tender.domain.parts import Party
from tender.domain.plan import Plan
from tender.domain.tender import Content, Tender

MICROSECOND = timedelta(microseconds=1)
# Where each state may lead to; opening a tender without a valid bid goes through two events to its end.
DECLARED = {
    "draft": {"draft", "funding-requested", "cancelled"},
    "funding-requested": {"active", "draft", "cancelled"},
    "active": {"evaluation", "unsuccessful", "cancelled"},
    "evaluation": {"standstill", "cancelled"},
    "standstill": {"awarded", "cancelled"},
    "awarded": set(),
    "unsuccessful": set(),
    "cancelled": set(),
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    draft: Tender
    plan: Plan
    content: Content
    pack: RulePack
    noon: datetime


class Course(RuleBasedStateMachine):
    """Asks for every step in every state, and lets it through exactly where it should be."""

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        self.plan, self.content, self.pack = beginning.plan, beginning.content, beginning.pack
        self.tender, self.now = beginning.draft, beginning.noon
        self.events: list[DomainEvent] = []
        self.received: dict[str, ReleasedBid] = {}
        self.late: list[UUID] = []
        self.sent = 0
        self.sheets: list[awards.ScoreSheet] = []
        self.contract: Contract | None = None

    @property
    def status(self) -> str:
        return str(self.tender.status)

    @property
    def closed(self) -> bool:
        return self.tender.closes_at is not None and self.now >= self.tender.closes_at

    def go(self, after: Tender, events: tuple[DomainEvent, ...]) -> None:
        """Take a step that was let through."""
        assert str(after.status) in DECLARED[self.status]
        assert after.version > self.tender.version
        assert [event.version for event in events] == list(range(after.version - len(events) + 1, after.version + 1))
        self.tender = after
        self.events += events

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def change(self, by: str) -> None:
        if self.status == "draft":
            self.go(self.tender.change(self.content, by=by), ())
        else:
            with pytest.raises(DomainError, match="tender-not-draft"):
                self.tender.change(self.content, by=by)

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def request_funding(self, by: str) -> None:
        if self.status == "draft" and by != self.tender.author:
            self.go(*self.tender.request_funding(by=by, at=self.now, pack=self.pack, plan=self.plan))
        else:
            with pytest.raises(DomainError, match=r"tender-not-draft|second-person-needed"):
                self.tender.request_funding(by=by, at=self.now, pack=self.pack, plan=self.plan)

    @rule(granted=st.sampled_from([True, True, True, False]))
    def answer_of_the_budget(self, granted: bool) -> None:
        answer = (
            self.tender.publish(at=self.now, pack=self.pack)
            if granted
            else self.tender.return_to_draft("funds-insufficient", "Not enough is left.")
        )
        if self.status == "funding-requested":
            self.go(*answer)
        else:
            assert answer == (self.tender, ())

    @rule(sure=st.sampled_from([True, False, False, False, False, False]))
    def cancel(self, sure: bool) -> None:
        if not DECLARED[self.status]:
            with pytest.raises(DomainError, match="tender-not-cancellable"):
                self.tender.cancel("Not needed any more.")
        elif sure:
            self.go(*self.tender.cancel("Not needed any more."))

    @rule(bidder=st.sampled_from("abc"), price=st.sampled_from(["900000", "1250000", "1250000.01", "nothing"]))
    def bid(self, bidder: str, price: str) -> None:
        self.sent += 1
        content = f'{{"price": {{"amount": "{price}", "currency": "EUR"}}}}'.encode()
        bid = ReleasedBid(UUID(int=1000 + self.sent), Party(f"bidder-{bidder}", bidder), self.now, "0" * 64, content)
        if self.status == "active" and not self.closed:
            check_bid_time(self.tender, self.now, self.pack)
            self.received[bidder] = bid
        else:
            with pytest.raises(DomainError, match=r"bid-late|tender-not-active"):
                check_bid_time(self.tender, self.now, self.pack)
            self.late.append(bid.bid)

    @precondition(lambda self: self.status == "active")
    @rule(off=st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
    def wait_for_the_deadline(self, off: timedelta) -> None:
        assert self.tender.closes_at is not None
        self.now = max(self.now, self.tender.closes_at + off)

    @rule()
    def open(self) -> None:
        if self.status != "active" or not self.closed:
            with pytest.raises(DomainError, match=r"tender-not-active|bids-sealed"):
                may_open(self.tender, self.now, self.pack)
            return
        may_open(self.tender, self.now, self.pack)
        through, ended = gate(self.tender, len(self.received), self.pack)
        assert (through is self.tender) == (len(self.received) >= 2) == (not ended)
        if ended:
            self.go(through, ended)
        else:
            bids = tuple(self.received.values())
            self.go(*open_bids(self.tender, bids, at=self.now, pack=self.pack))

    @rule(member=st.sampled_from(["pia", "paul"]), values=st.lists(st.integers(0, 100), min_size=3, max_size=3))
    def score(self, member: str, values: list[int]) -> None:
        scores = tuple(
            awards.Score(bid.bid, "quality", Decimal(value))
            for bid, value in zip(awards.valid_bids(self.tender), values, strict=False)
        )
        sheet = awards.ScoreSheet(member, scores)
        if self.status == "evaluation":
            awards.check_sheet(self.tender, sheet, "city")
            self.sheets = [*(kept for kept in self.sheets if kept.member != member), sheet]
        else:
            with pytest.raises(DomainError, match="tender-not-evaluation"):
                awards.check_sheet(self.tender, sheet, "city")

    @rule()
    def propose(self) -> None:
        if self.status != "evaluation" or not self.sheets:
            with pytest.raises(DomainError, match=r"tender-not-evaluation|scores-missing"):
                awards.propose_award(self.tender, self.sheets, by="olga", at=self.now, pack=self.pack)
            return
        try:
            step = awards.propose_award(self.tender, self.sheets, by="olga", at=self.now, pack=self.pack)
        except NotAllowed:
            # Refused for a tie alone, which takes two bids of one price with the same scores in sum.
            scored = [(bid.price, self.points(bid.bid)) for bid in awards.valid_bids(self.tender)]
            assert len(scored) > len(set(scored))
        else:
            self.go(*step)

    def points(self, bid: UUID) -> Decimal:
        return sum((score.value for sheet in self.sheets for score in sheet.scores if score.bid == bid), Decimal(0))

    @precondition(lambda self: self.status == "standstill")
    @rule(off=st.sampled_from([-MICROSECOND, timedelta(0)]))
    def wait_for_the_standstill(self, off: timedelta) -> None:
        assert self.tender.award is not None
        self.now = max(self.now, self.tender.award.standstill_ends_at + off)

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def confirm(self, by: str) -> None:
        award = self.tender.award
        if self.status == "standstill" and award and by == "hugo" and self.now >= award.standstill_ends_at:
            confirmed, events = awards.confirm_award(
                self.tender, by=by, at=self.now, pack=self.pack, contract=UUID(int=99)
            )
            self.go(confirmed, events)
            assert confirmed.award is not None
            self.contract, generated = generate_contract(
                confirmed, confirmed.award, identifier=UUID(int=99), signature_due=events[0].signature_due
            )
            self.events += generated
        else:
            with pytest.raises(DomainError, match=r"tender-not-standstill|second-person-needed|standstill-running"):
                awards.confirm_award(self.tender, by=by, at=self.now, pack=self.pack, contract=UUID(int=99))

    @precondition(lambda self: self.contract is not None)
    @rule(supplier=st.booleans())
    def sign(self, supplier: bool) -> None:
        assert self.contract is not None
        turn = {"generated": True, "supplier-signed": False}.get(str(self.contract.status))
        contract = self.contract
        step = contract.sign_as_supplier if supplier else partial(contract.sign_as_buyer, pack=self.pack)
        if turn is not supplier:
            with pytest.raises(DomainError, match="contract-not-"):
                step(self.now)
            return
        signed, events = step(self.now)
        assert signed.version == self.contract.version + 1
        self.contract = signed
        self.events += events

    @rule(prices=st.lists(st.sampled_from(["700000", "900000"]), min_size=3, max_size=3))
    def go_on(self, prices: list[str]) -> None:
        """Take the way to the contract one step further, so that the later states are seen often enough."""
        match self.status:
            case "draft":
                self.request_funding("hugo" if self.tender.author == "olga" else "olga")
            case "funding-requested":
                self.answer_of_the_budget(granted=True)
            case "active":
                for bidder, price in zip("abc", prices, strict=True):
                    self.bid(bidder, price)
                self.wait_for_the_deadline(timedelta(0))
                self.open()
            case "evaluation":
                self.score("pia", [50, 60, 70])
                self.propose()
            case "standstill":
                self.wait_for_the_standstill(timedelta(0))
                self.confirm("hugo")
            case "awarded":
                assert self.contract is not None
                self.sign(supplier=self.contract.status == "generated")

    @invariant()
    def versions_of_the_events_are_unique(self) -> None:
        versions = [(event.aggregate, event.version) for event in self.events]
        assert len(versions) == len(set(versions))

    @invariant()
    def one_award_at_the_most(self) -> None:
        assert sum(isinstance(event, AwardProposed) for event in self.events) <= 1

    @invariant()
    def contract_is_worth_the_winners_price(self) -> None:
        if self.contract is not None:
            (winner,) = [bid for bid in self.received.values() if bid.bidder == self.contract.supplier]
            assert winner.content is not None
            assert f'"{self.contract.value.amount:.0f}"'.encode() in winner.content
            assert sum(part.amount.minor for part in self.contract.milestones) == self.contract.value.minor

    @invariant()
    def nothing_names_a_bid_before_the_opening(self) -> None:
        opening = next((n for n, event in enumerate(self.events) if isinstance(event, Opened)), len(self.events))
        told = repr(self.events[:opening])
        for bid in self.received.values():
            assert str(bid.bid) not in told
            assert bid.bidder.id not in told

    @invariant()
    def late_bid_is_never_opened(self) -> None:
        assert not {bid.bid for bid in self.tender.bids} & set(self.late)
        assert all(self.tender.closes_at and bid.received_at < self.tender.closes_at for bid in self.tender.bids)


def test_no_course_leaves_the_declared_ways_when_steps_come_in_any_order(
    draft: Tender, plan: Plan, content: Content, pack: RulePack, noon: datetime
) -> None:
    beginning = Beginning(draft, plan, content, pack, noon)
    # A factory is as good as the class, whatever the annotation says.
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(beginning)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )


@pytest.mark.parametrize("bids", [0, 1, 2, 3])
def test_opening_leads_where_the_number_of_bids_says_when_the_deadline_has_come(
    draft: Tender, plan: Plan, content: Content, pack: RulePack, noon: datetime, bids: int
) -> None:
    course = Course(Beginning(replace(draft), plan, content, pack, noon))
    course.request_funding("hugo")
    course.answer_of_the_budget(granted=True)
    for bidder in "abc"[:bids]:
        course.bid(bidder, "900000")
    course.wait_for_the_deadline(timedelta(0))
    course.open()
    assert course.status == ("evaluation" if bids >= 2 else "unsuccessful")
