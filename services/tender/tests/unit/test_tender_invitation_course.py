"""Any course that a draw of invitees can take: witnesses, two readers and a beacon first, and one list for good."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.kernel import draw as selection
from shared.kernel.beacon import public_records
from shared.kernel.draw_record import verify
from shared.kernel.errors import DomainError
from shared.kernel.events import DomainEvent
from shared.rules.pack import RulePack, load_pack
from tender.domain.invitation import Invitation, pool_candidates
from tender.domain.parts import Party, Status
from tender.domain.public_draw import read_randomness
from tender.domain.tender import Tender
from tender.messaging.publish import published

SECRET = b"a secret for any course"
LEAD = timedelta(minutes=10)
MICROSECOND = timedelta(microseconds=1)
# Written by hand, beside the lifecycle: where each act leads from each state.
WAYS: Mapping[str, Mapping[str, str]] = {
    "pooled": {"witness": "pooled", "enter": "pooled", "draw": "drawn"},
    "drawn": {},
}
# What the packs ask for, by hand: two of the staff look on, and the pool is twice as large as the list.
WITNESSES, FACTOR = 2, 2
STAFF = st.sampled_from(["olga", "hugo", "hedda", "otto"])
AUTHOR = "olga"
Numbers = tuple[tuple[int, ...], ...]
READINGS: Sequence[Numbers] = (((7, 3),), ((7, 4),))


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every course begins with."""

    draft: Tender
    pack: RulePack
    noon: datetime


class Course(RuleBasedStateMachine):
    """Asks for every step in every state, and works out the list from what is public alone."""

    def __init__(self, beginning: Beginning) -> None:
        super().__init__()
        self.tender, self.pack, self.now = beginning.draft, beginning.pack, beginning.noon
        self.events: list[DomainEvent] = []
        self.witnesses: set[str] = set()
        self.readings: dict[str, Numbers] = {}
        self.drawn: tuple[str, ...] | None = None

    @initialize(candidates=st.integers(2, 7), number=st.integers(1, 3))
    def pool(self, candidates: int, number: int) -> None:
        parties = tuple(Party(f"bidder-{letter}", letter) for letter in "abcdefg"[:candidates])
        self.number, self.candidates = min(number, candidates), {party.id for party in parties}
        beacon = public_records(["Lottery"], self.now + LEAD)
        arguments: dict[str, Any] = {
            "labels": tuple(UUID(int=900 + number) for number in range(candidates)),
            "salt": "5a" * 16,
            "commitment": selection.commitment(SECRET, selection.CODES).hex(),
            "by": AUTHOR,
            "pack": self.pack,
        }
        for what, changed in (("tender", Status.ACTIVE), ("beacon", Status.DRAFT)):
            hasty = public_records(["Lottery"], self.now + LEAD - MICROSECOND) if what == "beacon" else beacon
            asked = replace(self.tender, status=changed)
            with pytest.raises(DomainError, match="tender-not-draft" if what == "tender" else "beacon-too-early"):
                pool_candidates(UUID(int=1), asked, parties, self.number, hasty, at=self.now, **arguments)
        self.invitation, events = pool_candidates(
            UUID(int=1), self.tender, parties, self.number, beacon, at=self.now, **arguments
        )
        self.digest, self.spoken = self.invitation.digest, beacon.at
        self.events += events

    def attempt(self, action: str, step: Callable[[], Any], *, admitted: bool) -> bool:
        """Ask for an act that the state, or what was noted here, refuses or lets through."""
        before = self.invitation
        if action not in WAYS[before.status] or not admitted:
            with pytest.raises(DomainError):
                step()
            assert self.invitation == before
            return False
        after, events = step()
        assert str(after.status) == WAYS[before.status][action]
        assert after.version == before.version + 1
        self.invitation = after
        self.events += events
        return True

    @rule(by=STAFF)
    def witness(self, by: str) -> None:
        admitted = by != AUTHOR and by not in self.witnesses
        if self.attempt("witness", lambda: (self.invitation.witness(by=by, pack=self.pack), ()), admitted=admitted):
            self.witnesses.add(by)

    @rule(off=st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]))
    def wait_for_the_beacon(self, off: timedelta) -> None:
        self.now = max(self.now, self.spoken + off)

    @property
    def drawable(self) -> bool:
        enough = len(self.candidates) >= FACTOR * self.number
        return len(self.witnesses) >= WITNESSES and self.now >= self.spoken and enough

    @rule()
    def ask_whether_it_may_be_drawn(self) -> None:
        if self.drawable and self.drawn is None:
            assert self.may_be_drawn() == self.invitation.closing
        else:
            with pytest.raises(DomainError):
                self.may_be_drawn()

    @rule(by=STAFF, reading=st.sampled_from(READINGS))
    def enter(self, by: str, reading: Numbers) -> None:
        """Read the numbers; with the second person who reads the same the list is drawn."""
        assert self.invitation.closing is not None
        randomness = read_randomness(
            self.invitation.closing.beacon, signature=None, randomness=None, numbers=[list(row) for row in reading]
        )
        agreed: list[bool] = []

        def note() -> tuple[Invitation, tuple[DomainEvent, ...]]:
            self.may_be_drawn()
            after, both = self.invitation.enter_numbers(randomness, by)
            agreed.append(both)
            return after, ()

        admitted = self.drawable and self.readings.get(by) != reading
        others = {read for person, read in self.readings.items() if person != by}
        if not self.attempt("enter", note, admitted=admitted):
            return
        self.readings[by] = reading
        assert agreed == [reading in others]
        if agreed == [True]:
            self.draw(randomness)

    @rule(reading=st.sampled_from(READINGS))
    def draw_again(self, reading: Numbers) -> None:
        if self.drawn is not None:
            assert self.invitation.closing is not None
            randomness = read_randomness(
                self.invitation.closing.beacon, signature=None, randomness=None, numbers=[list(row) for row in reading]
            )
            self.draw(randomness)

    def may_be_drawn(self) -> Any:
        return self.invitation.may_be_drawn(method="invited", at=self.now, pack=self.pack)

    def draw(self, randomness: Any) -> None:
        code = selection.reveal(SECRET, selection.CODES, 1)

        def act() -> Any:
            return self.invitation.draw_invitees(randomness, code, method="invited", at=self.now, pack=self.pack)

        if self.attempt("draw", act, admitted=self.drawable):
            self.drawn = self.by_hand(code, randomness.value)
            pooled, drawn = (published(event).model_dump(mode="json") for event in self.events)
            record = {"closings": [pooled["fixed"]], "draws": [drawn["draw"]]}
            assert [finding for finding in verify(record) if not finding.kept] == []
            assert not [name for name in self.candidates if name in str((pooled, drawn))]

    def by_hand(self, code: bytes, randomness: bytes) -> tuple[str, ...]:
        """Order the candidates as RFC 5869 extracts and expands, without any of our own functions."""
        secret = hmac.new(code, randomness, hashlib.sha256).digest()
        whose = {str(UUID(int=900 + place)): name for place, name in enumerate(sorted(self.candidates))}
        keys = {hmac.new(secret, label.encode() + b"\x01", hashlib.sha256).digest(): label for label in whose}
        return tuple(whose[keys[key]] for key in sorted(keys))

    @invariant()
    def list_is_the_one_that_was_drawn_and_never_another(self) -> None:
        assert self.invitation.drawn is (self.drawn is not None)
        assert self.invitation.order == (self.drawn or ())
        assert self.invitation.invitees == (self.drawn or ())[: self.number]

    @invariant()
    def pool_is_the_one_that_was_fixed_before_anybody_knew_the_randomness(self) -> None:
        assert {candidate.id for candidate in self.invitation.candidates} == self.candidates
        assert self.invitation.digest == self.digest

    @invariant()
    def nobody_who_made_the_pool_witnesses_its_draw_and_nobody_twice(self) -> None:
        assert sorted(self.invitation.witnesses) == sorted(self.witnesses)
        assert AUTHOR not in self.invitation.witnesses

    @invariant()
    def nothing_is_drawn_that_two_did_not_read_alike_before_two_witnesses_after_the_beacon(self) -> None:
        if self.drawn is not None:
            assert self.invitation.drawn_at is not None
            assert self.invitation.drawn_at >= self.spoken
            assert len(self.witnesses) >= WITNESSES
            assert len(self.readings) > len(set(self.readings.values()))

    @invariant()
    def events_name_nobody(self) -> None:
        assert len(self.events) == 1 + (self.drawn is not None)
        assert not [name for name in self.candidates if name in str(self.events)]


@pytest.mark.parametrize("name", ["model", "cn-services", "eu-light", "uk-2023"])
def test_list_of_invitees_is_drawn_once_when_steps_come_in_any_order(draft: Tender, noon: datetime, name: str) -> None:
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(Beginning(draft, load_pack(name), noon))),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
