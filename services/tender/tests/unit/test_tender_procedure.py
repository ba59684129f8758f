"""Any course a procedure can take: what is asked for in which state, and what never happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.lifecycle import Lifecycle
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain import award as awards
from tender.domain import deficiency, price_inquiry, ties
from tender.domain.contract import Contract, generate_contract
from tender.domain.endings import cancel, cancel_lot
from tender.domain.events import BidExcluded, Opened, PricesOpened
from tender.domain.lifecycles import AWARD, LOT, TENDER
from tender.domain.opening import ReceivedBid, check_bid_time, close_lots, may_open, open_bids
from tender.domain.parts import Lot, OpenedBid, Party
from tender.domain.plan import Plan
from tender.domain.price_opening import ReleasedPrice, open_prices, sealed_prices
from tender.domain.qualification import Disqualification, Qualification, qualify
from tender.domain.tender import Content, Tender
from tender.domain.waiting import clock_at, next_wait

MICROSECOND = timedelta(microseconds=1)
# Written by hand, beside the lifecycles: where each act leads from each state.
_TO_AN_END = {"complete", "unsuccessful"}
TENDERS: Mapping[str, Mapping[str, set[str]]] = {
    "draft": {"change": {"draft"}, "request funding": {"funding-requested"}, "cancel": {"cancelled"}},
    "funding-requested": {"refuse funds": {"draft"}, "publish": {"active"}, "cancel": {"cancelled"}},
    "active": {"open": {"qualification", "unsuccessful"}, "cancel": {"cancelled"}},
    "qualification": {"qualify": {"evaluation", "unsuccessful"}, "cancel": {"cancelled"}},
    "evaluation": {"open prices": {"award", "unsuccessful"}, "cancel": {"cancelled"}},
    "award": {
        "award": {"award"} | _TO_AN_END,
        "confirm": {"award", "complete"},
        "correct": {"award"},
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

PRICES_IN_ORDER = st.lists(st.sampled_from(["0.3", "0.9", "0.9", "1"]), min_size=9, max_size=9)

Step = Callable[[], tuple[Tender, Sequence[DomainEvent]]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    draft: Tender
    plan: Plan
    pack: RulePack
    noon: datetime


class Course(RuleBasedStateMachine):
    """Asks for every step in every state, and lets it through exactly where it should be."""

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

    @initialize(lots=st.integers(1, 3), stage=st.integers(0, 5), data=st.data())
    def begin(self, lots: int, stage: int, data: st.DataObject) -> None:
        """Divide the tender into lots, and begin at any stage."""
        self.divide(lots)
        for _ in range(stage):
            self.go_on(data.draw(PRICES_IN_ORDER))

    def divide(self, lots: int) -> None:
        value = self.tender.content.value
        parts = tuple(Lot(f"lot-{n}", f"Part {n}", part) for n, part in enumerate(value.split(lots), 1))
        self.content: Content = replace(self.tender.content, lots=parts)
        self.tender = replace(self.tender, content=self.content)

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

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def request_funding(self, by: str) -> None:
        self.attempt(
            "request funding",
            lambda: self.tender.request_funding(by=by, at=self.now, pack=self.pack, plan=self.plan),
            admitted=by != self.tender.author,
        )

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
            *(draw.not_before for draw in self.tender.tie_draws),
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
        through, ended = close_lots(self.tender, counts, self.pack)
        going_on = {lot.id for lot in through.lots if lot.status == "active"}
        assert going_on == {lot for lot in open_before if counts[lot] >= 2}
        if going_on:
            opened, events = open_bids(
                through, tuple(bid for bid, _ in self.received.values()), at=self.now, pack=self.pack
            )
            self.go("open", opened, (*ended, *events))
        else:
            self.go("open", through, ended)

    @rule(out=st.sets(st.integers(0, 8), max_size=2), doubled=st.sampled_from([True, *[False] * 5]))
    def qualify(self, out: set[int], doubled: bool) -> None:
        bids = [bid.bid for number, bid in enumerate(self.tender.bids) if number in out]
        refused = [Disqualification(bid, "No licence.") for bid in bids] * (2 if doubled else 1)
        self.attempt(
            "qualify",
            lambda: qualify(self.tender, Qualification(refused), at=self.now, pack=self.pack),
            admitted=not (doubled and bids),
        )

    @rule(member=st.sampled_from(["pia", "paul"]), values=st.lists(st.integers(0, 3), min_size=9, max_size=9))
    def score(self, member: str, values: list[int]) -> None:
        scores = tuple(
            awards.Score(bid.bid, "quality", Decimal(value * 30))
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
    def open_prices(self) -> None:
        prices = {bid.bid: price for bid, price in self.received.values()}

        def step() -> tuple[Tender, Sequence[DomainEvent]]:
            awards.check_scored(self.tender, self.scores)
            released = tuple(
                ReleasedPrice(bid, f'{{"price": {{"amount": "{prices[bid]}", "currency": "EUR"}}}}'.encode())
                for bid in sealed_prices(self.tender)
            )
            return open_prices(self.tender, released, at=self.now, pack=self.pack)

        self.attempt("open prices", step, admitted=self.scores is not None)

    def examinable(self, bid: OpenedBid | None) -> bool:
        if bid is None or self.status != "award" or not bid.valid:
            return False
        progress = self.tender.progress(bid.lot)
        return progress.status == "active" and progress.award is None

    def nth(self, number: int) -> OpenedBid | None:
        return self.tender.bids[number % len(self.tender.bids)] if self.tender.bids else None

    @rule(number=st.integers(0, 8))
    def ask_about_a_price(self, number: int) -> None:
        bid = self.nth(number)
        asked = {inquiry.bid for inquiry in self.tender.inquiries}
        identifier = bid.bid if bid else UUID(int=1)
        self.attempt(
            "ask",
            lambda: price_inquiry.inquire_on_judgement(self.tender, identifier, at=self.now, pack=self.pack),
            admitted=self.examinable(bid) and identifier not in asked,
            states=("award",),
        )

    @rule(number=st.integers(0, 8))
    def explain_a_price(self, number: int) -> None:
        bid = self.nth(number)
        identifier = bid.bid if bid else UUID(int=1)
        inquiry = next((item for item in self.tender.inquiries if item.bid == identifier), None)
        in_time = inquiry is not None and self.now < inquiry.due_at
        waited = inquiry is not None and inquiry.explained_at is None and inquiry.accepted is None
        self.attempt(
            "explain",
            lambda: price_inquiry.explain(self.tender, identifier, "Paid kitchens.", at=self.now, pack=self.pack),
            admitted=self.examinable(bid) and in_time and waited,
            states=("award",),
        )

    @rule(number=st.integers(0, 8), accepted=st.booleans())
    def decide_on_a_price(self, number: int, accepted: bool) -> None:
        bid = self.nth(number)
        identifier = bid.bid if bid else UUID(int=1)
        inquiry = next((item for item in self.tender.inquiries if item.bid == identifier), None)
        admitted = (
            inquiry is not None
            and inquiry.accepted is None
            and (inquiry.explained_at is not None or (self.now >= inquiry.due_at and not accepted))
        )
        self.attempt(
            "decide",
            lambda: price_inquiry.decide(
                self.tender, identifier, accepted=accepted, reason="Said.", by="olga", at=self.now, pack=self.pack
            ),
            admitted=self.examinable(bid) and admitted,
            states=("award",),
        )

    @rule(number=st.integers(0, 8))
    def notify_a_deficiency(self, number: int) -> None:
        bid = self.nth(number)
        identifier = bid.bid if bid else UUID(int=1)
        told = {item.bid for item in self.tender.deficiencies}
        self.attempt(
            "notify",
            lambda: deficiency.notify(self.tender, identifier, "Not signed.", at=self.now, pack=self.pack),
            admitted=self.examinable(bid) and identifier not in told,
            states=("award",),
        )

    @rule(number=st.integers(0, 8))
    def correct_a_deficiency(self, number: int) -> None:
        bid = self.nth(number)
        identifier = bid.bid if bid else UUID(int=1)
        lack = next((item for item in self.tender.deficiencies if item.bid == identifier), None)
        admitted = lack is not None and lack.correction is None and lack.corrected is None and self.now < lack.due_at
        self.attempt(
            "correct",
            lambda: deficiency.correct(self.tender, identifier, "1" * 64, at=self.now, pack=self.pack),
            admitted=self.examinable(bid) and admitted,
        )

    @rule(number=st.integers(0, 8), corrected=st.booleans())
    def decide_on_a_correction(self, number: int, corrected: bool) -> None:
        bid = self.nth(number)
        identifier = bid.bid if bid else UUID(int=1)
        lack = next((item for item in self.tender.deficiencies if item.bid == identifier), None)
        self.attempt(
            "decide on a correction",
            lambda: deficiency.decide(
                self.tender, identifier, corrected=corrected, reason="Looked at.", pack=self.pack
            ),
            admitted=self.examinable(bid)
            and lack is not None
            and lack.correction is not None
            and lack.corrected is None,
            states=("award",),
        )

    @rule()
    def let_time_act(self) -> None:
        due = clock_at(self.tender)
        after, events = deficiency.lapse(self.tender, now=self.now, pack=self.pack)
        if due is not None and due <= self.now:
            assert {type(event) for event in events} == {BidExcluded}
            self.go("lapse", after, events)
        else:
            assert (after, events) == (self.tender, ())
        left = clock_at(self.tender)
        assert left is None or left > self.now

    @rule(number=st.integers(1, 3))
    def propose(self, number: int) -> None:
        lot = self.lot(number)
        progress = next((item for item in self.tender.lots if item.id == lot), None)
        bids = {bid.bid for bid in self.tender.bids if bid.lot == lot and bid.valid}
        unsettled = [item for item in self.tender.inquiries if item.bid in bids and item.accepted is None]
        lacking = [item for item in self.tender.deficiencies if item.bid in bids and item.corrected is None]
        open_lot = progress is not None and progress.status == "active" and progress.award is None
        if self.status != "award" or not open_lot or unsettled or lacking:
            with pytest.raises(
                DomainError,
                match=r"tender-not-award|lot-not-active|award-pending|price-inquiry-open|deficiency-open",
            ):
                awards.propose_award(self.tender, lot, self.scores or (), by="olga", at=self.now, pack=self.pack)
            return
        assert progress is not None
        try:
            step = awards.propose_award(self.tender, lot, self.scores or (), by="olga", at=self.now, pack=self.pack)
        except NotAllowed as refusal:
            # Refused for a tie alone, which takes two bids of one price with the same scores in sum.
            assert refusal.code == "tie-unresolved"  # noqa: PT017 - whether it is refused is not known beforehand
            left = [bid for bid in self.tender.bids if bid.bid in bids and bid.bid not in progress.passed_over]
            scored = [(bid.price, self.points(bid.bid)) for bid in left]
            assert len(scored) > len(set(scored))
            return
        self.go("award", *step)
        award = self.tender.progress(lot).award
        if bids - set(progress.passed_over):
            assert award is not None
            assert award.bid in bids - set(progress.passed_over)
        else:
            assert (award, self.tender.progress(lot).status) == (None, "unsuccessful")

    def points(self, bid: UUID) -> Decimal:
        return next((score.value for score in self.scores or () if score.bid == bid), Decimal(0))

    @rule(number=st.integers(1, 3), soon=st.booleans())
    def announce_a_draw(self, number: int, soon: bool) -> None:
        lot = self.lot(number)
        try:
            tied = awards.tied_bids(self.tender, lot, self.scores or (), self.pack)
        except DomainError:
            return
        announced = any(draw.lot == lot and set(draw.bids) >= set(tied) for draw in self.tender.tie_draws)
        not_before = self.now + timedelta(minutes=10) - (MICROSECOND if soon else timedelta(0))
        self.attempt(
            "announce",
            lambda: ties.announce(self.tender, lot, tied, source="beacon 7", not_before=not_before, at=self.now),
            admitted=bool(tied) and not announced and not soon,
            states=("award",),
        )

    @rule(number=st.integers(1, 3), randomness=st.sampled_from(["00" * 32, "a7" * 32]))
    def draw_a_tie(self, number: int, randomness: str) -> None:
        lot = self.lot(number)
        waiting = [draw for draw in self.tender.tie_draws if draw.lot == lot and draw.randomness is None]
        self.attempt(
            "draw",
            lambda: ties.draw_tie(self.tender, lot, randomness, at=self.now),
            admitted=bool(waiting) and self.now >= waiting[0].not_before,
            states=("award",),
        )

    @rule(number=st.integers(1, 3), by=st.sampled_from(["olga", "hugo", "hugo"]))
    def confirm(self, number: int, by: str) -> None:
        lot = self.lot(number)
        progress = next((item for item in self.tender.lots if item.id == lot), None)
        award = progress.award if progress else None
        identifier = UUID(int=0xC0000 + len(self.contracts))
        generated: list[Contract] = []

        def step() -> tuple[Tender, Sequence[DomainEvent]]:
            after, confirmed, event = awards.confirm_award(
                self.tender, lot, by=by, at=self.now, pack=self.pack, contract=identifier
            )
            contract, _ = generate_contract(after, confirmed, identifier=identifier, signature_due=event.signature_due)
            generated.append(contract)
            return after, (event,)

        admitted = (
            award is not None and award.status == "pending" and by == "hugo" and self.now >= award.standstill_ends_at
        )
        if self.attempt("confirm", step, admitted=admitted):
            self.contracts += generated

    @rule(number=st.integers(1, 3), sure=st.sampled_from([True, False]))
    def take_back_an_award(self, number: int, sure: bool) -> None:
        lot = self.lot(number)
        progress = next((item for item in self.tender.lots if item.id == lot), None)
        award = progress.award if progress else None
        if award is None or sure:
            self.attempt(
                "fall through",
                lambda: awards.cancel_award(self.tender, lot, "It withdrew.", at=self.now, pack=self.pack),
                admitted=award is not None,
            )
            assert award is None or award.bid in self.tender.progress(lot).passed_over

    @rule(prices=PRICES_IN_ORDER)
    def go_on(self, prices: list[str]) -> None:
        """Take the way to the contract one step further, so that the later states are seen often enough."""
        match self.status:
            case "draft":
                self.request_funding("hugo" if self.tender.author == "olga" else "olga")
            case "funding-requested":
                self.answer_of_the_budget(granted=True)
            case "active":
                pairs = [(bidder, number) for number in (1, 2, 3) for bidder in "abc"]
                for (bidder, number), price in zip(pairs, prices, strict=True):
                    self.bid(bidder, number, price)
                assert self.tender.closes_at is not None
                self.now = max(self.now, self.tender.closes_at)
                self.open()
            case "qualification":
                self.qualify(set(), doubled=False)
            case "evaluation":
                self.score("pia", [2] * 9)
                self.open_prices()
            case "award":
                for inquiry in self.tender.inquiries:
                    number = next(n for n, bid in enumerate(self.tender.bids) if bid.bid == inquiry.bid)
                    self.explain_a_price(number)
                    self.decide_on_a_price(number, accepted=True)
                number = next(n for n, lot in enumerate(self.tender.lots, 1) if lot.status == "active")
                award = self.tender.progress(self.lot(number)).award
                if award is None:
                    self.announce_a_draw(number, soon=False)
                    self.now = max([self.now, *(draw.not_before for draw in self.tender.tie_draws)])
                    self.draw_a_tie(number, "a7" * 32)
                    self.propose(number)
                else:
                    self.now = max(self.now, award.standstill_ends_at)
                    self.confirm(number, "hugo")

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
            assert sum(value.minor for group in by_status.values() for value in group) == 125_000_000
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


def pairs(cycle: Lifecycle, actions: set[str]) -> set[tuple[str, str, str]]:
    return {
        (action, before, after)
        for action, row in cycle.transitions.items()
        if action in actions
        for before in row.before
        for after in row.after
    }


def test_lifecycle_of_a_tender_is_the_table_above_when_it_is_read_as_data() -> None:
    actions = {action for row in TENDERS.values() for action in row}
    written = {(action, before, after) for before, row in TENDERS.items() for action, to in row.items() for after in to}
    # Every way of the table is declared; what is declared beyond it is the same act from or to another of its states.
    assert written <= pairs(TENDER, actions)
    assert set(TENDER.transitions) - actions == {"send back"}
    for action in actions:
        assert {before for of, before, _ in written if of == action} == set(TENDER.transitions[action].before)
    assert TENDER.final == {"unsuccessful", "cancelled"}


@pytest.mark.parametrize(("cycle", "table"), [(LOT, LOTS), (AWARD, AWARDS)])
def test_lifecycle_of_a_part_is_the_table_above_when_it_is_read_as_data(
    cycle: Lifecycle, table: Mapping[str, set[str]]
) -> None:
    declared = {(before, after) for _, before, after in pairs(cycle, set(cycle.transitions))}
    assert declared == {(before, after) for before, to in table.items() for after in to}


def test_no_course_leaves_the_declared_ways_when_steps_come_in_any_order(
    draft: Tender, plan: Plan, pack: RulePack, noon: datetime
) -> None:
    beginning = Beginning(draft, plan, pack, noon)
    # A factory is as good as the class, whatever the annotation says.
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(beginning)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )


@pytest.mark.parametrize("bids", [0, 1, 2, 3])
def test_opening_leads_where_the_number_of_bids_says_when_the_deadline_has_come(
    draft: Tender, plan: Plan, pack: RulePack, noon: datetime, bids: int
) -> None:
    course: Any = Course(Beginning(draft, plan, pack, noon))
    course.divide(1)
    course.request_funding("hugo")
    course.answer_of_the_budget(granted=True)
    for bidder in "abc"[:bids]:
        course.bid(bidder, 1, "0.9")
    course.wait_for_what_comes_next(timedelta(0))
    course.open()
    assert course.status == ("qualification" if bids >= 2 else "unsuccessful")
