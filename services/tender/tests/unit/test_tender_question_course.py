"""Questions, answers, amendments and bids in any order: the deadline, the opening and what an outsider can work out."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from tender.domain.amendment import NewAmendment, draft_amendment, publish_amendment
from tender.domain.amendment_events import Amended
from tender.domain.events import Published
from tender.domain.opening import check_bid_time, may_open
from tender.domain.parts import Level
from tender.domain.question import NewQuestion, Question, answer, ask
from tender.domain.question_events import QuestionAnswered, QuestionAsked
from tender.domain.tender import Tender

FUNDED = Money(125_000_000, "EUR")
SPANS = st.sampled_from([timedelta(microseconds=1), timedelta(hours=7), timedelta(days=1), timedelta(days=4)])


@dataclass(frozen=True, slots=True)
class Law:
    """What an outsider knows of a pack: its days of notice, and the time of the day there."""

    days: int
    offset: timedelta

    def noticed(self, at: datetime) -> datetime:
        """Return the end of the day that lies the days of notice on, as anybody works it out with a calendar."""
        day = (at + self.offset).date() + timedelta(days=self.days + 1)
        return datetime.combine(day, time.min, tzinfo=UTC) - self.offset


LAWS = {"model": Law(5, timedelta(0)), "cn-services": Law(15, timedelta(hours=8))}


class Bidding(RuleBasedStateMachine):
    """Plays the time from the publication to the opening, and works the deadline out from the public events alone."""

    def __init__(self, active: Tender, events: tuple[Published, ...], pack: RulePack, noon: datetime) -> None:
        super().__init__()
        self.tender, self.pack, self.now = active, pack, noon
        self.law = LAWS[pack.id]
        self.told: list[DomainEvent] = list(events)
        self.questions: dict[UUID, Question] = {}
        self.deadlines = [active.closes_at]
        # When each bidder's bid last came in, or was confirmed after an amendment.
        self.bids: dict[str, datetime] = {}
        self.opened = False

    @property
    def unanswered(self) -> int:
        asked = {event.question for event in self.told if isinstance(event, QuestionAsked)}
        return len(asked - {event.question for event in self.told if isinstance(event, QuestionAnswered)})

    @property
    def deadline(self) -> datetime:
        """The deadline as an outsider knows it: what the last event says that says one."""
        kinds = Published | QuestionAnswered | Amended
        return next(event.closes_at for event in reversed(self.told) if isinstance(event, kinds))

    @property
    def bidding(self) -> bool:
        return self.now < self.deadline or self.unanswered > 0

    def go(self, after: Tender, events: tuple[DomainEvent, ...]) -> None:
        assert after.version == self.tender.version + 1
        self.tender = after
        self.told += events
        self.deadlines.append(after.closes_at)

    @rule(span=SPANS)
    def wait(self, span: timedelta) -> None:
        self.now += span

    @rule(off=st.sampled_from([-1, 0, 1]))
    def wait_for_the_deadline(self, off: int) -> None:
        self.now = max(self.now, self.deadline + timedelta(microseconds=off))

    @rule(off=st.sampled_from([-1, 0]))
    def wait_for_the_end_of_questions(self, off: int) -> None:
        assert self.tender.questions_until is not None
        self.now = max(self.now, self.tender.questions_until + timedelta(microseconds=off))

    @precondition(lambda self: not self.opened)
    @rule(asker=st.sampled_from("ab"))
    def ask(self, asker: str) -> None:
        waiting = sum(1 for question in self.questions.values() if question.asker == asker and not question.answers)
        identifier = UUID(int=100 + len(self.questions))
        new = NewQuestion("Which streets?", None, None)
        assert self.tender.questions_until is not None
        closed = self.now >= self.tender.questions_until

        def act() -> tuple[Tender, Question, tuple[QuestionAsked, ...]]:
            return ask(
                self.tender,
                new,
                identifier=identifier,
                asker=asker,
                unanswered_of_asker=waiting,
                at=self.now,
                pack=self.pack,
            )

        if closed or waiting == 5:
            with pytest.raises(NotAllowed, match="questions-closed" if closed else "questions-too-many"):
                act()
            return
        after, question, events = act()
        self.questions[identifier] = question
        self.go(after, events)

    @precondition(lambda self: self.questions and not self.opened)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        before = self.questions[data.draw(st.sampled_from(sorted(self.questions)))]
        deadline = self.deadline
        if not self.bidding:
            with pytest.raises(NotAllowed, match="bidding-ended"):
                answer(self.tender, before, "All.", by="olga", at=self.now, pack=self.pack)
            return
        after, answered, events = answer(self.tender, before, "All.", by="olga", at=self.now, pack=self.pack)
        assert answered.answers[:-1] == before.answers
        self.questions[before.id] = answered
        self.go(after, events)
        assert self.deadline == max(deadline, self.law.noticed(self.now))

    @precondition(lambda self: not self.opened)
    @rule(cents=st.integers(1, 125_000_100), named=st.none() | st.integers(-2, 40))
    def amend(self, cents: int, named: int | None) -> None:
        value = Money(cents, "EUR")
        content = replace(
            self.tender.content,
            title=f"Home care {self.tender.version}",
            value=value,
            lots=(replace(self.tender.content.lots[0], value=value),),
        )
        closes_at = None if named is None else self.deadline + timedelta(days=named)
        least = max(self.deadline, self.law.noticed(self.now))
        new = NewAmendment(content, "A slip of the pen.", closes_at)
        admitted = (
            self.bidding
            and cents <= 125_000_000
            and (closes_at is None or least <= closes_at <= self.now + timedelta(days=366))
        )
        try:
            drafted = draft_amendment(
                self.tender, new, identifier=UUID(int=1), funded=FUNDED, by="olga", at=self.now, pack=self.pack
            )
            after, published, events = publish_amendment(
                self.tender, drafted, number=1, funded=FUNDED, by="hugo", at=self.now, pack=self.pack
            )
        except DomainError:
            assert not admitted
            return
        assert admitted
        assert published.replaces == self.tender.content
        self.go(after, events)
        assert self.deadline == (closes_at or least)

    @precondition(lambda self: not self.opened)
    @rule(bidder=st.sampled_from("xyz"))
    def bid_or_confirm(self, bidder: str) -> None:
        if self.bidding:
            check_bid_time(self.tender, self.now, self.pack)
            self.bids[bidder] = self.now
        else:
            with pytest.raises(NotAllowed, match="bid-late"):
                check_bid_time(self.tender, self.now, self.pack)

    @precondition(lambda self: not self.opened)
    @rule()
    def open(self) -> None:
        if self.bidding:
            wanted = "bids-sealed" if self.now < self.deadline else "questions-unanswered"
            with pytest.raises(NotAllowed, match=wanted):
                may_open(self.tender, self.now, self.pack)
            return
        may_open(self.tender, self.now, self.pack)
        self.opened = True

    @invariant()
    def deadline_never_moves_back(self) -> None:
        assert self.deadlines == sorted(self.deadlines)

    @invariant()
    def tender_says_what_the_events_say(self) -> None:
        assert (self.tender.closes_at, self.tender.unanswered) == (self.deadline, self.unanswered)

    @invariant()
    def nothing_is_opened_while_a_question_is_unanswered(self) -> None:
        assert not (self.opened and self.unanswered)

    @invariant()
    def everybody_had_the_days_of_notice_after_the_last_news_when_bids_are_opened(self) -> None:
        news = [event.answered_at for event in self.told if isinstance(event, QuestionAnswered)]
        news += [event.amended_at for event in self.told if isinstance(event, Amended)]
        if self.opened and news:
            assert self.now >= self.law.noticed(max(news))

    @invariant()
    def no_bid_is_in_time_after_the_opening_and_none_before_was_late(self) -> None:
        if self.opened:
            assert all(at < self.deadline for at in self.bids.values())

    @invariant()
    def questions_end_before_the_deadline(self) -> None:
        assert self.tender.questions_until is not None
        assert self.tender.questions_until < self.deadline


@pytest.mark.parametrize("name", LAWS)
def test_deadline_can_be_worked_out_by_anybody_when_things_happen_in_any_order(
    requested: Tender, noon: datetime, name: str
) -> None:
    pack = load_pack(name)
    price, quality = requested.content.criteria
    levels = (Level("Poor", Decimal(0), Decimal(0)), Level("Good", Decimal(100), Decimal(9)))
    content = replace(requested.content, criteria=(price, replace(quality, levels=levels)))
    active, events = replace(requested, content=content).publish(at=noon, pack=pack)
    # A factory is as good as the class, whatever the annotation says.
    run_state_machine_as_test(
        cast("type[Bidding]", lambda: Bidding(active, events, pack, noon)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
