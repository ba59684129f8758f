"""A payment that came back from the bank: it is undone in the ledger, and what it paid is owed again."""

from dataclasses import replace

from budget.domain.bank_events import PaymentReturned
from budget.domain.funds import Funds
from budget.domain.ledger import Cause, Stage, Transfer, reversal, transfer
from budget.domain.payment_order import Approved, OrderState, Payment, PaymentOrder


def reopen(order: PaymentOrder, payment: Payment, reason: str | None, cause: Cause) -> Approved:
    """Owe again what a returned payment had paid; its approval holds on, for another payment."""
    after = replace(order, version=order.version + 1, paid=order.paid - payment.amount, state=OrderState.APPROVED)
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
    )
    return after, (event,)


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
    return after, (reversal(entered, cause, "The bank returned the payment."),)
