"""Topic `budget`, continued: what providers are paid before delivery, until it is recovered or repaid."""

from uuid import UUID

from shared.contracts.fields import Amount, Instant, OrganisationId, ShortText
from shared.contracts.subject import OfContract

OWNER = "budget"


class AdvancePaid(OfContract, type="budget.advance-paid.v1", owner=OWNER):
    """The provider was paid before delivery: nothing is delivered by it, and accepted periods recover it."""

    order: UUID
    payment: UUID
    payee: OrganisationId
    amount: Amount
    paid_at: Instant


class AdvanceRecovered(OfContract, type="budget.advance-recovered.v1", owner=OWNER):
    """A part of an accepted period had been paid in advance, and counts as paid from now on."""

    period: ShortText
    payee: OrganisationId
    amount: Amount
    outstanding: Amount


class AdvanceRepaid(OfContract, type="budget.advance-repaid.v1", owner=OWNER):
    """The provider repaid a part of an advance that no delivery will recover."""

    order: UUID
    repayment: UUID
    payee: OrganisationId
    amount: Amount
    outstanding: Amount
    repaid_at: Instant
