"""Several contracts of one process, their changes and their end, with the figures of the fiscal example."""

from dataclasses import replace
from typing import Any

import pytest

from budget.domain import contract_change
from budget.domain.commitment import RequestedChange
from budget.domain.events import ChangeCommitted, FundsReleased
from budget.domain.funds_data import State
from budget.domain.ledger import Stage, changes
from budget.domain.payment import accept_period
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import load_pack

MODEL = load_pack("model")
SECOND = derived_id("test-contract", 2)
CHANGE = derived_id("test-change", 1)


def net(case: Any, transfers: Any) -> dict[Stage, int]:
    return {stage: minor // 100 for _, stage, minor in changes(transfers)}


def signed(case: Any, units: int, **changed: Any) -> Any:
    return case.contract(value=case.eur(units), **changed), case.milestones(units), case.reference


def wanted(case: Any, *units: int) -> RequestedChange:
    return RequestedChange(id=CHANGE, value=case.eur(sum(units)), milestones=case.milestones(*units))


def test_the_rest_stays_reserved_when_the_contract_says_what_is_not_needed(case: Any) -> None:
    funds, transfers, events = case.reserved().commit(*signed(case, 500_000), case.cause(2), release=case.eur(100_000))
    assert net(case, transfers) == {Stage.AVAILABLE: 100_000, Stage.RESERVED: -600_000, Stage.COMMITTED: 500_000}
    assert (funds.state, funds.reserved, funds.committed) == (State.COMMITTED, case.eur(600_000), case.eur(500_000))
    assert [event.version for event in events] == [2, 3]


def test_all_the_rest_is_kept_when_nothing_is_given_back(case: Any) -> None:
    funds, transfers, events = case.reserved().commit(*signed(case, 500_000), case.cause(2), release=case.eur(0))
    assert net(case, transfers) == {Stage.RESERVED: -500_000, Stage.COMMITTED: 500_000}
    assert (funds.reserved, len(events), funds.version) == (case.eur(700_000), 1, 2)


def test_two_contracts_are_bound_side_by_side_when_two_lots_are_signed(case: Any) -> None:
    first, _, _ = case.reserved().commit(*signed(case, 500_000), case.cause(2), release=case.eur(100_000))
    both, transfers, _ = first.commit(*signed(case, 550_000, id=SECOND, payee="org-others"), case.cause(3))
    # 1,200,000 - 500,000 - 100,000 - 550,000 = 50,000 go back
    assert net(case, transfers) == {Stage.AVAILABLE: 50_000, Stage.RESERVED: -600_000, Stage.COMMITTED: 550_000}
    assert (both.reserved, both.committed) == (case.eur(0), case.eur(1_050_000))
    accepted, *_ = accept_period(
        both, case.graded("2026-01", "A", contract=SECOND, provider="org-others"), MODEL, case.cause(4)
    )
    assert [one.payable for one in accepted.contracts] == [case.eur(0), case.eur(550_000)]
    assert (accepted.committed, accepted.accrued) == (case.eur(500_000), case.eur(550_000))
    with pytest.raises(NotAllowed, match="already-committed"):
        both.commit(*signed(case, 1), case.cause(5))
    with pytest.raises(NotAllowed, match="nothing-reserved"):
        both.commit(*signed(case, 1, id=derived_id("test-contract", 3)), case.cause(5))


@pytest.mark.parametrize(
    ("units", "release", "code"),
    [(1_150_000, 50_001, "contract-above-reservation"), (500_000, -1, "release-negative")],
)
def test_a_contract_is_refused_when_it_gives_back_more_than_there_is_or_less_than_nothing(
    case: Any, units: int, release: int, code: str
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().commit(*signed(case, units), case.cause(2), release=case.eur(release))
    assert refusal.value.code == code


def test_exactly_its_value_is_given_back_when_a_lot_ends(case: Any) -> None:
    funds, transfers, _ = case.reserved().release_lot(case.eur(400_000), "A lot was cancelled.", case.cause(2))
    assert net(case, transfers) == {Stage.AVAILABLE: 400_000, Stage.RESERVED: -400_000}
    assert (funds.state, funds.reserved) == (State.RESERVED, case.eur(800_000))
    rest, transfers, _ = funds.release("The tender was cancelled.", case.cause(3))
    assert net(case, transfers) == {Stage.AVAILABLE: 800_000, Stage.RESERVED: -800_000}
    assert rest.state is State.RELEASED


def test_the_process_is_released_when_its_last_lot_ends(case: Any) -> None:
    funds, _, _ = case.reserved().release_lot(case.eur(1_200_000), "A lot was cancelled.", case.cause(2))
    assert funds.state is State.RELEASED
    signed_once, _, _ = case.reserved().commit(*signed(case, 500_000), case.cause(2), release=case.eur(0))
    after, _, _ = signed_once.release_lot(case.eur(700_000), "A lot was cancelled.", case.cause(3))
    assert (after.state, after.reserved) == (State.COMMITTED, case.eur(0))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Money(120_000_001, "EUR"), "lot-above-reservation"),
        (Money(0, "EUR"), "amount-not-positive"),
        (Money(-1, "EUR"), "amount-not-positive"),
        (Money(1, "USD"), "currency-differs"),
    ],
)
def test_a_lot_is_refused_when_it_does_not_fit_the_reservation(case: Any, amount: Money, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().release_lot(amount, "A lot was cancelled.", case.cause(2))
    assert refusal.value.code == code


def test_the_addition_is_bound_before_the_change_is_signed(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 355_000)  # 1,155,000, which is 105,000 more
    asked, transfers, events = contract_change.commit_change(case.committed(), case.contract_id, change, case.cause(3))
    assert net(case, transfers) == {Stage.AVAILABLE: -105_000, Stage.COMMITTED: 105_000}
    assert [type(event) for event in events] == [ChangeCommitted]
    assert (asked.committed, asked.contracts[0].contract.value) == (case.eur(1_155_000), case.eur(1_050_000))
    changed, transfers, events = contract_change.change_contract(asked, case.contract_id, change, case.cause(4))
    assert (transfers, events) == ((), ())
    assert (changed.committed, changed.contracts[0].contract.value) == (case.eur(1_155_000), case.eur(1_155_000))
    assert changed.contracts[0].milestones == change.milestones


def test_what_was_bound_is_given_back_when_the_change_fails(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 355_000)
    asked, _, _ = contract_change.commit_change(case.committed(), case.contract_id, change, case.cause(3))
    dropped, transfers, events = contract_change.drop_change(asked, case.contract_id, CHANGE, case.cause(4))
    assert net(case, transfers) == {Stage.AVAILABLE: 105_000, Stage.COMMITTED: -105_000}
    assert [type(event) for event in events] == [FundsReleased]
    assert dropped.contracts == case.committed().contracts
    assert contract_change.drop_change(dropped, case.contract_id, CHANGE, case.cause(5)) == (dropped, (), ())


def test_the_difference_is_given_back_when_a_signed_change_lowers_the_value(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 100_000)
    asked, transfers, (event,) = contract_change.commit_change(
        case.committed(), case.contract_id, change, case.cause(3)
    )
    assert (transfers, event.amount, asked.committed) == ((), case.eur(0), case.eur(1_050_000))
    changed, transfers, _ = contract_change.change_contract(asked, case.contract_id, change, case.cause(4))
    assert net(case, transfers) == {Stage.AVAILABLE: 150_000, Stage.COMMITTED: -150_000}
    assert changed.committed == case.eur(900_000)


def test_accepted_periods_stay_when_a_change_is_signed(case: Any) -> None:
    accepted, *_ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    change = wanted(case, 300_000, 400_000, 100_000)
    asked, _, _ = contract_change.commit_change(accepted, case.contract_id, change, case.cause(4))
    changed, _, _ = contract_change.change_contract(asked, case.contract_id, change, case.cause(5))
    first, second, _ = changed.contracts[0].milestones
    assert (first.grade, first.payable, second.grade, second.amount) == (
        "B",
        case.eur(285_000),
        None,
        case.eur(400_000),
    )
    assert changed.committed == case.eur(500_000)
    assert changed.contracts[0].bound == case.eur(800_000)


def test_only_grades_of_touched_periods_wait_when_a_change_is_not_signed(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 355_000)
    asked, _, _ = contract_change.commit_change(case.committed(), case.contract_id, change, case.cause(3))
    assert [asked.awaited(case.graded(f"2026-0{number}", "A")) for number in (1, 2, 3)] == [
        None, None, "the end of a change of the contract"
    ]  # fmt: skip
    assert not case.committed().awaited(case.graded("2026-03", "A"))


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ((300_001, 500_000, 250_000), "accepted-period-changed"),
        ((500_000, 250_000), "accepted-period-changed"),
        ((300_000, 0, 250_000), "milestone-not-positive"),
    ],
)
def test_a_change_is_refused_when_it_touches_what_was_accepted_or_makes_no_sense(
    case: Any, units: tuple[int, ...], code: str
) -> None:
    accepted, *_ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    with pytest.raises(NotAllowed) as refusal:
        contract_change.commit_change(accepted, case.contract_id, wanted(case, *units), case.cause(4))
    assert refusal.value.code == code


def test_a_change_is_refused_when_another_is_pending_or_the_contract_is_closed_or_unknown(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 355_000)
    asked, _, _ = contract_change.commit_change(case.committed(), case.contract_id, change, case.cause(3))
    ended, _, _ = contract_change.terminate(case.committed(), case.contract_id, case.cause(3))
    for funds, contract, code in (
        (asked, case.contract_id, "change-pending"),
        (ended, case.contract_id, "contract-terminated"),
        (asked, SECOND, "contract-unknown"),
    ):
        with pytest.raises(NotAllowed) as refusal:
            contract_change.commit_change(funds, contract, replace(change, id=SECOND), case.cause(4))
        assert refusal.value.code == code


def test_a_signed_change_is_refused_when_it_is_not_the_one_that_was_funded(case: Any) -> None:
    change = wanted(case, 300_000, 500_000, 355_000)
    asked, _, _ = contract_change.commit_change(case.committed(), case.contract_id, change, case.cause(3))
    for other in (wanted(case, 300_000, 500_000, 355_001), replace(change, id=SECOND)):
        with pytest.raises(NotAllowed, match="change-not-committed"):
            contract_change.change_contract(asked, case.contract_id, other, case.cause(4))


def test_what_was_never_accepted_is_given_back_when_the_contract_ends(case: Any) -> None:
    accepted, *_ = accept_period(case.committed(), case.graded("2026-01", "B"), MODEL, case.cause(3))
    ended, transfers, _ = contract_change.terminate(accepted, case.contract_id, case.cause(4))
    assert net(case, transfers) == {Stage.AVAILABLE: 750_000, Stage.COMMITTED: -750_000}
    assert (ended.committed, ended.paid, ended.held) == (case.eur(0), case.eur(0), case.eur(15_000))
    assert ended.contracts[0].payable == case.eur(285_000)
    assert ended.contracts[0].bound == case.eur(300_000)
    assert contract_change.terminate(ended, case.contract_id, case.cause(5)) == (ended, (), ())
    with pytest.raises(NotAllowed, match="contract-terminated"):
        accept_period(ended, case.graded("2026-02", "A"), MODEL, case.cause(5))


def test_the_other_contract_stays_bound_when_one_ends(case: Any) -> None:
    first, _, _ = case.reserved().commit(*signed(case, 500_000), case.cause(2), release=case.eur(0))
    both, _, _ = first.commit(*signed(case, 700_000, id=SECOND), case.cause(3))
    ended, _, _ = contract_change.terminate(both, case.contract_id, case.cause(4))
    assert [one.committed for one in ended.contracts] == [case.eur(0), case.eur(700_000)]


def test_the_new_provider_is_owed_when_the_contract_goes_over(case: Any) -> None:
    assigned, _, _ = contract_change.assign(case.committed(), case.contract_id, "org-successor")
    graded = case.graded("2026-01", "A", provider="org-successor")
    _, _, _, order, _ = accept_period(assigned, graded, MODEL, case.cause(3))
    assert order is not None
    assert (order.payee, order.amount) == ("org-successor", case.eur(300_000))


def test_the_provider_of_before_is_owed_what_it_delivered_when_the_contract_goes_over(case: Any) -> None:
    assigned, _, _ = contract_change.assign(case.committed(), case.contract_id, "org-successor")
    _, _, (_, held), order, _ = accept_period(assigned, case.graded("2026-01", "B"), MODEL, case.cause(3))
    assert order is not None
    assert {held.payee, order.payee} == {"org-oarsmen"}
    with pytest.raises(NotAllowed, match="payee-differs"):
        accept_period(assigned, case.graded("2026-01", "A", provider="org-others"), MODEL, case.cause(3))
