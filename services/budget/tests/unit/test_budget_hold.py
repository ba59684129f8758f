"""A hold: told, appealed, released or forfeited in parts, by two persons, a later grade or time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from budget.domain import hold as domain
from budget.domain.hold import Hold, HoldState, Proposal, new_hold
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.rules.payment_formula import DECISION, ReleaseCondition, pack_formula
from shared.rules.payment_split import HeldPart

PACK = load_pack("model")
# A Monday; ten working days later, on Monday the 16th, the term to appeal has passed at the day's end.
NOTICE = datetime(2026, 3, 2, 9, tzinfo=UTC)
APPEAL_ENDS = datetime(2026, 3, 17, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def euros(whole: int, currency: str = "EUR") -> Money:
    return Money(whole * 100, currency)


def held(condition: ReleaseCondition = DECISION) -> Hold:
    return new_hold(
        HeldPart("shortcoming", "Clear shortcomings.", euros(100), condition),
        PACK,
        ocid="ocds-1",
        line=UUID(int=1),
        contract=UUID(int=2),
        period="1",
        payee="birch",
        grade="C",
        share=Decimal("0.80"),
        at=NOTICE,
        acceleration=1,
    )


def proposal(kind: Any = "release", amount: int = 100, by: str = "olga", at: datetime = APPEAL_ENDS) -> Proposal:
    return Proposal(kind, euros(amount), "It was mended.", by, at)


def decided(hold: Hold, kind: Any, amount: int, at: datetime = APPEAL_ENDS) -> Hold:
    proposed, _ = domain.propose(hold, proposal(kind, amount, at=at), PACK)
    after, _, _ = domain.confirm(proposed, by="pia", at=at, pack=PACK)
    return after


def appealed(hold: Hold) -> Hold:
    return domain.appeal(hold, "It was not us.", at=NOTICE, pack=PACK, acceleration=1)[0]


def test_notice_names_the_terms_when_an_amount_is_held() -> None:
    hold = held()
    assert (hold.appeal_until, hold.rest, hold.state) == (APPEAL_ENDS, euros(100), HoldState.HELD)
    # The payment term of the pack, thirty days: Wednesday the 1st of April.
    assert hold.waiting == ("a decision on what is held", datetime(2026, 4, 2, tzinfo=UTC))
    assert held(ReleaseCondition("days-after", days=90)).clock_at == NOTICE + timedelta(days=90)
    assert held(ReleaseCondition("days-after", days=90)).waiting is None


@pytest.mark.parametrize(
    ("steps", "state", "rest"),
    [
        ([("release", 100)], HoldState.RELEASED, 0),
        ([("release", 40)], HoldState.HELD, 60),
        ([("release", 40), ("release", 60)], HoldState.RELEASED, 0),
        ([("forfeiture", 100)], HoldState.FORFEITED, 0),
        ([("release", 40), ("forfeiture", 60)], HoldState.PARTLY, 0),
        ([("forfeiture", 40), ("release", 60)], HoldState.PARTLY, 0),
    ],
)
def test_hold_ends_as_its_parts_were_decided(steps: list[tuple[str, int]], state: HoldState, rest: int) -> None:
    hold = held()
    for kind, amount in steps:
        hold = decided(hold, kind, amount)
    assert (hold.state, hold.rest) == (state, euros(rest))
    assert hold.released + hold.forfeited + hold.rest == hold.amount
    assert (hold.waiting is None) is (rest == 0)


def test_appeal_counts_up_to_the_last_instant_and_moves_the_term_of_the_decision() -> None:
    late = APPEAL_ENDS - MICROSECOND
    after, (event,) = domain.appeal(held(), "It was not us.", at=late, pack=PACK, acceleration=1)
    # Ten working days after Monday the 16th.
    assert after.waiting == ("the decision on the appeal", datetime(2026, 3, 31, tzinfo=UTC))
    assert (event.amount, event.rest, event.version) == (euros(100), euros(100), 2)
    with pytest.raises(NotAllowed) as refusal:
        domain.appeal(held(), "It was not us.", at=APPEAL_ENDS, pack=PACK, acceleration=1)
    assert (refusal.value.code, refusal.value.reference) == ("appeal-too-late", PACK.reference("hold-appeal"))


def test_forfeiture_waits_for_the_end_of_the_appeal_or_decides_it() -> None:
    with pytest.raises(NotAllowed, match="forfeiture-too-early"):
        domain.propose(held(), proposal("forfeiture", at=APPEAL_ENDS - MICROSECOND), PACK)
    proposed, _ = domain.propose(appealed(held()), proposal("forfeiture", at=NOTICE), PACK)
    after, _, (event,) = domain.confirm(proposed, by="pia", at=NOTICE, pack=PACK)
    assert (after.state, event.outcome, event.appealed) == (HoldState.FORFEITED, "forfeited", True)


def test_release_is_told_as_a_decision_and_as_a_release() -> None:
    proposed, _ = domain.propose(appealed(held()), proposal(amount=30, at=NOTICE), PACK)
    after, carried, events = domain.confirm(proposed, by="pia", at=NOTICE, pack=PACK)
    assert (after.state, after.rest, carried.amount) == (HoldState.APPEALED, euros(70), euros(30))
    assert [(type(one).__name__, one.amount, one.rest) for one in events] == [
        ("HoldDecided", euros(30), euros(70)),
        ("HoldReleased", euros(30), euros(70)),
    ]
    assert [one.version for one in events] == [after.version - 1, after.version]


def test_proposal_is_dropped_by_a_second_person() -> None:
    proposed, _ = domain.propose(held(), proposal(), PACK)
    with pytest.raises(Forbidden, match="second-person-needed"):
        domain.refuse(proposed, by="olga", pack=PACK)
    dropped, events = domain.refuse(proposed, by="pia", pack=PACK)
    assert (dropped.proposal, dropped.rest, events) == (None, euros(100), ())


def test_condition_releases_what_is_left_and_drops_what_was_proposed() -> None:
    formula = pack_formula(PACK)
    hold = decided(held(ReleaseCondition("next-grade-at-least", grade="B")), "release", 40)
    assert not hold.met_by(formula, "2", "C")
    assert not hold.met_by(formula, "1", "A")
    assert hold.met_by(formula, "2", "B")
    proposed, _ = domain.propose(hold, proposal(amount=10), PACK)
    after, (event,) = domain.release_by_condition(proposed, "Period 2 was graded A.", at=APPEAL_ENDS)
    assert (after.state, after.proposal, event.amount, event.rest) == (HoldState.RELEASED, None, euros(60), euros(0))
    assert not after.met_by(formula, "3", "A")


def _confirm(hold: Hold, by: str = "pia") -> Any:
    return domain.confirm(hold, by=by, at=APPEAL_ENDS, pack=PACK)


def _appeal(hold: Hold) -> Any:
    return domain.appeal(hold, "It was not us.", at=NOTICE, pack=PACK, acceleration=1)


OPEN, PROPOSED = held(), replace(held(), proposal=proposal())
ENDED = decided(held(), "release", 100)


@pytest.mark.parametrize(
    ("act", "kind", "code"),
    [
        (lambda: domain.propose(OPEN, proposal(amount=101), PACK), NotAllowed, "release-above-held"),
        (lambda: domain.propose(OPEN, proposal("forfeiture", 101), PACK), NotAllowed, "forfeiture-above-held"),
        (lambda: domain.propose(OPEN, proposal(amount=0), PACK), Invalid, "amount-not-positive"),
        (
            lambda: domain.propose(OPEN, replace(proposal(), amount=euros(1, "USD")), PACK),
            Invalid,
            "currency-differs",
        ),
        (lambda: domain.propose(PROPOSED, proposal(), PACK), NotAllowed, "proposal-pending"),
        (lambda: domain.propose(ENDED, proposal(), PACK), NotAllowed, "hold-not-held"),
        (lambda: _confirm(OPEN), NotAllowed, "proposal-missing"),
        (lambda: _confirm(PROPOSED, "olga"), Forbidden, "second-person-needed"),
        (lambda: _confirm(ENDED), NotAllowed, "hold-not-held"),
        (lambda: _appeal(appealed(OPEN)), NotAllowed, "hold-not-held"),
        (lambda: _appeal(ENDED), NotAllowed, "hold-not-held"),
        (lambda: domain.refuse(OPEN, by="pia", pack=PACK), NotAllowed, "proposal-missing"),
        (lambda: domain.release_by_condition(ENDED, "Time passed.", at=NOTICE), NotAllowed, "hold-not-held"),
    ],
)
def test_act_is_refused_each_for_its_own_reason(act: Any, kind: type[DomainError], code: str) -> None:
    with pytest.raises(kind) as refusal:
        act()
    assert refusal.value.code == code
