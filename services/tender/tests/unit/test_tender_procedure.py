"""Any course a procedure can take: what is asked for in which state, and what never happens."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from procedure_walk import AWARDS, LOTS, MICROSECOND, TENDERS, Beginning, Walk

from shared.kernel.beacon import public_records
from shared.kernel.errors import DomainError, NotAllowed
from shared.kernel.events import DomainEvent
from shared.kernel.lifecycle import Lifecycle
from shared.rules.pack import RulePack
from shared.testing.course import SALT
from tender.domain import award as awards
from tender.domain import deficiency, price_inquiry, ties
from tender.domain.contract import Contract, generate_contract
from tender.domain.draw_parts import Randomness
from tender.domain.events import BidExcluded
from tender.domain.lifecycles import AWARD, LOT, TENDER
from tender.domain.parts import OpenedBid
from tender.domain.plan import Plan
from tender.domain.price_opening import ReleasedPrice, open_prices, sealed_prices
from tender.domain.qualification import confirm_qualification, qualify
from tender.domain.qualification_parts import Disqualification, Qualification
from tender.domain.tender import Tender
from tender.domain.waiting import clock_at

PRICES_IN_ORDER = st.lists(st.sampled_from(["0.3", "0.9", "0.9", "1"]), min_size=9, max_size=9)


class Course(Walk):
    """Asks for every step from the opening on too."""

    @initialize(lots=st.integers(1, 3), stage=st.integers(0, 5), data=st.data())
    def begin(self, lots: int, stage: int, data: st.DataObject) -> None:
        """Divide the tender into lots, and begin at any stage."""
        self.divide(lots)
        for _ in range(stage):
            self.go_on(data.draw(PRICES_IN_ORDER))

    @rule(out=st.sets(st.integers(0, 8), max_size=2), doubled=st.sampled_from([True, *[False] * 5]))
    def qualify(self, out: set[int], doubled: bool) -> None:
        bids = [bid for number, bid in enumerate(self.tender.bids) if number in out]
        refused = [Disqualification(bid.bid, "No licence.", "bidder-verified") for bid in bids] * (2 if doubled else 1)
        self.attempt(
            "propose to qualify" if refused else "qualify",
            lambda: qualify(self.tender, Qualification(refused), by="olga", at=self.now, pack=self.pack),
            admitted=not (doubled and bids) and not self.any_ended(bid.bid for bid in bids),
            states=("qualification",) if refused else (),
        )

    @rule(by=st.sampled_from(["olga", "hugo"]))
    def confirm_the_qualification(self, by: str) -> None:
        proposed = self.tender.qualification
        out = [item.bid for item in proposed.decision.disqualified] if proposed else []
        self.attempt(
            "qualify",
            lambda: confirm_qualification(self.tender, by=by, at=self.now, pack=self.pack),
            admitted=proposed is not None and by != "olga" and not self.any_ended(out),
        )

    def any_ended(self, bids: Iterable[UUID]) -> bool:
        return any(self.tender.progress(self.tender.bid(bid).lot).status != "active" for bid in bids)

    @rule(member=st.sampled_from(["pia", "paul"]), values=st.lists(st.integers(0, 3), min_size=9, max_size=9))
    def score(self, member: str, values: list[int]) -> None:
        scores = tuple(
            awards.Score(bid.bid, "quality", Decimal(value * 30))
            for bid, value in zip(awards.valid_bids(self.tender), values, strict=False)
        )
        sheet = awards.ScoreSheet(member, scores)
        if self.status == "evaluation":
            awards.check_sheet(self.tender, sheet)
            self.sheets = [*(kept for kept in self.sheets if kept.member != member), sheet]
        else:
            with pytest.raises(DomainError, match="tender-not-evaluation"):
                awards.check_sheet(self.tender, sheet)

    @rule()
    def open_prices(self) -> None:
        prices = {bid.bid: price for bid, price in self.received.values()}

        def step() -> tuple[Tender, Sequence[DomainEvent]]:
            awards.check_scored(self.tender, self.scores, self.pack)
            released = tuple(
                ReleasedPrice(bid, f'{{"price": {{"amount": "{prices[bid]}", "currency": "EUR"}}}}'.encode())
                for bid in sealed_prices(self.tender, self.pack)
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
            "answer",
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
                self.tender, identifier, corrected=corrected, reason="Looked at.", by="olga", pack=self.pack
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
                awards.propose_award(
                    self.tender, lot, self.scores or (), by="olga", at=self.now, pack=self.pack, salt=SALT
                )
            return
        assert progress is not None
        try:
            step = awards.propose_award(
                self.tender, lot, self.scores or (), by="olga", at=self.now, pack=self.pack, salt=SALT
            )
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
        announced = tied and any(draw.lot == lot and set(draw.bids) >= set(tied.bids) for draw in self.tender.tie_draws)
        not_before = self.now + timedelta(minutes=10) - (MICROSECOND if soon else timedelta(0))
        self.attempt(
            "announce",
            lambda: ties.announce(
                self.tender, lot, tied, public_records(["River"], not_before), at=self.now, pack=self.pack
            ),
            admitted=bool(tied) and not announced and not soon,
            states=("award",),
        )

    @rule(number=st.integers(1, 3), randomness=st.sampled_from([b"\0" * 32, b"\xa7" * 32]))
    def draw_a_tie(self, number: int, randomness: bytes) -> None:
        lot = self.lot(number)
        waiting = [draw for draw in self.tender.tie_draws if draw.lot == lot and draw.awaited]
        self.attempt(
            "draw",
            lambda: ties.draw_tie(self.tender, lot, Randomness(randomness), at=self.now, pack=self.pack),
            admitted=bool(waiting) and self.now >= (waiting[0].not_before or self.now),
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
                self.request_funding("karl")
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
                    self.now = max([self.now, *(draw.not_before for draw in self.tender.tie_draws if draw.not_before)])
                    self.draw_a_tie(number, b"\xa7" * 32)
                    self.propose(number)
                else:
                    self.now = max(self.now, award.standstill_ends_at)
                    self.confirm(number, "hugo")


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
    assert set(TENDER.transitions) - actions == {"order amendment", "send back"}
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
