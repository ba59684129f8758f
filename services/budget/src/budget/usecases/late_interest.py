"""How interest for paying late is worked out and owed; nothing here commits."""

from uuid import UUID

from budget.db import bank, late_payments, ledger, payments, store
from budget.domain import late_interest as domain
from budget.domain import payment_order
from budget.domain.client_made import expect_same
from budget.domain.funds import Funds
from budget.domain.funds_data import Contract
from budget.domain.late_interest import ClaimState, EnteredRate, InterestClaim, ReferenceRate
from budget.domain.ledger import Cause
from budget.domain.payment_order import Payment, PaymentOrder
from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from shared.platform.work import Work
from shared.rules.late_interest import LateInterest
from shared.rules.pack import pack_of


async def charge(work: Work, order: PaymentOrder, payment: Payment, funds: Funds) -> None:
    """Owe the interest on a payment that came late; what stands against it is kept and reported."""
    contract = funds.commitment(order.contract).contract
    if not domain.is_late(order, payment.paid_at, pack_of(contract)):
        return
    claim = domain.new_claim(order, payment)
    interest = await _interest(work, claim, contract)
    assessed = domain.assess(claim, interest, await _charged_before(work, claim))
    await late_payments.add_claim(work.connection, assessed)
    await _owe(work, assessed, funds, interest)


async def try_again(work: Work, identifier: UUID) -> InterestClaim:
    """Work a claim out anew and owe it, where it waited for a rate or for money.

    Raises:
        NotAllowed: interest-settled.
    """
    ocid = (await late_payments.claim(work.connection, identifier)).ocid
    await store.lock_process(work.connection, ocid)
    before = await late_payments.claim(work.connection, identifier, lock=True)
    if before.state not in domain.CLAIM.transitions["assess"].before:
        raise NotAllowed(
            "interest-settled",
            "This interest is ordered, or nothing is owed.",
            satisfied_by="Interest that waits for a reference rate or for money.",
        )
    if before.payment in await bank.returned_of(work.connection, before.order):
        dropped = domain.drop(before)
        await late_payments.save_claim(work.connection, before.version, dropped)
        return dropped
    order = await payments.order(work.connection, before.order)
    funds = await store.process(work.connection, ocid)
    contract = funds.commitment(order.contract).contract
    interest = await _interest(work, before, contract)
    assessed = domain.assess(before, interest, await _charged_before(work, before))
    await late_payments.save_claim(work.connection, before.version, assessed)
    return await _owe(work, assessed, funds, interest)


async def enter_rate(work: Work, identifier: UUID, rate: ReferenceRate, by: str) -> tuple[EnteredRate, bool]:
    """Enter a reference rate under an id of the client's own, and owe the interest that waited for it.

    Raises:
        NotAllowed: what expect_same() refuses, if the id names another rate.
    """
    entered = EnteredRate(id=identifier, rate=rate, entered_by=by, entered_at=work.now)
    if not await late_payments.add_rate(work.connection, entered):
        known = await late_payments.rate(work.connection, identifier)
        expect_same(known.rate, rate, None)
        return known, False
    # Several processes are locked below, as they are where a statement is taken in: one of the two at a time.
    await bank.lock_bank(work.connection)
    for claim in await late_payments.claims_without_rate(work.connection):
        if f"{rate.reference} {rate.half_year}" in claim.unresolved:
            await try_again(work, claim.id)
    return entered, True


async def _owe(work: Work, claim: InterestClaim, funds: Funds, interest: LateInterest) -> InterestClaim:
    if claim.state is not ClaimState.UNFUNDED:
        return claim
    late = await payments.order(work.connection, claim.order)
    contract = funds.commitment(late.contract).contract
    due_at = pack_of(contract).ends_at("payment", work.now, contract.acceleration)
    cause = Cause(claim.payment, work.now)
    after, transfers, fresh, ordered = domain.owe_interest(funds, claim, late, interest, due_at, cause)
    try:
        async with work.connection.begin_nested():
            await ledger.post(work.connection, transfers)
    except NotAllowed:
        return claim
    order, events = payment_order.raised(fresh)
    await store.save_process(work.connection, funds.version, after)
    await payments.add_order(work.connection, order)
    await late_payments.save_claim(work.connection, claim.version, ordered)
    await work.record(events)
    return ordered


async def _charged_before(work: Work, claim: InterestClaim) -> Money:
    others = [one for one in await late_payments.claims_of(work.connection, claim.order) if one.id != claim.id]
    returned = await bank.returned_of(work.connection, claim.order)
    return domain.charged_before(others, returned, claim.paid.currency)


async def _interest(work: Work, claim: InterestClaim, contract: Contract) -> LateInterest:
    rates = await late_payments.rates(work.connection)
    pack, faster = pack_of(contract), contract.acceleration
    return domain.interest_until(pack, claim.paid, claim.due_at, claim.paid_at, rates, faster)
