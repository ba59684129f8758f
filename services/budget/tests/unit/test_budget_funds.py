from dataclasses import replace
from typing import Any

import pytest

from budget.domain.events import FundsCommitted, FundsRefused, FundsReleased, FundsReserved
from budget.domain.funds import unfunded
from budget.domain.funds_data import State
from budget.domain.ledger import Stage
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money


def moved(transfers: Any) -> list[tuple[Stage, Stage, int]]:
    return [(one.from_stage, one.to_stage, one.amount.minor // 100) for one in transfers]


def test_the_amount_is_set_aside_when_a_tender_asks_for_it(case: Any) -> None:
    funds, transfers, events = unfunded(case.request()).reserve(case.request(), case.line(), case.cause())
    assert (funds.state, funds.version, funds.reserved) == (State.RESERVED, 1, case.eur(1_200_000))
    assert moved(transfers) == [(Stage.AVAILABLE, Stage.RESERVED, 1_200_000)]
    assert transfers[0].cause == case.cause().event
    assert isinstance(events[0], FundsReserved)


def test_a_transfer_has_the_same_id_when_its_cause_comes_again(case: Any) -> None:
    first = unfunded(case.request()).reserve(case.request(), case.line(), case.cause(1))[1]
    again = unfunded(case.request()).reserve(case.request(), case.line(), case.cause(1))[1]
    other = unfunded(case.request()).reserve(case.request(), case.line(), case.cause(2))[1]
    assert first[0].id == again[0].id != other[0].id


def in_state(case: Any, state: State) -> Any:
    ended = case.reserved().release("The tender was cancelled.", case.cause())[0]
    return {State.UNFUNDED: unfunded(case.request()), State.RELEASED: ended, State.COMMITTED: case.committed()}[state]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.RESERVED, "already-reserved"),
        (State.COMMITTED, "already-reserved"),
        (State.RELEASED, "procedure-ended"),
    ],
)
def test_a_request_is_refused_when_funds_were_reserved_before(case: Any, state: State, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        replace(case.reserved(), state=state).reserve(case.request(), case.line(), case.cause())
    assert refusal.value.code == code


def test_a_request_is_refused_when_the_line_is_unknown(case: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        unfunded(case.request()).reserve(case.request(), None, case.cause())
    assert refusal.value.code == "line-unknown"


@pytest.mark.parametrize(
    ("amount", "code"), [(Money(100, "USD"), "currency-differs"), (Money(0, "EUR"), "amount-not-positive")]
)
def test_a_request_is_refused_when_its_amount_does_not_fit_the_line(case: Any, amount: Money, code: str) -> None:
    request = case.request(amount)
    with pytest.raises(NotAllowed) as refusal:
        unfunded(request).reserve(request, case.line(), case.cause())
    assert refusal.value.code == code


def test_the_same_tender_is_funded_when_it_asks_again_for_less(case: Any) -> None:
    refusal = NotAllowed("insufficient-funds", "The budget line has less than the amount.")
    refused, transfers, events = unfunded(case.request()).refuse(
        case.request(), refusal, case.eur(900_000), case.reference
    )
    assert transfers == ()
    assert events == (
        FundsRefused(
            aggregate=refused.id,
            version=1,
            ocid=case.ocid,
            tender=case.request().tender,
            line=case.line().id,
            requested=case.eur(1_200_000),
            available=case.eur(900_000),
            code="insufficient-funds",
            reason="The budget line has less than the amount.",
            reference=case.reference,
        ),
    )
    request = case.request(case.eur(800_000))
    funds, _, _ = refused.reserve(request, case.line(), case.cause())
    assert (funds.state, funds.version, funds.reserved) == (State.RESERVED, 2, case.eur(800_000))


def test_a_reservation_stands_when_a_second_request_is_refused(case: Any) -> None:
    refusal = NotAllowed("already-reserved", "Funds are already set aside for this procedure.")
    funds, _, _ = case.reserved().refuse(case.request(case.eur(1)), refusal, case.eur(1), case.reference)
    assert funds == replace(case.reserved(), version=2)


def test_the_reservation_is_given_back_when_the_procedure_ends(case: Any) -> None:
    funds, transfers, events = case.reserved().release("The tender was cancelled.", case.cause())
    assert (funds.state, funds.reserved) == (State.RELEASED, case.eur(0))
    assert moved(transfers) == [(Stage.RESERVED, Stage.AVAILABLE, 1_200_000)]
    assert isinstance(events[0], FundsReleased)
    assert (events[0].amount, events[0].reason) == (case.eur(1_200_000), "The tender was cancelled.")


@pytest.mark.parametrize("state", [State.UNFUNDED, State.RELEASED, State.COMMITTED])
def test_nothing_happens_when_nothing_is_reserved_at_the_end(case: Any, state: State) -> None:
    funds = in_state(case, state)
    assert funds.state is state
    assert funds.release_lot(case.eur(1), "A lot was cancelled.", case.cause()) == (funds, (), ())
    assert funds.release("The tender was cancelled.", case.cause()) == (funds, (), ())


def test_the_rest_is_given_back_when_the_contract_is_below_the_reservation(case: Any) -> None:
    funds, transfers, events = case.reserved().commit(case.contract(), case.milestones(), case.reference, case.cause())
    # 1,200,000 - 1,050,000 = 150,000
    assert moved(transfers) == [
        (Stage.RESERVED, Stage.COMMITTED, 1_050_000),
        (Stage.RESERVED, Stage.AVAILABLE, 150_000),
    ]
    assert (funds.state, funds.reserved, funds.committed) == (State.COMMITTED, case.eur(0), case.eur(1_050_000))
    assert [type(event) for event in events] == [FundsCommitted, FundsReleased]
    assert [event.version for event in events] == [2, 3]
    assert funds.version == 3


def test_nothing_is_given_back_when_the_contract_is_all_that_was_reserved(case: Any) -> None:
    contract = case.contract(value=case.eur(1_200_000))
    funds, transfers, events = case.reserved().commit(
        contract, case.milestones(1_200_000), case.reference, case.cause()
    )
    assert moved(transfers) == [(Stage.RESERVED, Stage.COMMITTED, 1_200_000)]
    assert [type(event) for event in events] == [FundsCommitted]
    assert funds.version == 2


def test_a_contract_is_refused_with_the_rule_when_it_is_a_cent_above_the_reservation(case: Any) -> None:
    contract = case.contract(value=Money(120_000_001, "EUR"))
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().commit(contract, case.milestones(), case.reference, case.cause())
    assert refusal.value.code == "contract-above-reservation"
    assert refusal.value.reference == case.reference


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.UNFUNDED, "nothing-reserved"),
        (State.RELEASED, "nothing-reserved"),
        (State.COMMITTED, "already-committed"),
    ],
)
def test_a_contract_is_refused_when_nothing_is_reserved_for_it(case: Any, state: State, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        in_state(case, state).commit(case.contract(), case.milestones(), case.reference, case.cause())
    assert refusal.value.code == code


def test_a_contract_is_refused_when_its_currency_differs(case: Any) -> None:
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().commit(case.contract(value=Money(1, "USD")), (), case.reference, case.cause())
    assert refusal.value.code == "currency-differs"


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ((300_000, 500_000, 250_001), "milestones-differ-from-value"),
        ((1_050_000, 0), "milestone-not-positive"),
        ((1_050_001, -1), "milestone-not-positive"),
        ((), "milestones-differ-from-value"),
    ],
)
def test_a_contract_is_refused_when_its_periods_do_not_make_up_its_value(
    case: Any, amounts: tuple[int, ...], code: str
) -> None:
    milestones = case.milestones(*amounts) if amounts else ()
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().commit(case.contract(), milestones, case.reference, case.cause())
    assert refusal.value.code == code


def test_a_contract_is_refused_when_a_period_occurs_twice(case: Any) -> None:
    first, second, _ = case.milestones(525_000, 525_000, 1)
    with pytest.raises(NotAllowed) as refusal:
        case.reserved().commit(
            case.contract(), (first, replace(second, period=first.period)), case.reference, case.cause()
        )
    assert refusal.value.code == "milestone-repeated"
