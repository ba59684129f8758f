"""A contract: generated from the award, never typed, in force once both sides have signed."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from tender.domain.catalogue import Service
from tender.domain.events import ContractGenerated, ContractSigned, SupplierSigned
from tender.domain.framework import Framework
from tender.domain.framework_parts import Order
from tender.domain.parts import Award, Milestone, Party, milestones
from tender.domain.tender import Tender


class ContractStatus(StrEnum):
    """Whose signature is missing."""

    GENERATED = "generated"
    SUPPLIER_SIGNED = "supplier-signed"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Contract:
    """What buyer and supplier agreed."""

    id: UUID
    version: int
    ocid: str
    tender: UUID
    award: UUID
    title: str
    buyer: Party
    supplier: Party
    service: Service
    value: Money
    milestones: tuple[Milestone, ...]
    pack: str
    pack_version: str
    acceleration: int
    signature_due: datetime | None
    status: ContractStatus = ContractStatus.GENERATED
    signed_at: datetime | None = None
    framework: UUID | None = None

    def sign_as_supplier(self, at: datetime) -> tuple["Contract", tuple[SupplierSigned, ...]]:
        """Sign first.

        Raises:
            NotAllowed: contract-not-generated.
        """
        self._expect(ContractStatus.GENERATED)
        version = self.version + 1
        signed = replace(self, version=version, status=ContractStatus.SUPPLIER_SIGNED)
        event = SupplierSigned(aggregate=self.id, version=version, ocid=self.ocid, supplier=self.supplier, signed_at=at)
        return signed, (event,)

    def sign_as_buyer(self, at: datetime) -> tuple["Contract", tuple[ContractSigned, ...]]:
        """Sign second, and bring the contract into force.

        Raises:
            NotAllowed: contract-not-supplier-signed.
        """
        self._expect(ContractStatus.SUPPLIER_SIGNED)
        version = self.version + 1
        signed = replace(self, version=version, status=ContractStatus.ACTIVE, signature_due=None, signed_at=at)
        event = ContractSigned(
            aggregate=self.id,
            version=version,
            ocid=self.ocid,
            tender=self.tender,
            award=self.award,
            title=self.title,
            buyer=self.buyer,
            supplier=self.supplier,
            service=self.service,
            value=self.value,
            milestones=self.milestones,
            signed_at=at,
            pack=self.pack,
            pack_version=self.pack_version,
            acceleration=self.acceleration,
        )
        return signed, (event,)

    def check_not_in_force(self) -> None:
        """Hold what would undo the award to a contract that nobody is bound by.

        Raises:
            NotAllowed: contract-in-force.
        """
        if self.status is ContractStatus.ACTIVE:
            raise NotAllowed(
                "contract-in-force", "The contract is in force.", satisfied_by="The termination of the contract."
            )

    def _expect(self, status: ContractStatus) -> None:
        if self.status is not status:
            raise NotAllowed(
                f"contract-not-{status}",
                f"The contract is {self.status}.",
                satisfied_by=f"A contract that is {status}.",
            )


def generate_contract(
    tender: Tender, award: Award, *, identifier: UUID, signature_due: datetime
) -> tuple[Contract, tuple[ContractGenerated, ...]]:
    """Make the contract that the award says."""
    content, lot = tender.content, tender.lot(award.lot)
    contract = Contract(
        id=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        award=award.id,
        title=content.title if len(content.lots) == 1 else f"{content.title}: {lot.title}"[:200],
        buyer=tender.buyer,
        supplier=award.supplier,
        service=tender.service,
        value=award.value,
        milestones=milestones(content.delivery, award.value),
        pack=tender.pack,
        pack_version=tender.pack_version,
        acceleration=tender.acceleration,
        signature_due=signature_due,
    )
    event = ContractGenerated(
        aggregate=contract.id,
        version=1,
        ocid=contract.ocid,
        award=award.id,
        buyer=contract.buyer,
        supplier=contract.supplier,
        value=contract.value,
        milestones=contract.milestones,
        signature_due=signature_due,
    )
    return contract, (event,)


def generate_order(
    framework: Framework, order: Order, supplier: Party, *, identifier: UUID, signature_due: datetime
) -> tuple[Contract, tuple[ContractGenerated, ...]]:
    """Make the contract of an order under a framework agreement."""
    contract = Contract(
        id=identifier,
        version=1,
        ocid=framework.ocid,
        tender=framework.tender,
        award=framework.id,
        title=order.title,
        buyer=framework.buyer,
        supplier=supplier,
        service=framework.service,
        value=order.value,
        milestones=milestones(order.delivery, order.value),
        pack=framework.pack,
        pack_version=framework.pack_version,
        acceleration=framework.acceleration,
        signature_due=signature_due,
        framework=framework.id,
    )
    event = ContractGenerated(
        aggregate=contract.id,
        version=1,
        ocid=contract.ocid,
        award=contract.award,
        buyer=contract.buyer,
        supplier=contract.supplier,
        value=contract.value,
        milestones=contract.milestones,
        signature_due=signature_due,
    )
    return contract, (event,)
