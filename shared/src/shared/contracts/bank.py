"""Topic `budget`, continued: what invoices and the bank's statements say of payments."""

from datetime import date
from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Amount, Instant, Ocid, OrganisationId, ShortText
from shared.contracts.subject import OfContract

OWNER = "budget"


class Invoiced(OfContract, type="budget.invoiced.v1", owner=OWNER):
    """The provider's invoice for what was accepted came in; until when it is paid follows from both, by a rule."""

    order: UUID
    period: ShortText
    payee: OrganisationId
    amount: Amount
    received_at: Instant
    due_at: Instant
    rule: ShortText
    source: ShortText


class PaymentReturned(OfContract, type="budget.payment-returned.v1", owner=OWNER):
    """The bank returned or rejected a payment: it is undone, and owed again; reason is a code of ISO 20022."""

    order: UUID
    period: ShortText
    payment: UUID
    payee: OrganisationId
    amount: Amount
    reason: ShortText | None
    returned_at: Instant
    rejected: bool | None = None


class MismatchFound(EventData, type="budget.mismatch-found.v1", owner=OWNER, key="mismatch"):
    """The bank's statement and the ledger differ; what a movement that is none of ours was worth is not told."""

    mismatch: UUID
    outcome: ShortText
    payment: UUID | None
    ocid: Ocid | None
    contract: UUID | None
    expected: Amount | None
    found: Amount | None
    day: date


class MismatchSettled(EventData, type="budget.mismatch-settled.v1", owner=OWNER, key="mismatch"):
    """A difference between the bank and the ledger was explained by a person, or removed by a later statement."""

    mismatch: UUID
    outcome: ShortText
    state: ShortText
