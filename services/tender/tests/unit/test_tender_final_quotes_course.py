"""A round of final quotes that goes any way: nobody quotes late, twice counts once, who left has left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from final_quotes import MICROSECOND, NAMES, in_talks, released
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError
from shared.rules.pack import RulePack
from tender.domain.endings import cancel_lot
from tender.domain.events import PricesOpened
from tender.domain.negotiation import (
    NewTalks,
    change_terms,
    check_leaving,
    check_quote,
    record_talks,
    request_quotes,
)
from tender.domain.negotiation_parts import FINAL_QUOTE, NEGOTIATION, NegotiationStatus, QuoteStatus
from tender.domain.price_opening import open_prices
from tender.domain.procurement import Procurement

LOTS = {"north": "300.00", "south": "400.00"}
PRICES = ("250.00", "300.00", "300.01", "nothing")
# Written by hand, beside the lifecycle: where a round may stand when each act is asked for.
ACTS = {
    "record talks": {"talks"},
    "change terms": {"talks"},
    "request final quotes": {"talks"},
    "quote": {"requested"},
    "leave": {"talks", "requested"},
    "open": {"requested"},
}


class Round(RuleBasedStateMachine):
    """Asks for every step at any time, and knows by itself which of them is let through."""

    def __init__(self, start: Callable[[], Any]) -> None:
        super().__init__()
        self.procedure = start()
        self.procedure.now += timedelta(hours=1)
        self.closes_at: datetime | None = None
        self.talked: set[UUID] = set()
        self.quoted: dict[UUID, str] = {}
        self.gone: set[UUID] = set()
        self.cancelled: set[str] = set()
        self.priced = False

    @property
    def now(self) -> datetime:
        now: datetime = self.procedure.now
        return now

    @property
    def over(self) -> bool:
        return self.closes_at is not None and self.now >= self.closes_at

    def going_on(self) -> set[UUID]:
        return {bid for bid, (lot, _, _) in self.procedure.offers.items() if lot not in self.cancelled}

    def attempt(self, step: Callable[[], Any], *, admitted: bool) -> bool:
        if not admitted:
            with pytest.raises(DomainError):
                step()
            return False
        change = step()
        if change is not None:
            self.procedure.take(change)
        return True

    @rule(bid=st.integers(0, 5))
    def talk(self, bid: int) -> None:
        one = list(self.procedure.offers)[bid]
        pack, tender = self.procedure.pack, self.procedure.tender
        new = NewTalks(one, pack.calendar.day_of(self.now), ("Olga",), "a" * 64)
        admitted = self.closes_at is None and one in self.going_on()
        if self.attempt(lambda: record_talks(tender, new, by="olga", at=self.now, pack=pack), admitted=admitted):
            self.talked.add(one)

    @rule()
    def talk_with_the_rest(self) -> None:
        if self.closes_at is None:
            for number, one in enumerate(self.procedure.offers):
                if one in self.going_on() - self.talked:
                    self.talk(number)

    @rule()
    def change_the_terms(self) -> None:
        tender, pack = self.procedure.tender, self.procedure.pack
        step = lambda: change_terms(tender, "Earlier.", by="hugo", at=self.now, pack=pack)  # noqa: E731 - a step
        self.attempt(step, admitted=self.closes_at is None)

    @rule(hours=st.sampled_from([0, 1, 48]))
    def ask_for_quotes(self, hours: int) -> None:
        closes_at = self.now + timedelta(hours=hours)
        tender, pack = self.procedure.tender, self.procedure.pack
        admitted = self.closes_at is None and hours > 0 and self.going_on() <= self.talked
        if self.attempt(lambda: request_quotes(tender, closes_at, at=self.now, pack=pack), admitted=admitted):
            self.closes_at = closes_at

    @rule(bid=st.integers(0, 5), price=st.sampled_from(PRICES))
    def quote(self, bid: int, price: str) -> None:
        one = list(self.procedure.offers)[bid]
        before = QuoteStatus.LEFT if one in self.gone else QuoteStatus.AWAITED
        admitted = self.closes_at is not None and not self.over and not self.priced
        admitted = admitted and one in self.going_on() and one not in self.gone

        def step() -> None:
            check_quote(self.procedure.tender, one, at=self.now, pack=self.procedure.pack)
            FINAL_QUOTE.move("submit", before, QuoteStatus.SUBMITTED)

        if self.attempt(step, admitted=admitted):
            self.quoted[one] = price

    @rule(bid=st.integers(0, 5), sure=st.sampled_from([True, False, False]))
    def leave(self, bid: int, sure: bool) -> None:
        one = list(self.procedure.offers)[bid]
        before = QuoteStatus.LEFT if one in self.gone else QuoteStatus.AWAITED
        admitted = not self.over and not self.priced and one in self.going_on() and one not in self.gone

        def step() -> None:
            check_leaving(self.procedure.tender, one, at=self.now, pack=self.procedure.pack)
            FINAL_QUOTE.move("leave", before, QuoteStatus.LEFT)

        if (sure or not admitted) and self.attempt(step, admitted=admitted):
            self.gone.add(one)
            self.quoted.pop(one, None)

    @rule(off=st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
    def wait(self, off: timedelta) -> None:
        if self.closes_at is not None:
            self.procedure.now = max(self.now, self.closes_at + off)

    @rule(sure=st.sampled_from([True, False, False, False]))
    def end_a_lot(self, sure: bool) -> None:
        if sure and not self.cancelled and not self.priced:
            self.procedure.take(cancel_lot(self.procedure.tender, "south", "Not needed."))
            self.cancelled.add("south")

    @rule()
    def open_prices(self) -> None:
        prices: dict[UUID, str | bytes] = {
            bid: b"nothing" if price == "nothing" else price
            for bid, price in self.quoted.items()
            if bid in self.going_on()
        }
        sealed = released(self.procedure, prices)
        tender, pack = self.procedure.tender, self.procedure.pack
        admitted = self.over and not self.priced
        if self.attempt(lambda: open_prices(tender, sealed, at=self.now, pack=pack), admitted=admitted):
            self.priced = True

    @invariant()
    def only_what_was_quoted_last_is_a_price(self) -> None:
        for bid in self.procedure.tender.bids:
            if not self.priced or bid.bid not in self.going_on():
                assert (bid.price, bid.final_quote, bid.salt) == (None, None, None)
                continue
            told = self.quoted.get(bid.bid)
            assert (str(bid.price.amount) if bid.price else None) == (None if told in {None, "nothing"} else told)
            most = LOTS[bid.lot]
            assert bid.valid == (told is not None and told != "nothing" and float(told) <= float(most))

    @invariant()
    def price_is_told_by_the_opening_alone(self) -> None:
        told = [event for event in self.procedure.events if not isinstance(event, PricesOpened)]
        assert "300.01" not in repr(told)
        assert "250.00" not in repr(told)

    @invariant()
    def round_stands_where_it_should(self) -> None:
        if self.closes_at is None:
            expected = NegotiationStatus.TALKS
        else:
            expected = NegotiationStatus.OPENED if self.priced else NegotiationStatus.REQUESTED
        assert self.procedure.tender.negotiation.status is expected


def test_lifecycle_of_a_round_is_the_table_above_when_it_is_read_as_data() -> None:
    assert {action: set(row.before) for action, row in NEGOTIATION.transitions.items()} == ACTS
    assert (NEGOTIATION.final, FINAL_QUOTE.final) == ({"opened"}, {"left"})


def test_no_round_leaves_the_declared_ways_when_steps_come_in_any_order(walk: Any, cn: RulePack) -> None:
    procurement = Procurement("competitive-consultation", facts={"procedure": {"purchase_of_services": True}})
    begun = in_talks(walk, cn, procurement, NAMES, **LOTS)

    def start() -> Any:
        return replace(begun, events=list(begun.events))

    run_state_machine_as_test(
        cast("type[Round]", lambda: Round(start)),
        settings=settings(max_examples=100, stateful_step_count=30, deadline=None),
    )
