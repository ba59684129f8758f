"""Topic `budget`: money that is there, set aside, owed and paid."""

from typing import Any
from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Amount, DecimalText, Instant, OrganisationId, ShortText
from shared.contracts.payment_terms import ReleaseCondition
from shared.contracts.subject import OfChange, OfContract, OfProcess, OfTender

OWNER = "budget"


class Reserved(OfTender, type="budget.reserved.v1", owner=OWNER):
    """The amount a tender asked for is set aside."""

    line: UUID
    amount: Amount
    available: Amount


class Refused(OfTender, type="budget.refused.v1", owner=OWNER):
    """The amount a tender asked for is not there."""

    line: UUID
    requested: Amount
    available: Amount | None
    code: ShortText
    reason: ShortText
    rule: ShortText
    source: ShortText


class Committed(OfContract, type="budget.committed.v1", owner=OWNER):
    """Exactly the contract's value is bound, but for what the budgets of later years are to fund."""

    line: UUID
    amount: Amount
    later: Amount | None = None


class ChangeCommitted(OfChange, type="budget.change-committed.v1", owner=OWNER):
    """A change of a contract has its funds; amount is what was bound for it in addition, which may be nothing."""

    line: UUID
    amount: Amount
    available: Amount


class ChangeRefused(OfChange, type="budget.change-refused.v1", owner=OWNER):
    """A change of a contract has no funds, or does not fit what was already accepted under the contract."""

    line: UUID
    requested: Amount
    available: Amount
    code: ShortText
    reason: ShortText
    rule: ShortText
    source: ShortText


class Released(OfProcess, type="budget.released.v1", owner=OWNER):
    """What is not needed any more is available again: of the reservation, or of what a contract bound."""

    line: UUID
    amount: Amount
    available: Amount
    reason: ShortText
    contract: UUID | None = None


class Accrued(OfContract, type="budget.accrued.v1", owner=OWNER):
    """A delivered and accepted period is owed."""

    period: ShortText
    amount: Amount


class PaymentDue(OfContract, type="budget.payment-due.v1", owner=OWNER):
    """An amount is owed to the provider, and how each unit of it came about."""

    order: UUID
    kind: ShortText
    period: ShortText
    payee: OrganisationId
    amount: Amount
    accepted_at: Instant
    due_at: Instant
    derivation: tuple[dict[str, Any], ...]


class PaymentApproved(OfContract, type="budget.payment-approved.v1", owner=OWNER):
    """One person approved that an amount is paid; another one pays it."""

    order: UUID
    period: ShortText
    payee: OrganisationId
    amount: Amount
    approved_at: Instant


class Paid(OfContract, type="budget.paid.v1", owner=OWNER):
    """The provider was paid of what is owed for a period."""

    period: ShortText
    payment: UUID
    payee: OrganisationId
    amount: Amount
    grade: ShortText
    share: DecimalText
    paid_at: Instant


class Held(OfContract, type="budget.held.v1", owner=OWNER):
    """A part of a period's amount is withheld, with the reason; this is the notice from which the appeal counts."""

    period: ShortText
    payee: OrganisationId
    amount: Amount
    grade: ShortText
    reason: ShortText
    hold: UUID | None = None
    release: ReleaseCondition | None = None
    appeal_until: Instant | None = None


class ReservationMade(EventData, type="budget.reservation-made.v1", owner=OWNER, key="line"):
    """A finance system set an amount aside itself, outside any contracting process."""

    line: UUID
    reservation: UUID
    amount: Amount
    purpose: ShortText
    expires_at: Instant | None


class ReservationReleased(EventData, type="budget.reservation-released.v1", owner=OWNER, key="line"):
    """What a finance system had set aside is not needed and available again."""

    line: UUID
    reservation: UUID
    amount: Amount
    reason: ShortText


class ReservationExpired(EventData, type="budget.reservation-expired.v1", owner=OWNER, key="line"):
    """What a finance system had set aside was not used in time and is available again."""

    line: UUID
    reservation: UUID
    amount: Amount
    expired_at: Instant
