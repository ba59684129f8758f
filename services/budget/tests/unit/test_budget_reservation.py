from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from budget.domain.client_made import expect_same
from budget.domain.ledger import Stage
from budget.domain.reservation import Change, ReservationRequest, ReservationState, reserve
from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money


def asked(case: Any, **changed: Any) -> ReservationRequest:
    values = {
        "id": derived_id("test-reservation"),
        "line": case.line().id,
        "amount": case.eur(100),
        "purpose": "Rent",
        "expires_at": case.at + timedelta(days=30),
    }
    return ReservationRequest(**{**values, **changed})


def made(case: Any, **changed: Any) -> Change:
    return reserve(asked(case, **changed), case.line(), case.at)


def test_money_goes_aside_and_comes_back_when_a_reservation_is_released(case: Any) -> None:
    reservation, (there,), (told,) = made(case)
    assert (there.from_stage, there.to_stage, there.cause) == (Stage.AVAILABLE, Stage.RESERVED, reservation.request.id)
    released, (back,), (ended,) = reservation.release("The rent was waived.", case.at)
    assert (back.from_stage, back.to_stage, back.reason) == (Stage.RESERVED, Stage.AVAILABLE, "The rent was waived.")
    assert (released.state, released.ended_at) == (ReservationState.RELEASED, case.at)
    assert (told.version, ended.version) == (1, 2)


def test_a_reservation_expires_at_its_instant_when_the_clock_is_late(case: Any) -> None:
    reservation, _, _ = made(case)
    due = reservation.request.expires_at
    expired, (back,), _ = reservation.expire(due + timedelta(hours=5))
    assert (expired.state, expired.ended_at, back.at) == (ReservationState.EXPIRED, due, due)


def test_a_reservation_ends_once_when_it_could_end_in_two_ways(case: Any) -> None:
    reservation, _, _ = made(case)
    due = reservation.request.expires_at
    released, (given_back,), _ = reservation.release("Not needed.", case.at)
    _, (expired,), _ = reservation.expire(due)
    assert given_back.id == expired.id
    for again in (lambda: released.release("Again.", case.at), lambda: released.expire(due)):
        with pytest.raises(NotAllowed) as refused:
            again()
        assert refused.value.code == "reservation-ended"


@pytest.mark.parametrize("expires_in", [timedelta(days=30), None])
def test_a_reservation_stays_when_its_time_has_not_come(case: Any, expires_in: timedelta | None) -> None:
    reservation, _, _ = made(case, expires_at=expires_in and case.at + expires_in)
    with pytest.raises(NotAllowed) as refused:
        reservation.expire(case.at + timedelta(days=29))
    assert refused.value.code == "reservation-not-due"


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"amount": Money(0, "EUR")}, Invalid, "amount-not-positive"),
        ({"amount": Money(-1, "EUR")}, Invalid, "amount-not-positive"),
        ({"amount": Money(1, "USD")}, NotAllowed, "currency-differs"),
        ({"expires_at": "now"}, Invalid, "expiry-passed"),
        ({"line": None}, NotAllowed, "line-unknown"),
    ],
)
def test_a_reservation_is_refused_when_it_makes_no_sense(
    case: Any, changed: dict[str, Any], kind: type[DomainError], code: str
) -> None:
    line = None if "line" in changed else case.line()
    values = {"expires_at": case.at} if "expires_at" in changed else changed
    with pytest.raises(kind) as refused:
        reserve(asked(case, **{**values, "line": case.line().id}), line, case.at)
    assert refused.value.code == code


def test_the_first_difference_is_named_when_a_repetition_differs(case: Any) -> None:
    first = asked(case)
    expect_same(first, asked(case), None)
    for changed, code in (
        ({"line": derived_id("other"), "purpose": "Other"}, "exists-with-different-line"),
        ({"amount": case.eur(101), "expires_at": None}, "exists-with-different-amount"),
        ({"amount": Money(first.amount.minor, "USD")}, "exists-with-different-amount"),
        ({"purpose": "Other"}, "exists-with-different-purpose"),
        ({"expires_at": None}, "exists-with-different-expires-at"),
    ):
        with pytest.raises(NotAllowed) as refused:
            expect_same(first, replace(first, **changed), "insufficient-funds")
        assert refused.value.code == code


def test_an_id_stays_refused_when_it_was_refused_once(case: Any) -> None:
    with pytest.raises(NotAllowed) as refused:
        expect_same(asked(case), asked(case), "insufficient-funds")
    assert refused.value.code == "id-already-failed"
    assert "insufficient-funds" in refused.value.detail
