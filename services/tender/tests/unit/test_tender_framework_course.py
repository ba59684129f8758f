"""Any sequence of orders, competitions, comings and goings under a framework agreement."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from frameworks import ENDS, NAMES, NOON, agreement, euros, order, party, quote
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.framework import Framework
from tender.domain.framework_events import CalledOff, FrameworkEnded, OrderChanged
from tender.domain.framework_parts import FrameworkStatus


class Course(RuleBasedStateMachine):
    """Orders, returns, competitions, comings and goings in any order."""

    def __init__(self, pack: RulePack, stage_two: str) -> None:
        super().__init__()
        self.pack, self.now = pack, NOON
        self.framework = agreement(pack, stage_two, 100, open=True)
        self.orders: dict[UUID, tuple[str, Money]] = {}
        self.number = 0
        self.given_back = self.changed = euros(0)
        self.signed: set[UUID] = set()

    def identifier(self) -> UUID:
        self.number += 1
        return UUID(int=self.number)

    def take(self, after: Framework, events: Sequence[Any]) -> None:
        versions = [event.version for event in events]
        assert versions == list(range(self.framework.version + 1, after.version + 1))
        self.framework = after
        for event in events:
            if isinstance(event, CalledOff):
                self.orders[event.contract] = (event.supplier.id, event.value)
            if isinstance(event, OrderChanged):
                supplier, value = self.orders[event.contract]
                self.orders[event.contract] = (supplier, value + event.difference)
                self.changed += event.difference
            if isinstance(event, FrameworkEnded):
                self.given_back += event.amount

    def attempt(self, step: Any) -> None:
        try:
            result = step()
        except DomainError:
            return
        self.take(result[0], result[1])

    @rule(name=st.sampled_from((*NAMES, "dogwood")), cents=st.integers(1, 6000))
    def order(self, name: str, cents: int) -> None:
        value, contract = Money(cents, "EUR"), self.identifier()
        self.attempt(
            lambda: self.framework.call_off(order(value), name, contract=contract, at=self.now, pack=self.pack)
        )

    @rule(cents=st.integers(1, 6000), prices=st.lists(st.none() | st.integers(-1, 6000), max_size=4))
    def compete(self, cents: int, prices: list[int | None]) -> None:
        value, identifier = Money(cents, "EUR"), self.identifier()
        closes = self.pack.ends_at("framework.competition-period", self.now)
        self.attempt(
            lambda: self.framework.compete(
                order(value), identifier=identifier, closes_at=closes, at=self.now, pack=self.pack
            )
        )
        quotes = [
            quote(name, None if price is None else Money(price, "EUR"))
            for name, price in zip((*NAMES, "dogwood"), prices, strict=False)
        ]
        self.now += timedelta(days=7)
        contract = self.identifier()
        self.attempt(
            lambda: self.framework.decide_competition(
                identifier, quotes, contract=contract, at=self.now, pack=self.pack
            )
        )

    @rule(data=st.data(), cents=st.integers(-6000, 6000))
    def change(self, data: st.DataObject, cents: int) -> None:
        if self.orders:
            contract = data.draw(st.sampled_from(sorted(self.orders)))
            supplier, value = self.orders[contract]
            difference = Money(max(cents, 1 - value.minor), "EUR")
            self.signed.add(contract)
            self.attempt(lambda: self.framework.change_order(supplier, difference, contract=contract, pack=self.pack))

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        if unsigned := sorted(self.orders.keys() - self.signed):
            contract = data.draw(st.sampled_from(unsigned))
            supplier, value = self.orders.pop(contract)
            self.take(*self.framework.give_back(supplier, value, contract=contract))

    @rule(name=st.sampled_from((*NAMES, "dogwood")), admitted=st.booleans())
    def join(self, name: str, *, admitted: bool) -> None:
        try:
            asked = self.framework.ask_to_join(party(name), at=self.now, pack=self.pack)
        except DomainError:
            return
        self.framework = asked
        self.take(*asked.decide_joining(name, "Looked at.", admitted=admitted))

    @rule(name=st.sampled_from(NAMES))
    def leave(self, name: str) -> None:
        self.attempt(lambda: self.framework.leave(name, "It closed."))

    @rule(sure=st.sampled_from([True, *[False] * 9]))
    def end(self, *, sure: bool) -> None:
        if sure:
            self.now = max(self.now, ENDS)
            self.take(*self.framework.expire(self.now))

    @invariant()
    def what_is_called_off_is_the_sum_of_the_orders_and_within_the_ceiling(self) -> None:
        total = sum(value.minor for _, value in self.orders.values())
        assert self.framework.called_off.minor == total <= self.framework.ceiling.minor
        for member in self.framework.members:
            ordered = [value.minor for name, value in self.orders.values() if name == member.supplier.id]
            assert member.called_off.minor == sum(ordered)

    @invariant()
    def what_is_given_back_and_what_is_ordered_are_the_ceiling_when_it_has_ended(self) -> None:
        if self.framework.status is FrameworkStatus.ENDED:
            assert self.given_back == self.framework.left_over + self.changed
        else:
            assert self.given_back == euros(0)

    @invariant()
    def reductions_make_no_room_but_what_changes_had_added(self) -> None:
        assert self.changed >= euros(0)

    @invariant()
    def nobody_is_a_member_twice(self) -> None:
        names = [member.supplier.id for member in self.framework.members]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("stage_two", ["direct-choice", "rotation", "mini-competition"])
def test_no_sequence_goes_above_the_ceiling_or_loses_an_order(pack: RulePack, stage_two: str) -> None:
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(pack, stage_two)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
