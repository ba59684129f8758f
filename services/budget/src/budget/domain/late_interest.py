"""What an office owes for paying late: worked out from the rates that are known, and owed like what was delivered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from budget.domain.funds import Funds
from budget.domain.ledger import Cause, Stage, Transfer
from budget.domain.payment_order import OrderKind, Payment, PaymentOrder, new_order
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, total
from shared.rules.derivation import Derivation, amount_of
from shared.rules.late_interest import LateInterest, ReferenceRates, bears_interest, late_interest
from shared.rules.pack import RulePack

_WAYS = (
    (Stage.AVAILABLE, Stage.RESERVED, "Set aside for interest, as a payment came late."),
    (Stage.RESERVED, Stage.COMMITTED, "Bound for interest, as a payment came late."),
    (Stage.COMMITTED, Stage.ACCRUED, "Interest is owed, as a payment came late."),
)


_LEAST, _MOST = Decimal("-0.1"), Decimal(1)


class ClaimState(StrEnum):
    """Tell what a claim waits for: a reference rate, money on the line, or nothing more."""

    UNRESOLVED = "unresolved"
    UNFUNDED = "unfunded"
    ORDERED = "ordered"
    NOTHING_OWED = "nothing-owed"


CLAIM = lifecycle(
    "interest-claim",
    ClaimState.UNRESOLVED,
    transition(
        "assess", "unresolved unfunded", "unresolved unfunded nothing-owed", "finance-officer who enters a rate"
    ),
    transition("order", "unfunded", "ordered", "finance-officer", events="budget.payment-due.v1"),
    transition("drop", "unresolved unfunded", "nothing-owed", "bank that returned the payment"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestClaim:
    """The interest on one late payment; the payment gives the id, so that it is owed once.

    Shape: amount is none as long as unresolved names a rate that nobody has entered; set_off is what was charged before
    on a payment of the same order that came back, and is not charged again.
    """

    id: UUID
    version: int
    state: ClaimState
    payment: UUID
    order: UUID
    ocid: str
    contract: UUID
    payee: str
    paid: Money
    due_at: datetime
    paid_at: datetime
    noticed_at: datetime
    amount: Money | None = None
    unresolved: tuple[str, ...] = ()
    interest_order: UUID | None = None
    set_off: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRate:
    """The rate of a half-year that late payments go by, and where it was read.

    Units: rate is a share, for a year.

    Raises:
        Invalid: rate-out-of-range.
    """

    reference: str
    half_year: str
    rate: Decimal
    source: str

    def __post_init__(self) -> None:
        if not _LEAST <= self.rate <= _MOST:
            raise Invalid("rate-out-of-range", "A rate is a share, such as 0.0215, from -0.1 to 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredRate:
    """A reference rate under the id that whoever entered it chose."""

    id: UUID
    rate: ReferenceRate
    entered_by: str
    entered_at: datetime


def is_late(order: PaymentOrder, at: datetime, pack: RulePack) -> bool:
    """Tell whether what is paid on an order at an instant bears interest; interest itself and an advance bear none."""
    delivered = order.kind not in {OrderKind.INTEREST, OrderKind.ADVANCE}
    return delivered and at >= order.due_at and bears_interest(pack)


def new_claim(order: PaymentOrder, payment: Payment) -> InterestClaim:
    """Begin a claim on interest."""
    return InterestClaim(
        id=derived_id("late-interest", payment.id),
        version=0,
        state=ClaimState.UNRESOLVED,
        payment=payment.id,
        order=order.id,
        ocid=order.ocid,
        contract=order.contract,
        payee=order.payee,
        paid=payment.amount,
        due_at=order.due_at,
        paid_at=payment.paid_at,
        noticed_at=payment.paid_at,
    )


def interest_until(
    pack: RulePack, owed: Money, due_at: datetime, until: datetime, rates: ReferenceRates, acceleration: int = 1
) -> LateInterest:
    """Work out the interest from the first day too late to the day of an instant.

    Where a sandbox procedure's time runs faster, so do the days.
    """
    first = pack.calendar.day_of(due_at)
    last = pack.calendar.day_of(due_at + (until - due_at) * acceleration)
    return late_interest(pack, owed, first, last, rates)


def charged_before(claims: Sequence[InterestClaim], returned: Collection[UUID], currency: str) -> Money:
    """Sum up what was charged on an order's payments that came back and is not set off yet.

    An order whose payment came back was never paid: its interest runs on, and what was charged of it counts.
    """
    charged = [one.amount for one in claims if one.payment in returned and one.state is ClaimState.ORDERED]
    used = [one.set_off for one in claims if one.payment not in returned and one.set_off]
    return total([amount for amount in charged if amount], currency) - total(used, currency)


def assess(claim: InterestClaim, interest: LateInterest, before: Money) -> InterestClaim:
    """Say what is owed beyond what was charged before, or which rates are missing to say it."""
    if interest.amount is None:
        state = CLAIM.move("assess", claim.state, ClaimState.UNRESOLVED)
        return replace(claim, version=claim.version + 1, state=state, unresolved=interest.unresolved)
    set_off = min(interest.amount, before)
    amount = interest.amount - set_off
    return replace(
        claim,
        version=claim.version + 1,
        state=CLAIM.move("assess", claim.state, ClaimState.UNFUNDED if amount.minor else ClaimState.NOTHING_OWED),
        amount=amount,
        unresolved=(),
        set_off=set_off,
    )


def drop(claim: InterestClaim) -> InterestClaim:
    """Owe nothing on a payment that came back; the one that takes its place bears the whole."""
    state = CLAIM.move("drop", claim.state, ClaimState.NOTHING_OWED)
    return replace(claim, version=claim.version + 1, state=state, unresolved=())


def owe_interest(
    funds: Funds, claim: InterestClaim, late: PaymentOrder, interest: LateInterest, due_at: datetime, cause: Cause
) -> tuple[Funds, tuple[Transfer, ...], PaymentOrder, InterestClaim]:
    """Take the interest from what the line has left, and owe it; whether the line has it, the ledger decides.

    Raises:
        NotAllowed: contract-unknown.
    """
    amount = claim.amount
    assert amount is not None  # noqa: S101 - what cannot be worked out is not owed
    commitment = funds.commitment(claim.contract)
    after = funds.with_commitment(
        replace(commitment, accrued=commitment.accrued + amount, interest=commitment.charged + amount)
    )
    moved = Cause(claim.id, cause.at)
    chain = derived_id("chain", claim.id)
    transfers = tuple(
        replace(funds.move(moved, start, end, amount, reason), chain=chain) for start, end, reason in _WAYS
    )
    order = new_order(
        derived_id("payment-order", claim.id),
        kind=OrderKind.INTEREST,
        ocid=claim.ocid,
        line=funds.line,
        contract=claim.contract,
        period=late.period,
        payee=claim.payee,
        amount=amount,
        grade=late.grade,
        share=late.share,
        accepted_at=cause.at,
        due_at=due_at,
        derivation=(*interest.lines, *_set_off(claim, amount)),
    )
    state = CLAIM.move("order", claim.state, ClaimState.ORDERED)
    ordered = replace(claim, version=claim.version + 1, state=state, interest_order=order.id)
    return after, transfers, order, ordered


def _set_off(claim: InterestClaim, amount: Money) -> Derivation:
    if claim.set_off is None or not claim.set_off.minor:
        return ()
    return ({"step": "charged-before", **amount_of(claim.set_off)}, {"step": "owed", **amount_of(amount)})
