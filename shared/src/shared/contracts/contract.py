"""Topic `contract`: what was agreed."""

from datetime import date
from uuid import UUID

from shared.contracts.event import Data, Organisation
from shared.contracts.fields import Amount, Instant, LongText, Sha256, ShortText
from shared.contracts.payment_terms import AgreedPayment
from shared.contracts.subject import OfAward, OfChange, OfContract, OfProcess
from shared.contracts.tender import PinnedPack, Service

OWNER = "tender"


class Milestone(Data):
    """One period of delivery: graded by itself, and worth the amount."""

    period: ShortText
    start: date
    end: date
    amount: Amount


class Generated(OfProcess, type="contract.generated.v1", owner=OWNER):
    """The contract was made from the confirmed award; nobody typed it."""

    award: UUID
    contract: UUID
    buyer: Organisation
    supplier: Organisation
    value: Amount
    milestones: tuple[Milestone, ...]
    signature_due: Instant


class SupplierSigned(OfContract, type="contract.supplier-signed.v1", owner=OWNER):
    """The supplier signed; the buyer's signature brings the contract into force."""

    supplier: Organisation
    signed_at: Instant


class Signed(OfAward, type="contract.signed.v1", owner=OWNER):
    """Both sides signed the contract that was generated from the award.

    release is what of the reservation is no longer needed, as the value of the contract's lot less that of the
    contract; null says that no other contract of the procedure follows, and nothing of the rest is needed.
    payment is the formula by which every period is paid; a contract that was signed without one is paid by the pack's
    shares by grade.
    handlers are those who handled the purchase, by pseudonyms that say nothing to whoever has not the services' key.
    """

    contract: UUID
    title: ShortText
    buyer: Organisation
    supplier: Organisation
    service: Service
    value: Amount
    milestones: tuple[Milestone, ...]
    signed_at: Instant
    pack: PinnedPack
    acceleration: int
    release: Amount | None = None
    handlers: tuple[Sha256, ...] | None = None
    payment: AgreedPayment | None = None


class Term(Data):
    """The days from which and to which the service is delivered."""

    start: date
    end: date


class Document(Data):
    """A document that belongs to a change, by what it is called and its SHA-256."""

    title: ShortText
    digest: Sha256


class NotSigned(OfAward, type="contract.not-signed.v1", owner=OWNER):
    """The supplier did not sign by the deadline; the contract will not come into force."""

    contract: UUID
    supplier: Organisation
    code: ShortText
    reason: LongText
    signature_due: Instant
    recorded_at: Instant
    rule: ShortText
    source: ShortText


class Annulled(OfAward, type="contract.annulled.v1", owner=OWNER):
    """The award was taken back before both sides had signed; the contract will not come into force."""

    contract: UUID
    supplier: Organisation
    reason: LongText
    annulled_at: Instant


class ChangeRequested(OfChange, type="contract.change-requested.v1", owner=OWNER):
    """A change of the contract waits for its funds; value, term and milestones are what they would become.

    No period that the change touches is settled until the change is in force or has failed.
    """

    ground: ShortText
    reason: LongText
    difference: Amount
    value: Amount
    term: Term
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    answer_due: Instant


class ChangeFailed(OfChange, type="contract.change-failed.v1", owner=OWNER):
    """A change will not come into force: its funds were refused, or it was withdrawn."""

    code: ShortText
    reason: LongText


class Changed(OfChange, type="contract.changed.v1", owner=OWNER):
    """Both sides signed a change; value, term and milestones are those of the whole contract from now on."""

    ground: ShortText
    reason: LongText
    difference: Amount
    value: Amount
    term: Term
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    option: ShortText | None
    signed_at: Instant


class Suspended(OfContract, type="contract.suspended.v1", owner=OWNER):
    """The contract rests until an instant that is already known."""

    reason: LongText
    suspended_from: Instant
    suspended_until: Instant


class Resumed(OfContract, type="contract.resumed.v1", owner=OWNER):
    """The contract is in force again; early says that the buyer ended the suspension before its time."""

    resumed_at: Instant
    early: bool


class Assigned(OfContract, type="contract.assigned.v1", owner=OWNER):
    """The contract went over to another provider, as an exception that the rule named allows."""

    before: Organisation
    supplier: Organisation
    ground: ShortText
    reason: LongText
    assigned_at: Instant
    rule: ShortText
    source: ShortText


class TerminationNotified(OfContract, type="contract.termination-notified.v1", owner=OWNER):
    """It is settled that the contract ends, and when; no period that begins after the last day is delivered."""

    ground: ShortText
    reason: LongText
    notified_at: Instant
    last_day: date
    consented_at: Instant | None = None


class Terminated(OfContract, type="contract.terminated.v1", owner=OWNER):
    """The contract has ended; what was bound for periods that were never accepted is no longer needed.

    without_handover says why, if the service was not handed over.
    """

    supplier: Organisation
    ground: ShortText
    reason: LongText
    amount_paid: Amount
    last_day: date
    terminated_at: Instant
    without_handover: LongText | None


class HandoverCompleted(OfContract, type="contract.handover-completed.v1", owner=OWNER):
    """Everything that the next one who serves needs was handed over, and the other side confirmed it."""

    successor: ShortText
    items: int
    completed_at: Instant
