"""A contract: generated from the award, never typed, in force once both sides have signed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, zero
from shared.rules.pack import RulePack
from shared.rules.payment_formula import PaymentFormula
from tender.domain.catalogue import Service
from tender.domain.contract_events import Annulled, NotSigned
from tender.domain.contract_parts import (
    Assignment,
    AssignmentRequest,
    Change,
    Closing,
    ContractStatus,
    Handover,
    ItemStatus,
    NonSignature,
    Option,
    Security,
    Suspension,
    Term,
    Termination,
)
from tender.domain.contract_terms import NO_TERMS, ContractTerms, agreed_payment
from tender.domain.events import ContractGenerated, ContractSigned, SupplierSigned
from tender.domain.framework import Framework
from tender.domain.framework_parts import Order
from tender.domain.parts import Award, Milestone, Party, milestones
from tender.domain.tender import Tender

__all__ = ["CONTRACT", "Contract", "ContractStatus", "generate_contract"]

CONTRACT = lifecycle(
    "contract",
    ContractStatus.GENERATED,
    transition("sign-as-supplier", "generated", "supplier-signed", "supplier"),
    transition("sign-as-buyer", "supplier-signed", "active", "buyer"),
    transition("record-non-signature", "generated supplier-signed", "not-signed", "buyer"),
    transition("annul", "generated supplier-signed", "annulled", "buyer, or who decides a challenge"),
    transition("receive-security", "generated supplier-signed", "generated supplier-signed", "buyer"),
    transition("change", "active suspended", "active suspended", "buyer and supplier"),
    transition("assign", "active", "active", "both suppliers and buyer"),
    transition("suspend", "active", "suspended", "buyer or challenger"),
    transition("resume", "suspended", "active", "buyer, clock or the end of a challenge"),
    transition("notify-termination", "active suspended", "ending", "buyer"),
    transition("end-of-term", "active suspended", "ending", "clock"),
    transition("hand-over", "active suspended ending", "active suspended ending", "buyer and supplier"),
    transition("terminate", "ending", "terminated", "buyer"),
)
_LONGEST = timedelta(days=36_525)
_WAITS_FOR = {
    ContractStatus.GENERATED: "the supplier's signature",
    ContractStatus.SUPPLIER_SIGNED: "the buyer's signature",
}


@dataclass(frozen=True, slots=True)
class Contract:
    """What buyer and supplier agreed.

    Units: release is what of the reservation the contract leaves for nobody, none where no other contract follows;
    ends_at is the first instant after the term; signature_due counts with what a challenge takes until held_up_until.
    """

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
    release: Money | None = None
    terms: ContractTerms = NO_TERMS
    options: tuple[Option, ...] = ()
    security_required: Money | None = None
    security: Security | None = None
    not_signed_because: NonSignature | None = None
    changes: tuple[Change, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    ends_at: datetime | None = None
    proposed_end: Termination | None = None
    termination: Termination | None = None
    handover: Handover | None = None
    closing_due: datetime | None = None
    closing: Closing | None = None
    amount_paid: Money | None = None
    framework: UUID | None = None
    annulled_because: str | None = None
    held_up_until: datetime | None = None
    requested_assignment: AssignmentRequest | None = None
    security_due: datetime | None = None

    @property
    def term(self) -> Term:
        """The days from which and to which the service is delivered."""
        return Term(self.milestones[0].start, self.milestones[-1].end)

    @property
    def pending(self) -> Change | None:
        """The change that may still come into force, if there is one."""
        return next((change for change in self.changes if change.pending), None)

    @property
    def payment_terms(self) -> PaymentFormula | None:
        """Return the terms of payment that the tender stated, where it stated any."""
        return self.terms.payment

    @property
    def waiting(self) -> tuple[str, datetime] | None:
        """What the contract waits for first, and until when."""
        return min(self._waits(), key=lambda wait: wait[1], default=None)

    @property
    def clock_at(self) -> datetime | None:
        """When time next acts on the contract by itself."""
        if self.status not in {ContractStatus.ACTIVE, ContractStatus.SUSPENDED}:
            return None
        rests = [self.suspensions[-1].until] if self.status is ContractStatus.SUSPENDED else []
        return min([*rests, *([self.ends_at] if self.ends_at else [])], default=None)

    @property
    def rests_for_challenge(self) -> bool:
        """Say whether it rests because its award is challenged."""
        return self.status is ContractStatus.SUSPENDED and self.suspensions[-1].challenged

    def sign_as_supplier(self, at: datetime) -> tuple["Contract", tuple[SupplierSigned, ...]]:
        """Sign first.

        Raises:
            NotAllowed: contract-not-generated.
        """
        status = CONTRACT.move("sign-as-supplier", self.status, ContractStatus.SUPPLIER_SIGNED)
        signed = replace(self, version=self.version + 1, status=status)
        return signed, (SupplierSigned(**signed.of(), supplier=self.supplier, signed_at=at),)

    def sign_as_buyer(
        self, at: datetime, pack: RulePack, handlers: tuple[str, ...]
    ) -> tuple["Contract", tuple[ContractSigned, ...]]:
        """Sign second, and bring the contract into force; where it asks for a security, once that was received.

        Shape: handlers are the pseudonyms of those who handled the purchase.

        Raises:
            NotAllowed: contract-not-supplier-signed, performance-security-missing.
        """
        status = CONTRACT.move("sign-as-buyer", self.status, ContractStatus.ACTIVE)
        if self.security_required is not None and self.security is None:
            raise NotAllowed(
                "performance-security-missing",
                "The contract asks for a performance security, and none was received.",
                reference=pack.reference("performance-security-cap"),
                satisfied_by="The record of the security that the supplier gave.",
            )
        signed = replace(self, version=self.version + 1, status=status, signature_due=None, signed_at=at)
        signed = replace(signed, ends_at=signed.after(signed.term.end, pack))
        event = ContractSigned(
            **signed.of(),
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
            release=self.release,
            handlers=handlers,
            payment=agreed_payment(self.terms, self.ocid, pack),
        )
        return signed, (event,)

    def annul(self, reason: str, *, at: datetime) -> tuple["Contract", tuple[Annulled, ...]]:
        """Take back, with its award, a contract that nobody is bound by yet.

        Raises:
            NotAllowed: contract-in-force.
        """
        if self.status not in CONTRACT.transitions["annul"].before:
            raise NotAllowed(
                "contract-in-force", "The contract is in force.", satisfied_by="The termination of the contract."
            )
        status = CONTRACT.move("annul", self.status, ContractStatus.ANNULLED)
        after = replace(self, version=self.version + 1, status=status, signature_due=None, annulled_because=reason)
        event = Annulled(
            **after.of(), tender=self.tender, award=self.award, supplier=self.supplier, reason=reason, annulled_at=at
        )
        return after, (event,)

    def hold_up(self, until: datetime | None, at: datetime, *, held: bool) -> "Contract":
        """Let the time to sign stand still while nobody may sign; a time that is over already does not begin again.

        What was counted ahead and is not needed is taken back, and what lasted longer than was known is added.
        Shape: until is how long it lasts by what is known, none when it is over; held says whether it lasted until now.
        """
        if self.signature_due is None or (not held and at >= self.signature_due):
            return self
        counted, needed = self.held_up_until or at, max(until or at, at)
        if not held:
            counted = max(counted, at)
        if (counted, until is None) == (needed, self.held_up_until is None):
            return self
        return replace(
            self,
            version=self.version + 1,
            signature_due=self.signature_due + (needed - counted),
            held_up_until=None if until is None else needed,
        )

    def record_non_signature(
        self, code: NonSignature, reason: str, *, at: datetime, pack: RulePack
    ) -> tuple["Contract", tuple[NotSigned, ...]]:
        """Record, once the time to sign is over, that the supplier did not do what the contract needs.

        Raises:
            NotAllowed: contract-not-generated, signature-still-due.
            Invalid: non-signature-differs, where the supplier did sign or owes no security.
        """
        status = CONTRACT.move("record-non-signature", self.status, ContractStatus.NOT_SIGNED)
        assert self.signature_due is not None  # noqa: S101 - what is not signed yet has a deadline
        reference = pack.reference("contract-signing")
        if at < self.signature_due:
            raise NotAllowed(
                "signature-still-due",
                "The supplier still has time to sign.",
                reference=reference,
                satisfied_by="The end of the time to sign.",
            )
        lacks_security = self.security_required is not None and self.security is None
        if (code is NonSignature.SECURITY_NOT_GIVEN and not lacks_security) or (
            code is not NonSignature.SECURITY_NOT_GIVEN and self.status is ContractStatus.SUPPLIER_SIGNED
        ):
            raise Invalid("non-signature-differs", "This is not what the supplier left undone.", pointer="/body/code")
        after = replace(self, version=self.version + 1, status=status, signature_due=None, not_signed_because=code)
        event = NotSigned(
            **after.of(),
            tender=self.tender,
            award=self.award,
            supplier=self.supplier,
            code=code,
            reason=reason,
            signature_due=self.signature_due,
            recorded_at=at,
            reference=reference,
        )
        return after, (event,)

    def of(self) -> dict[str, Any]:
        """Return what every event of this contract begins with."""
        return {"aggregate": self.id, "version": self.version, "ocid": self.ocid}

    def after(self, day: date, pack: RulePack) -> datetime:
        """Return the first instant after a day of the contract, hastened as the contract is."""
        instant = pack.calendar.end_of(day)
        return instant if self.signed_at is None else hasten(self.signed_at, instant, self.acceleration)

    def day(self, at: datetime, pack: RulePack) -> date:
        """Return the day of the contract that an instant falls on; in a hastened contract days are shorter."""
        if self.signed_at is None or self.acceleration == 1:
            return pack.calendar.day_of(at)
        # What lies further away than any contract lasts is not told apart.
        passed = min((at - self.signed_at) / timedelta(seconds=1) * self.acceleration, _LONGEST.total_seconds())
        return pack.calendar.day_of(self.signed_at + timedelta(seconds=int(passed)))

    def _waits(self) -> list[tuple[str, datetime]]:
        waits = []
        if self.signature_due is not None and self.status in _WAITS_FOR:
            waits.append((_WAITS_FOR[self.status], self.signature_due))
        if self.pending is not None and self.pending.due_at is not None:
            waits.append((f"the next step of a change that is {self.pending.status}", self.pending.due_at))
        requested = self.requested_assignment
        if requested is not None and requested.due_at is not None and self.status is ContractStatus.ACTIVE:
            step = "consent of who takes it over" if requested.consented_at is None else "decision on its assignment"
            waits.append((f"the {step}", requested.due_at))
        if self.handover is not None and self.status is not ContractStatus.TERMINATED:
            waits += [
                (f"the handover of {item.kind} to be {'settled' if item.status is ItemStatus.OPEN else 'confirmed'}",
                 item.due_at)
                for item in self.handover.items
                if item.status is not ItemStatus.CONFIRMED
            ]  # fmt: skip
        if self.security is not None and self.security.returned_on is None and self.security_due is not None:
            waits.append(("the return of the performance security", self.security_due))
        if self.closing_due is not None and self.status is ContractStatus.ENDING:
            waits.append(("the closing of the contract", self.closing_due))
        return waits


def generate_contract(
    tender: Tender, award: Award, *, identifier: UUID, signature_due: datetime, release: Money | None = None
) -> tuple[Contract, tuple[ContractGenerated, ...]]:
    """Make the contract that the award says.

    Units: release is what of the reservation is not needed for it, as the lot's value less the award's; none where no
    other contract of the procedure follows.
    """
    terms = tender.content.contract_terms
    contract = Contract(
        id=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        award=award.id,
        title=tender.title_of(award.lot),
        buyer=tender.buyer,
        supplier=award.supplier,
        service=tender.service,
        value=award.value,
        milestones=milestones(tender.content.delivery, award.value),
        pack=tender.pack,
        pack_version=tender.pack_version,
        acceleration=tender.acceleration,
        signature_due=signature_due,
        release=release,
        terms=terms,
        options=tuple(
            Option(option.id, option.title, option.months, award.value.share(option.share), option.exercise_before)
            for option in terms.options
        ),
        security_required=award.value.share(terms.performance_security) if terms.performance_security else None,
    )
    return contract, (_generated(contract, signature_due),)


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
        terms=framework.terms,
        # What other orders may need stays set aside.
        release=zero(order.value.currency),
    )
    return contract, (_generated(contract, signature_due),)


def _generated(contract: Contract, signature_due: datetime) -> ContractGenerated:
    return ContractGenerated(
        **contract.of(),
        award=contract.award,
        buyer=contract.buyer,
        supplier=contract.supplier,
        value=contract.value,
        milestones=contract.milestones,
        signature_due=signature_due,
    )


def signing_due(pack: RulePack, *, standstill_ended: datetime, notified: datetime, acceleration: int) -> datetime:
    """Return until when both sides sign, counted from where the pack counts: the standstill's end or the notice."""
    check = pack.rule("contract-signing").check
    start = standstill_ended if check is not None and check.since == "standstill.ended" else notified
    return pack.ends_at("contract-signing", start, acceleration)
