"""A procedure that walks any way: what it may do until the bids are open, and what holds wherever it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.kernel.errors import DomainError
from shared.kernel.events import DomainEvent
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain import award as awards
from tender.domain.amendment import NewAmendment, draft_amendment, publish_amendment
from tender.domain.contract import Contract
from tender.domain.endings import cancel, cancel_lot
from tender.domain.events import BidExcluded, FundsUnneeded, Opened, PricesOpened
from tender.domain.lifecycles import TENDER
from tender.domain.opening import ReceivedBid, check_bid_time, end_lots, may_open, open_bids
from tender.domain.parts import Lot, Party
from tender.domain.plan import Plan
from tender.domain.tender import Content, Tender
from tender.domain.waiting import next_wait

MICROSECOND = timedelta(microseconds=1)
# Written by hand, beside the lifecycles: where each act leads from each state.
_TO_AN_END = {"complete", "unsuccessful"}
TENDERS: Mapping[str, Mapping[str, set[str]]] = {
    "draft": {"change": {"draft"}, "request funding": {"funding-requested"}, "cancel": {"cancelled"}},
    "funding-requested": {"refuse funds": {"draft"}, "publish": {"active"}, "cancel": {"cancelled"}},
    "active": {"open": {"qualification", "unsuccessful"}, "cancel": {"cancelled"}},
    "qualification": {"qualify": {"evaluation"} | _TO_AN_END, "answer": {"qualification"}, "cancel": {"cancelled"}},
    "evaluation": {
        "negotiate": {"evaluation"},
        "open prices": {"award"} | _TO_AN_END,
        "answer": {"evaluation"},
        "cancel": {"cancelled"},
    },
    "award": {
        "award": {"award"} | _TO_AN_END,
        "confirm": {"award", "complete"},
        "answer": {"award"},
        "lapse": {"award"},
        "fall through": {"award"},
        "cancel": {"complete", "cancelled"},
    },
    "complete": {"fall through": {"award"}},
    "unsuccessful": {},
    "cancelled": {},
}
LOTS = {"active": {"complete", "unsuccessful", "cancelled"}, "complete": {"active"}}
AWARDS = {"pending": {"active", "cancelled"}, "active": {"cancelled"}}
# What any act but these does to an award or a lot is nothing.
ENDED = {"complete", "unsuccessful", "cancelled"}

Step = Callable[[], tuple[Tender, Sequence[DomainEvent]]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    draft: Tender
    plan: Plan
    pack: RulePack
    noon: datetime


class Walk(RuleBasedStateMachine):
    """Asks for every step until the opening in every state, and lets it through exactly where it should be."""

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        self.plan, self.pack = beginning.plan, beginning.pack
        self.tender, self.now = beginning.draft, beginning.noon
        self.events: list[DomainEvent] = []
        self.received: dict[tuple[str, str], tuple[ReceivedBid, str]] = {}
        self.late: list[UUID] = []
        self.sent = 0
        self.sheets: list[awards.ScoreSheet] = []
        self.contracts: list[Contract] = []

    def divide(self, lots: int) -> None:
        value = self.tender.content.value
        parts = tuple(Lot(f"lot-{n}", f"Part {n}", part) for n, part in enumerate(value.split(lots), 1))
        self.content: Content = replace(self.tender.content, lots=parts)
        self.tender, self.funded_lots = replace(self.tender, content=self.content), parts

    @property
    def status(self) -> str:
        return str(self.tender.status)

    @property
    def closed(self) -> bool:
        return self.tender.closes_at is not None and self.now >= self.tender.closes_at

    @property
    def scores(self) -> tuple[awards.Score, ...] | None:
        """What the panel would lock: every bid's mean over the sheets; none before there is a sheet."""
        given: dict[UUID, list[Decimal]] = {}
        for sheet in self.sheets:
            for score in sheet.scores:
                given.setdefault(score.bid, []).append(score.value)
        means = {bid: sum(values, Decimal(0)) / len(values) for bid, values in given.items()}
        return tuple(awards.Score(bid, "quality", mean) for bid, mean in means.items()) if self.sheets else None

    def price(self, lot: str, share: str) -> str:
        value = next(item.value for item in self.content.lots if item.id == lot)
        return f"{(value.amount * Decimal(share)).quantize(Decimal('0.01'))}"

    def lot(self, number: int) -> str:
        return f"lot-{(number - 1) % len(self.content.lots) + 1}"

    def go(self, action: str | None, after: Tender, events: Sequence[DomainEvent]) -> None:
        """Take a step that was let through; an act that is no transition leaves the procedure where it stands."""
        before = self.tender
        if action is None:
            assert after.status == before.status
        else:
            assert str(after.status) in TENDERS[self.status][action]
            assert str(after.status) in TENDER.transitions[action].after
        moved = [(old.status, new.status) for old, new in zip(before.lots, after.lots, strict=False)]
        assert all(str(new) in LOTS.get(str(old), set()) for old, new in moved if old != new)
        kept = {award.id: award.status for lot in after.lots for award in lot.awards}
        for old in (award for lot in before.lots for award in lot.awards):
            assert kept[old.id] == old.status or str(kept[old.id]) in AWARDS[str(old.status)]
        assert after.version > before.version
        assert [event.version for event in events] == list(range(after.version - len(events) + 1, after.version + 1))
        self.tender = after
        self.events += events

    def attempt(self, action: str, step: Step, *, admitted: bool = True, states: Sequence[str] = ()) -> bool:
        """Ask for an act that its state, or something else that is known here, refuses or lets through."""
        if not (action in TENDERS[self.status] or self.status in states) or not admitted:
            with pytest.raises(DomainError):
                step()
            return False
        self.go(None if states else action, *step())
        return True

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def change(self, by: str) -> None:
        self.attempt("change", lambda: (self.tender.change(self.content, by=by), ()))

    @rule(by=st.sampled_from(["olga", "hugo", "karl"]))
    def request_funding(self, by: str) -> None:
        self.attempt(
            "request funding",
            lambda: self.tender.request_funding(by=by, at=self.now, pack=self.pack),
            admitted=by not in self.tender.authors,
        )

    @rule(cents=st.sampled_from([0, 1, 10_000]))
    def amend_the_value(self, cents: int) -> None:
        """Lower every lot that goes on by so much from what was funded, or bring it back; what ended stays."""
        ended = {lot.id for lot in self.tender.lots if lot.status != "active"}
        lots = tuple(
            self.tender.lot(lot.id)
            if lot.id in ended
            else replace(lot, value=lot.value - Money(cents, lot.value.currency))
            for lot in self.funded_lots
        )
        value = Money(sum(lot.value.minor for lot in lots), self.tender.content.value.currency)
        new = NewAmendment(replace(self.content, value=value, lots=lots), "Less is needed.", None)
        funded = self.tender.funded or value
        at, pack = self.now, self.pack

        def step() -> tuple[Tender, Sequence[DomainEvent]]:
            drafted = draft_amendment(
                self.tender, new, identifier=UUID(int=60), funded=funded, by="olga", at=at, pack=pack
            )
            after, _, events = publish_amendment(
                self.tender, drafted, number=1, funded=funded, by="hugo", at=at, pack=pack
            )
            return after, events

        if self.status != "active" or self.closed or new.content == self.tender.content:
            with pytest.raises(DomainError, match=r"tender-not-active|bidding-ended|amendment-empty"):
                step()
        else:
            self.go(None, *step())
            self.content = new.content

    @rule(granted=st.sampled_from([True, True, True, False]))
    def answer_of_the_budget(self, granted: bool) -> None:
        answer = (
            self.tender.publish(at=self.now, pack=self.pack)
            if granted
            else self.tender.return_to_draft("funds-insufficient", "Not enough is left.")
        )
        if self.status == "funding-requested":
            self.go("publish" if granted else "refuse funds", *answer)
        else:
            assert answer == (self.tender, ())

    @rule(sure=st.sampled_from([True, *[False] * 19]))
    def cancel(self, sure: bool) -> None:
        complete = any(lot.status == "complete" for lot in self.tender.lots)
        possible = "cancel" in TENDERS[self.status] and not complete
        if sure or not possible:
            self.attempt("cancel", lambda: cancel(self.tender, "Not needed any more."), admitted=not complete)
            assert self.status == "cancelled" or not possible

    @rule(number=st.integers(1, 3), sure=st.sampled_from([True, False, False, False]))
    def cancel_lot(self, number: int, sure: bool) -> None:
        name = self.lot(number)
        progress = next((lot for lot in self.tender.lots if lot.id == name), None)
        possible = progress is not None and progress.status == "active" and progress.award is None
        if not possible or "cancel" not in TENDERS[self.status]:
            with pytest.raises(DomainError):
                cancel_lot(self.tender, name, "Not needed.")
        elif sure:
            after, events = cancel_lot(self.tender, name, "Not needed.")
            # The procedure itself is moved by the end of its last lot alone.
            self.go("cancel" if after.status != self.tender.status else None, after, events)

    @rule(
        bidder=st.sampled_from("abc"),
        number=st.integers(1, 3),
        share=st.sampled_from(["0.2", "0.9", "0.96", "1", "1.01", "nothing"]),
    )
    def bid(self, bidder: str, number: int, share: str) -> None:
        self.sent += 1
        lot = self.lot(number)
        price = share if share == "nothing" else self.price(lot, share)
        identifier = UUID(int=0xB1D000 + self.sent)
        bid = ReceivedBid(identifier, lot, Party(f"bidder-{bidder}", bidder), self.now, "0" * 64)
        if self.status == "active" and not self.closed:
            check_bid_time(self.tender, self.now, self.pack)
            self.received[lot, bidder] = (bid, price)
        else:
            with pytest.raises(DomainError, match=r"bid-late|tender-not-active"):
                check_bid_time(self.tender, self.now, self.pack)
            self.late.append(identifier)

    @rule(off=st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
    def wait_for_what_comes_next(self, off: timedelta) -> None:
        """Move on to the deadline, or to the end of the next standstill, inquiry, deficiency or draw."""
        nearest = [
            *([self.tender.closes_at] if self.status == "active" and self.tender.closes_at else []),
            *(award.standstill_ends_at for lot in self.tender.lots for award in lot.awards),
            *(inquiry.due_at for inquiry in self.tender.inquiries),
            *(lack.due_at for lack in self.tender.deficiencies),
            *(draw.not_before for draw in self.tender.tie_draws if draw.not_before),
        ]
        ahead = [instant + off for instant in nearest if instant + off > self.now]
        self.now = min(ahead, default=self.now)

    @rule()
    def open(self) -> None:
        if self.status != "active" or not self.closed:
            with pytest.raises(DomainError, match=r"tender-not-active|bids-sealed"):
                may_open(self.tender, self.now, self.pack)
            return
        may_open(self.tender, self.now, self.pack)
        counts = {lot.id: sum(of == lot.id for of, _ in self.received) for lot in self.content.lots}
        open_before = {lot.id for lot in self.tender.lots if lot.status == "active"}
        through, ended = end_lots(self.tender, "open", "opening", counts, self.pack)
        going_on = {lot.id for lot in through.lots if lot.status == "active"}
        assert going_on == {lot for lot in open_before if counts[lot] >= 2}
        if going_on:
            opened, events = open_bids(
                through, tuple(bid for bid, _ in self.received.values()), at=self.now, pack=self.pack
            )
            self.go("open", opened, (*ended, *events))
        else:
            self.go("open", through, ended)

    @invariant()
    def versions_of_the_events_are_unique(self) -> None:
        versions = [(event.aggregate, event.version) for event in self.events]
        assert len(versions) == len(set(versions))

    @invariant()
    def a_lot_has_one_award_that_stands_at_the_most(self) -> None:
        for lot in self.tender.lots:
            standing = [award for award in lot.awards if award.status != "cancelled"]
            assert len(standing) <= 1
            assert (lot.status == "complete") == any(award.status == "active" for award in standing)
            assert lot.status in {"active", "complete"} or not standing
            assert not {award.bid for award in standing} & set(lot.passed_over)

    @invariant()
    def an_award_stands_for_a_bid_that_counts(self) -> None:
        for lot in self.tender.lots:
            if lot.award is not None:
                bid = self.tender.bid(lot.award.bid)
                assert (bid.valid, bid.lot, bid.price, bid.bidder) == (
                    True,
                    lot.id,
                    lot.award.value,
                    lot.award.supplier,
                )

    @invariant()
    def contract_is_worth_the_winners_price(self) -> None:
        prices = {bid.bid: (bid, price) for bid, price in self.received.values()}
        for contract in self.contracts:
            award = next(award for lot in self.tender.lots for award in lot.awards if award.contract == contract.id)
            bid, price = prices[award.bid]
            assert (f"{contract.value.amount}", contract.supplier) == (price, bid.bidder)
            assert sum(part.amount.minor for part in contract.milestones) == contract.value.minor

    @invariant()
    def nothing_names_a_bid_before_the_opening(self) -> None:
        opening = next((n for n, event in enumerate(self.events) if isinstance(event, Opened)), len(self.events))
        told = repr(self.events[:opening])
        for bid, _ in self.received.values():
            assert str(bid.bid) not in told
            assert bid.bidder.id not in told
        if self.tender.opened_at is None:
            assert self.tender.bids == ()

    @invariant()
    def no_price_is_known_before_its_time_or_of_a_bid_that_was_excluded_before(self) -> None:
        if self.tender.prices_opened_at is None:
            assert all(bid.price is None for bid in self.tender.bids)
        priced = next((n for n, event in enumerate(self.events) if isinstance(event, PricesOpened)), len(self.events))
        before = {event.bid for event in self.events[:priced] if isinstance(event, BidExcluded)}
        assert all(bid.price is None for bid in self.tender.bids if bid.bid in before)
        told = {bid.bid for event in self.events if isinstance(event, PricesOpened) for bid in event.bids}
        assert not told & before
        assert "price=Money" not in repr([event for event in self.events[:priced] if isinstance(event, Opened)])

    @invariant()
    def a_bid_is_excluded_once(self) -> None:
        excluded = [event.bid for event in self.events if isinstance(event, BidExcluded)]
        assert len(excluded) == len(set(excluded))
        assert all(not bid.valid and bid.reason for bid in self.tender.bids if bid.bid in excluded)

    @invariant()
    def late_bid_is_never_opened(self) -> None:
        assert not {bid.bid for bid in self.tender.bids} & set(self.late)
        assert all(self.tender.closes_at and bid.received_at < self.tender.closes_at for bid in self.tender.bids)

    @invariant()
    def procedure_has_ended_when_all_its_lots_have_and_the_way_they_have(self) -> None:
        lots = {str(lot.status) for lot in self.tender.lots}
        if self.status in ENDED and self.tender.lots:
            assert lots <= ENDED
        match self.status:
            case "complete":
                assert "complete" in lots
            case "unsuccessful":
                assert "unsuccessful" in lots
                assert "complete" not in lots
            case "cancelled":
                assert "complete" not in lots
            case "active" | "qualification" | "evaluation" | "award":
                assert "active" in lots

    @invariant()
    def lots_are_worth_the_tender(self) -> None:
        if self.tender.lots:
            values = {lot.id: lot.value for lot in self.tender.content.lots}
            by_status: dict[str, list[Money]] = {}
            for progress in self.tender.lots:
                by_status.setdefault(str(progress.status), []).append(values[progress.id])
            worth = sum(value.minor for group in by_status.values() for value in group)
            assert worth == self.tender.content.value.minor
            unneeded = sum(event.amount.minor for event in self.events if isinstance(event, FundsUnneeded))
            # From the opening on all that was reserved is either needed by a lot or was told to be unneeded.
            assert unneeded == (125_000_000 - worth if self.tender.opened_at else 0)
            told = [
                amount
                for event in self.events
                if (amount := getattr(event, "amount", None)) is not None and hasattr(event, "lot")
            ]
            ended = [*by_status.get("unsuccessful", []), *by_status.get("cancelled", [])]
            # What was told lot by lot is what the lots that ended without a contract are worth; the end of the whole
            # procedure gives the rest back.
            assert sum(value.minor for value in told) <= sum(value.minor for value in ended)
            if self.status != "cancelled":
                assert sorted(value.minor for value in told) == sorted(value.minor for value in ended)

    @invariant()
    def somebody_is_waited_for_until_the_end(self) -> None:
        assert (next_wait(self.tender) is None) == (self.status in ENDED | {"draft"})
