"""What the bank booked, held against what it was told to pay."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from budget.api.iso20022.statement import read_statements
from budget.domain.reconciliation import Finding, Outcome, SentPayment, reconcile
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

FILE = derived_id("test-file")
FIRST, SECOND = derived_id("test-payment", 1), derived_id("test-payment", 2)


def sent(payment: Any = FIRST, euros: int = 100, **changed: Any) -> SentPayment:
    values = {"id": payment, "file": FILE, "amount": Money(euros * 100, "EUR"), "execution_on": date(2026, 3, 30)}
    return SentPayment(**{**values, **changed})


@pytest.fixture
def found(camt: Any) -> Any:
    def compare(payments: Sequence[SentPayment], *movements: Any) -> list[Finding]:
        (statement,) = read_statements(camt(movements=list(movements)).content())
        return list(reconcile(statement, payments))

    return compare


def outcomes(findings: list[Finding]) -> list[tuple[Outcome, Any]]:
    return [(one.outcome, one.payment) for one in findings]


def test_a_payment_is_matched_when_the_bank_booked_it(found: Any, movement: Any) -> None:
    (finding,) = found([sent()], movement("100.00", FIRST.hex, reference="E-1"))
    assert finding == Finding(
        outcome=Outcome.MATCHED,
        day=date(2026, 3, 31),
        payment=FIRST,
        reference="E-1",
        expected=Money(10_000, "EUR"),
        found=Money(10_000, "EUR"),
    )


def test_another_amount_is_told_with_both(found: Any, movement: Any) -> None:
    (finding,) = found([sent()], movement("99.00", FIRST.hex))
    assert (finding.outcome, finding.expected, finding.found) == (
        Outcome.AMOUNT_DIFFERS,
        Money(10_000, "EUR"),
        Money(9_900, "EUR"),
    )


def test_a_payment_is_missing_once_its_day_is_past(found: Any) -> None:
    # The statement covers 31 March: what was due that day may still be booked on it.
    assert outcomes(found([sent(), sent(SECOND, execution_on=date(2026, 3, 31))])) == [(Outcome.MISSING, FIRST)]


def test_a_payment_that_was_confirmed_is_not_missing(found: Any) -> None:
    assert found([sent(confirmed=True)]) == []


def test_a_payment_that_is_booked_twice_is_told(found: Any, movement: Any) -> None:
    twice = (movement("100.00", FIRST.hex, reference="E-1"), movement("100.00", FIRST.hex, reference="E-2"))
    assert outcomes(found([sent()], *twice)) == [(Outcome.MATCHED, FIRST), (Outcome.REPEATED, FIRST)]
    assert outcomes(found([sent(confirmed=True)], twice[0])) == [(Outcome.REPEATED, FIRST)]


def test_a_payment_that_comes_back_is_returned(found: Any, movement: Any) -> None:
    back = movement("100.00", FIRST.hex, "CRDT", return_reason="AC04")
    (finding,) = found([sent(confirmed=True)], back)
    assert (finding.outcome, finding.payment, finding.return_reason) == (Outcome.RETURNED, FIRST, "AC04")
    # The bank lists the return before the payment.
    assert outcomes(found([sent()], back, movement("100.00", FIRST.hex))) == [
        (Outcome.MATCHED, FIRST),
        (Outcome.RETURNED, FIRST),
    ]
    assert outcomes(found([sent(confirmed=True, returned=True)], back)) == [(Outcome.REPEATED, FIRST)]


def test_a_part_that_comes_back_is_no_return(found: Any, movement: Any) -> None:
    back = movement("95.00", FIRST.hex, "CRDT", return_reason="AC04")
    assert outcomes(found([sent(confirmed=True)], back)) == [(Outcome.AMOUNT_DIFFERS, FIRST)]


@pytest.mark.parametrize("end_to_end", [None, "NOTPROVIDED", "invoice 7", "0" * 32, SECOND.hex])
@pytest.mark.parametrize("direction", ["DBIT", "CRDT"])
def test_a_movement_that_is_none_of_ours_is_told(
    found: Any, movement: Any, end_to_end: str | None, direction: str
) -> None:
    (finding,) = found([sent(confirmed=True)], movement("7.00", end_to_end, direction))
    assert (finding.outcome, finding.payment, finding.found) == (Outcome.UNKNOWN_ENTRY, None, Money(700, "EUR"))


def test_a_file_that_is_booked_as_one_sum_confirms_its_payments(found: Any, movement: Any) -> None:
    both = [sent(), sent(SECOND, 50)]
    assert outcomes(found(both, movement("150.00", batch=FILE.hex))) == [
        (Outcome.MATCHED, FIRST),
        (Outcome.MATCHED, SECOND),
    ]
    # Another sum is not that of the file: both are missing, and nobody knows what it was.
    assert outcomes(found(both, movement("149.00", batch=FILE.hex))) == [
        (Outcome.UNKNOWN_ENTRY, None),
        (Outcome.MISSING, FIRST),
        (Outcome.MISSING, SECOND),
    ]
