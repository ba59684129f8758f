"""Topic `contract`: what was agreed."""

from datetime import date
from uuid import UUID

from shared.contracts.event import Data, EventData, Organisation
from shared.contracts.fields import Amount, Instant, Ocid, ShortText
from shared.contracts.tender import PinnedPack, Service

OWNER = "tender"


class Milestone(Data):
    """One period of delivery: graded by itself, and worth the amount."""

    period: ShortText
    start: date
    end: date
    amount: Amount


class Generated(EventData, type="contract.generated.v1", owner=OWNER, key="ocid"):
    """The contract was made from the confirmed award; nobody typed it."""

    ocid: Ocid
    award: UUID
    contract: UUID
    buyer: Organisation
    supplier: Organisation
    value: Amount
    milestones: tuple[Milestone, ...]
    signature_due: Instant


class SupplierSigned(EventData, type="contract.supplier-signed.v1", owner=OWNER, key="ocid"):
    """The supplier signed; the buyer's signature brings the contract into force."""

    ocid: Ocid
    contract: UUID
    supplier: Organisation
    signed_at: Instant


class Signed(EventData, type="contract.signed.v1", owner=OWNER, key="ocid"):
    """Both sides signed the contract that was generated from the award."""

    ocid: Ocid
    tender: UUID
    award: UUID
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
