"""A payment that came back from the bank: it is undone in the ledger, and what it paid is owed again."""

from dataclasses import dataclass, replace
from uuid import UUID

from budget.domain.bank_events import PaymentReturned
from budget.domain.funds import Funds
from budget.domain.ledger import Cause, Stage, Transfer, reversal, transfer
from budget.domain.line import Line
from budget.domain.payment_order import ORDER, Approved, OrderState, Payment, PaymentOrder
from budget.domain.year_events import LineCarriedOver
from shared.kernel.ids import derived_id
from shared.kernel.money import Money


def reopen(
    order: PaymentOrder, payment: Payment, reason: str | None, cause: Cause, *, rejected: bool = False
) -> Approved:
    """Owe again what a returned or rejected payment had paid; its approval holds on, for another payment."""
    state = ORDER.move("return", order.state, OrderState.APPROVED)
    after = replace(order, version=order.version + 1, paid=order.paid - payment.amount, state=state)
    event = PaymentReturned(
        aggregate=order.id,
        version=after.version,
        ocid=order.ocid,
        contract=order.contract,
        order=order.id,
        period=order.period,
        payment=payment.id,
        payee=order.payee,
        amount=payment.amount,
        reason=reason,
        returned_at=cause.at,
        rejected=rejected,
    )
    return after, (event,)


@dataclass(frozen=True, slots=True)
class CameBack:
    """What came back to a line whose books are closed, under the id of what it was."""

    id: UUID
    line: UUID
    amount: Money
    stage: Stage = Stage.ADVANCE


def came_back(payment: Payment) -> CameBack:
    """Name what came back of a payment for what was delivered."""
    return CameBack(derived_id("returned-payment", payment.id), payment.line, payment.amount, Stage.ACCRUED)


def carry_over(
    funds: Funds, back: CameBack, onto: Line, cause: Cause
) -> tuple[Line, tuple[Transfer, ...], tuple[LineCarriedOver, ...]]:
    """Owe from the line of today what came back to one whose books are closed, with a grant to match."""
    here = Cause(back.id, cause.at)
    reason = "Carried over, as the bank returned a payment of a closed year."
    after = replace(onto, version=onto.version + 1, appropriated=onto.appropriated + back.amount)
    ways = (
        (back.line, back.stage, Stage.RELEASED),
        (onto.id, Stage.APPROPRIATED, Stage.AVAILABLE),
        (onto.id, Stage.AVAILABLE, Stage.RESERVED),
        (onto.id, Stage.RESERVED, Stage.COMMITTED),
        (onto.id, Stage.COMMITTED, Stage.ACCRUED),
    )
    transfers = tuple(
        replace(
            transfer(
                here,
                ocid=funds.ocid,
                line=line,
                from_stage=from_stage,
                to_stage=to_stage,
                amount=back.amount,
                reason=reason,
            ),
            chain=here.event,
        )
        for line, from_stage, to_stage in ways
    )
    event = LineCarriedOver(
        aggregate=onto.id,
        version=after.version,
        code=onto.code,
        title=onto.title,
        fiscal_year=onto.fiscal_year,
        amount=back.amount,
        from_line=back.line,
    )
    return after, transfers, (event,)


def take_back(funds: Funds, payment: Payment, cause: Cause) -> tuple[Funds, tuple[Transfer, ...]]:
    """Undo what a payment moved in the ledger.

    Raises:
        NotAllowed: contract-unknown.
    """
    commitment = funds.commitment(payment.contract)
    after = funds.with_commitment(replace(commitment, paid=commitment.paid - payment.amount))
    entered = transfer(
        Cause(payment.id, payment.paid_at),
        ocid=payment.ocid,
        line=payment.line,
        from_stage=Stage.ACCRUED,
        to_stage=Stage.PAID,
        amount=payment.amount,
        reason="Paid.",
    )
    return after, (reversal(entered, cause, "The bank rejected or returned the payment."),)
