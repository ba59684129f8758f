"""Topic `budget`: money that is there, set aside, owed and paid."""

from uuid import UUID

from shared.contracts.event import EventData
from shared.contracts.fields import Amount, DecimalText, Instant, Ocid, OrganisationId, ShortText

OWNER = "budget"


class Appropriated(EventData, type="budget.appropriated.v1", owner=OWNER, key="line"):
    """The legislature granted an amount for a line of a fiscal year."""

    line: UUID
    code: ShortText
    title: ShortText
    fiscal_year: int
    amount: Amount
    available: Amount


class Reserved(EventData, type="budget.reserved.v1", owner=OWNER, key="ocid"):
    """The amount a tender asked for is set aside."""

    ocid: Ocid
    tender: UUID
    line: UUID
    amount: Amount
    available: Amount


class Refused(EventData, type="budget.refused.v1", owner=OWNER, key="ocid"):
    """The amount a tender asked for is not there."""

    ocid: Ocid
    tender: UUID
    line: UUID
    requested: Amount
    available: Amount | None
    code: ShortText
    reason: ShortText
    rule: ShortText
    source: ShortText


class Committed(EventData, type="budget.committed.v1", owner=OWNER, key="ocid"):
    """Exactly the contract's value is bound."""

    ocid: Ocid
    contract: UUID
    line: UUID
    amount: Amount


class ChangeCommitted(EventData, type="budget.change-committed.v1", owner=OWNER, key="ocid"):
    """A change of a contract has its funds; amount is what was bound for it in addition, which may be nothing."""

    ocid: Ocid
    contract: UUID
    change: UUID
    line: UUID
    amount: Amount
    available: Amount


class ChangeRefused(EventData, type="budget.change-refused.v1", owner=OWNER, key="ocid"):
    """A change of a contract has no funds, or does not fit what was already accepted under the contract."""

    ocid: Ocid
    contract: UUID
    change: UUID
    line: UUID
    requested: Amount
    available: Amount
    code: ShortText
    reason: ShortText
    rule: ShortText
    source: ShortText


class Released(EventData, type="budget.released.v1", owner=OWNER, key="ocid"):
    """What is not needed any more is available again: of the reservation, or of what a contract bound."""

    ocid: Ocid
    line: UUID
    amount: Amount
    available: Amount
    reason: ShortText
    contract: UUID | None = None


class Accrued(EventData, type="budget.accrued.v1", owner=OWNER, key="ocid"):
    """A delivered and accepted period is owed."""

    ocid: Ocid
    contract: UUID
    period: ShortText
    amount: Amount


class Paid(EventData, type="budget.paid.v1", owner=OWNER, key="ocid"):
    """The part of a period's amount that its grade releases is paid."""

    ocid: Ocid
    contract: UUID
    period: ShortText
    payment: UUID
    payee: OrganisationId
    amount: Amount
    grade: ShortText
    share: DecimalText
    paid_at: Instant


class Held(EventData, type="budget.held.v1", owner=OWNER, key="ocid"):
    """The part of a period's amount that its grade does not release is held, with the reason."""

    ocid: Ocid
    contract: UUID
    period: ShortText
    payee: OrganisationId
    amount: Amount
    grade: ShortText
    reason: ShortText
