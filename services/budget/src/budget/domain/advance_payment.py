"""What asking for an advance, paying it and repaying it do to the funds of a process."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from budget.domain.advance import Advance, replaced
from budget.domain.advance_events import AdvanceRepaid
from budget.domain.commitment import Commitment
from budget.domain.events import FundsReleased
from budget.domain.funds import Change, Funds
from budget.domain.ledger import Cause, Stage
from budget.domain.line import Line
from budget.domain.payment_order import ORDER, OrderKind, OrderState, Payment, PaymentOrder, new_order
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.kernel.events import DomainEvent
from shared.kernel.ids import derived_id
from shared.kernel.money import Money, total, zero
from shared.rules.derivation import Derivation, amount_of, plain
from shared.rules.pack import RulePack

RULE = "payment.advance"
# What an order says of the period and the grade that an advance does not have.
NO_PERIOD, NO_GRADE = "advance", "none"


def ask_advance(
    funds: Funds, line: Line, contract: UUID, amount: Money, *, reason: str, by: str, pack: RulePack, cause: Cause
) -> tuple[Funds, PaymentOrder]:
    """Ask for an amount to be paid before delivery; another person approves it, and it is paid like any order.

    Raises:
        NotAllowed: fiscal-year-closed, contract-unknown, contract-terminated, advance-not-provided-for,
            advance-above-limit, advance-above-rest, advance-above-committed.
        Invalid: currency-differs, amount-not-positive.
    """
    line.admit()
    before = funds.commitment(contract)
    limit = _limit(before, pack)
    _check(before, amount, limit, pack)
    order = new_order(
        derived_id("payment-order", "advance", contract, len(before.advances)),
        kind=OrderKind.ADVANCE,
        ocid=funds.ocid,
        line=funds.line,
        contract=contract,
        period=NO_PERIOD,
        payee=before.contract.payee,
        amount=amount,
        grade=NO_GRADE,
        share=Decimal(1),
        accepted_at=cause.at,
        due_at=pack.ends_at("payment", cause.at, before.contract.acceleration),
        derivation=_derivation(before, amount, limit, reason, pack),
    )
    nothing = zero(amount.currency)
    asked = Advance(order=order.id, payee=order.payee, amount=amount, paid=nothing, repaid=nothing)
    after = funds.with_commitment(replace(before, advances=(*before.advances, asked)))
    return after, replace(order, raised_by=by)


def count_advance(funds: Funds, payment: Payment) -> Change:
    """Move what was paid in advance from what is bound; nothing is delivered by it. The event is the order's.

    Raises:
        NotAllowed: contract-unknown, contract-terminated, payee-differs, advance-above-committed.
    """
    before = funds.commitment(payment.contract)
    _goes_on(before)
    if payment.payee != before.contract.payee:
        raise NotAllowed("payee-differs", "Whoever was to be paid in advance does not hold the contract any more.")
    if payment.amount > before.advanceable:
        raise _above_committed()
    advance = next(one for one in before.advances if one.order == payment.order)
    paid = replace(advance, paid=advance.paid + payment.amount)
    after = funds.with_commitment(
        replace(before, committed=before.committed - payment.amount, advances=replaced(before.advances, paid))
    )
    cause = Cause(payment.id, payment.paid_at)
    moved = funds.move(cause, Stage.COMMITTED, Stage.ADVANCE, payment.amount, "Paid to the provider in advance.")
    return after, (moved,), ()


def repay(funds: Funds, order: PaymentOrder, repayment: UUID, amount: Money, cause: Cause) -> Change:
    """Take in what a provider repaid of an advance: it is bound again where the contract goes on, else available.

    Raises:
        NotAllowed: contract-unknown, repayment-above-owed.
        Invalid: currency-differs, amount-not-positive, order-not-advance.
    """
    before = funds.commitment(order.contract)
    advance = next((one for one in before.advances if one.order == order.id), None)
    if advance is None:
        raise Invalid("order-not-advance", "The payment order is of no advance.")
    _check_amount(amount, advance.amount.currency)
    if amount > before.owed_back(advance):
        raise NotAllowed(
            "repayment-above-owed",
            "More would be repaid than the provider owes back.",
            satisfied_by="At most what is outstanding of an advance that nothing still to be delivered will recover.",
        )
    repaid = replace(advance, repaid=advance.repaid + amount)
    bound_again = bool(before.open_periods) and not before.terminated
    given_back = zero(amount.currency) if bound_again or before.terminated else amount
    commitment = replace(
        before,
        committed=before.committed + (amount if bound_again else zero(amount.currency)),
        deducted=before.given_back + given_back,
        advances=replaced(before.advances, repaid),
    )
    after = funds.with_commitment(commitment)
    reason = "The provider repaid an advance."
    told = AdvanceRepaid(
        aggregate=funds.id,
        version=after.version,
        ocid=funds.ocid,
        contract=order.contract,
        order=order.id,
        repayment=repayment,
        payee=order.payee,
        amount=amount,
        outstanding=repaid.outstanding,
        repaid_at=cause.at,
    )
    stage = Stage.COMMITTED if bound_again else Stage.AVAILABLE
    moved = funds.move(Cause(repayment, cause.at), Stage.ADVANCE, stage, amount, reason)
    if bound_again:
        return after, (moved,), (told,)
    after = replace(after, version=after.version + 1)
    return after, (moved,), (told, released(after, order.contract, amount, reason))


def released(funds: Funds, contract: UUID, amount: Money, reason: str) -> DomainEvent:
    """Tell that what was advanced is available again."""
    return FundsReleased(
        aggregate=funds.id,
        version=funds.version,
        ocid=funds.ocid,
        line=funds.line,
        amount=amount,
        reason=reason,
        contract=contract,
    )


def follow(order: PaymentOrder, commitment: Commitment, pack: RulePack, cause: Cause) -> PaymentOrder:
    """Withdraw an order that nobody may be paid on any more, and wait for what is owed back of its advance."""
    advance = next(one for one in commitment.advances if one.order == order.id)
    over = commitment.terminated or advance.payee != commitment.contract.payee
    state = order.state
    if over and order.open.minor and state is not OrderState.WITHDRAWN:
        state = ORDER.move("withdraw", state, OrderState.WITHDRAWN)
    repay_by = order.repay_by
    if not commitment.owed_back(advance).minor:
        repay_by = None
    elif repay_by is None:
        repay_by = pack.ends_at("payment", cause.at, commitment.contract.acceleration)
    if (state, repay_by) == (order.state, order.repay_by):
        return order
    return replace(order, version=order.version + 1, state=state, repay_by=repay_by)


def _goes_on(commitment: Commitment) -> None:
    if commitment.terminated:
        raise NotAllowed("contract-terminated", "The contract was closed.")


def _limit(commitment: Commitment, pack: RulePack) -> Money:
    if RULE not in pack.rules:
        source = pack.without[RULE].source if RULE in pack.without else pack.title
        raise NotAllowed(
            "advance-not-provided-for",
            "The rule pack of the contract says nothing of how much may be paid in advance.",
            reference=RuleReference(RULE, source),
            satisfied_by="A contract under a rule pack that says so.",
        )
    return commitment.contract.value.share(pack.number(RULE))


def _check(commitment: Commitment, amount: Money, limit: Money, pack: RulePack) -> None:
    _goes_on(commitment)
    _check_amount(amount, limit.currency)
    asked = total([one.amount for one in commitment.advances], limit.currency)
    if amount > limit:
        raise NotAllowed(
            "advance-above-limit",
            "More would be paid in advance than the rule pack allows.",
            reference=pack.reference(RULE),
            satisfied_by="At most the rule's share of the contract's value.",
        )
    if asked + amount > limit:
        raise NotAllowed(
            "advance-above-rest",
            "With the advances before it, more would be paid in advance than the rule pack allows.",
            reference=pack.reference(RULE),
            satisfied_by="At most what earlier advances leave of the rule's share of the contract's value.",
        )
    unpaid = total([one.unpaid for one in commitment.advances], limit.currency)
    if unpaid + amount > commitment.advanceable:
        raise _above_committed()


def _check_amount(amount: Money, currency: str) -> None:
    if amount.currency != currency:
        raise Invalid("currency-differs", "The contract is in another currency.", pointer="/body/amount")
    if amount.minor <= 0:
        raise Invalid("amount-not-positive", "An amount above zero is paid.", pointer="/body/amount")


def _above_committed() -> NotAllowed:
    return NotAllowed(
        "advance-above-committed",
        "More would be paid in advance than the contract binds for what is still to be delivered.",
        satisfied_by="At most what is committed for the contract, and not advanced yet.",
    )


def _derivation(commitment: Commitment, amount: Money, limit: Money, reason: str, pack: RulePack) -> Derivation:
    share, value = plain(pack.number(RULE)), plain(commitment.contract.value.amount)
    before = total([one.amount for one in commitment.advances], amount.currency)
    return (
        {"step": "advance-limit", "rule": RULE, "expression": f"{value} * {share}, half up", **amount_of(limit)},
        {"step": "advanced-before", **amount_of(before)},
        {"step": "advance", "reason": reason, **amount_of(amount)},
    )
