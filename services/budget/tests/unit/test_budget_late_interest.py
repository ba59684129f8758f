"""Interest on payments that came back: charged once, however often a payment is tried."""

from dataclasses import replace
from datetime import UTC, datetime

from budget.domain.late_interest import ClaimState, InterestClaim, assess, charged_before
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.late_interest import LateInterest

AT = datetime(2026, 4, 5, tzinfo=UTC)


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


def claim(number: int) -> InterestClaim:
    return InterestClaim(
        id=derived_id("test-claim", number),
        version=0,
        state=ClaimState.UNRESOLVED,
        payment=derived_id("test-payment", number),
        order=derived_id("test-order"),
        ocid="ocds-test-1",
        contract=derived_id("test-contract"),
        payee="org-oarsmen",
        paid=eur(10_000),
        due_at=AT,
        paid_at=AT,
        noticed_at=AT,
    )


def test_three_payments_of_which_two_come_back_bear_the_interest_of_the_last() -> None:
    # The interest from the due day on is 10 at the first payment, 30 at the second, 50 at the third.
    claims: list[InterestClaim] = []
    for number, interest in enumerate((10, 30, 50)):
        returned = {one.payment for one in claims}
        before = charged_before(claims, returned, "EUR")
        assessed = assess(claim(number), LateInterest(eur(interest), 1, ()), before)
        assert assessed.state is ClaimState.UNFUNDED
        claims.append(replace(assessed, state=ClaimState.ORDERED))
    assert [one.amount for one in claims] == [eur(10), eur(20), eur(20)]


def test_what_is_set_off_is_not_set_off_again() -> None:
    first = replace(claim(0), state=ClaimState.ORDERED, amount=eur(10))
    # Half of the order is paid anew, with 15 of interest; the other half follows.
    second = assess(claim(1), LateInterest(eur(15), 1, ()), charged_before([first], {first.payment}, "EUR"))
    assert (second.amount, second.set_off) == (eur(5), eur(10))
    ordered = replace(second, state=ClaimState.ORDERED)
    assert charged_before([first, ordered], {first.payment}, "EUR") == eur(0)


def test_nothing_is_owed_where_all_was_charged_before() -> None:
    assessed = assess(claim(1), LateInterest(eur(10), 1, ()), eur(25))
    assert (assessed.state, assessed.amount, assessed.set_off) == (ClaimState.NOTHING_OWED, eur(0), eur(10))


def test_what_never_was_ordered_is_not_set_off() -> None:
    unfunded = replace(claim(0), state=ClaimState.UNFUNDED, amount=eur(10))
    assert charged_before([unfunded], {unfunded.payment}, "EUR") == eur(0)
