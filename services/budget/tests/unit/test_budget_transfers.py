from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from budget.domain.ledger import PERMITTED, Cause, Stage, Transfer, changes, reversal
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def moved(start: Stage, end: Stage, minor: int, line: UUID = FIRST) -> Transfer:
    return Transfer(
        id=derived_id("test-transfer", line, start, end, minor),
        line=line,
        from_stage=start,
        to_stage=end,
        amount=Money(minor, "EUR"),
        reason="Because.",
        at=AT,
        ocid="ocds-test-1",
        cause=derived_id("test-cause"),
    )


def test_what_was_granted_shrinks_when_money_goes_back_to_its_source() -> None:
    granted = moved(Stage.APPROPRIATED, Stage.AVAILABLE, 500)
    reduced = moved(Stage.AVAILABLE, Stage.APPROPRIATED, 200)
    assert changes([granted, reduced]) == ((FIRST, Stage.APPROPRIATED, 300), (FIRST, Stage.AVAILABLE, 300))


def test_balances_are_locked_by_line_and_stage_when_transfers_name_them_in_another_order() -> None:
    entries = [
        moved(Stage.AVAILABLE, Stage.RESERVED, 3, SECOND),
        moved(Stage.RESERVED, Stage.COMMITTED, 2, SECOND),
        moved(Stage.AVAILABLE, Stage.RELEASED, 7, FIRST),
    ]
    assert changes(entries) == (
        (FIRST, Stage.AVAILABLE, -7),
        (FIRST, Stage.RELEASED, 7),
        (SECOND, Stage.AVAILABLE, -3),
        (SECOND, Stage.RESERVED, 1),
        (SECOND, Stage.COMMITTED, 2),
    )


def test_no_balance_is_touched_when_transfers_cancel_each_other_out() -> None:
    there = moved(Stage.AVAILABLE, Stage.RESERVED, 3)
    assert changes([there, reversal(there, Cause(derived_id("test"), AT), "A mistake.")]) == ()


def test_a_reversal_takes_the_same_way_back_when_a_transfer_was_a_mistake() -> None:
    mistake = moved(Stage.ACCRUED, Stage.PAID, 40)
    cause = Cause(derived_id("test-correction"), datetime(2026, 3, 9, tzinfo=UTC))
    undone = reversal(mistake, cause, "The bank returned it.")
    assert (undone.from_stage, undone.to_stage, undone.amount) == (Stage.PAID, Stage.ACCRUED, mistake.amount)
    assert (undone.line, undone.ocid, undone.reverses) == (mistake.line, mistake.ocid, mistake.id)
    assert (undone.at, undone.cause, undone.reason) == (cause.at, cause.event, "The bank returned it.")
    assert reversal(mistake, cause, "Again.").id == undone.id


def test_a_reversal_is_refused_when_it_would_undo_a_reversal(case: Any) -> None:
    undone = reversal(moved(Stage.ACCRUED, Stage.PAID, 40), case.cause(), "A mistake.")
    with pytest.raises(NotAllowed) as refused:
        reversal(undone, case.cause(), "A mistake again.")
    assert refused.value.code == "reversal-not-reversed"


def test_money_that_is_paid_or_released_stays_when_nothing_is_reversed() -> None:
    assert not [way for way in PERMITTED if way[0] in {Stage.PAID, Stage.RELEASED}]
    assert all(start is not end for start, end in PERMITTED)
