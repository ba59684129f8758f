"""A procedure, from its draft to the publication, and the two ways in which it ends early."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.money import Money, total
from shared.rules.criteria import Criterion, check_criteria
from shared.rules.pack import RulePack
from tender.domain.catalogue import Service
from tender.domain.contract_terms import NO_TERMS, ContractTerms, check_terms
from tender.domain.events import Cancelled, FundingRequested, Published, ReturnedToDraft
from tender.domain.parts import Award, AwardCriterion, Delivery, Lot, OpenedBid, Party, Status
from tender.domain.plan import Plan

CANCELLABLE = frozenset({Status.DRAFT, Status.FUNDING_REQUESTED, Status.ACTIVE, Status.EVALUATION, Status.STANDSTILL})


@dataclass(frozen=True, slots=True)
class Content:
    """What an office writes in a tender."""

    title: str
    description: str
    value: Money
    lots: tuple[Lot, ...]
    criteria: tuple[AwardCriterion, ...]
    delivery: Delivery
    terms: ContractTerms = NO_TERMS


@dataclass(frozen=True, slots=True)
class Tender:
    """One procedure.

    Its pack is pinned when it is drafted; a later pack never touches it.
    Units: acceleration is the factor by which a sandbox procedure's periods run faster; 1 in earnest.
    """

    id: UUID
    version: int
    ocid: str
    plan: UUID
    buyer: Party
    service: Service
    budget_line: UUID
    content: Content
    pack: str
    pack_version: str
    acceleration: int
    author: str
    status: Status = Status.DRAFT
    returned_because: str | None = None
    due_at: datetime | None = None
    published_at: datetime | None = None
    closes_at: datetime | None = None
    opened_at: datetime | None = None
    bids: tuple[OpenedBid, ...] = ()
    award: Award | None = None

    def change(self, content: Content, *, by: str) -> "Tender":
        """Rewrite the draft; whoever wrote last cannot be the one to publish it.

        Raises:
            NotAllowed: tender-not-draft.
        """
        self.expect(Status.DRAFT)
        # A draft is nobody's business but the office's, so there is no event.
        return replace(self, version=self.version + 1, content=content, author=by)

    def request_funding(
        self, *, by: str, at: datetime, pack: RulePack, plan: Plan
    ) -> tuple["Tender", tuple[FundingRequested, ...]]:
        """Ask, as a second person, for the funds without which the tender is not published.

        Raises:
            NotAllowed: tender-not-draft; what matches() and check_criteria() refuse.
            Forbidden: second-person-needed.
        """
        self.expect(Status.DRAFT)
        if pack.flag("second-person.publication"):
            different_persons(self.author, by, "Publishing a tender", pack.reference("second-person.publication"))
        matches(plan, self.content, pack)
        check_content(self.content, pack)
        due = pack.ends_at("funding-answer", at, self.acceleration)
        version = self.version + 1
        requested = replace(self, version=version, status=Status.FUNDING_REQUESTED, returned_because=None, due_at=due)
        event = FundingRequested(
            **self.of(version),
            plan=self.plan,
            title=self.content.title,
            buyer=self.buyer,
            budget_line=self.budget_line,
            amount=self.content.value,
            answer_due=due,
        )
        return requested, (event,)

    def return_to_draft(self, code: str, reason: str) -> tuple["Tender", tuple[ReturnedToDraft, ...]]:
        """Take the refusal of the funds; a tender that no longer waits for them stays as it is."""
        if self.status is not Status.FUNDING_REQUESTED:
            return self, ()
        version = self.version + 1
        draft = replace(self, version=version, status=Status.DRAFT, returned_because=reason, due_at=None)
        return draft, (ReturnedToDraft(**self.of(version), code=code, reason=reason),)

    def publish(self, *, at: datetime, pack: RulePack) -> tuple["Tender", tuple[Published, ...]]:
        """Open the tender to bidders, now that its funds are reserved; a tender that no longer waits stays as it is."""
        if self.status is not Status.FUNDING_REQUESTED:
            return self, ()
        closes_at = pack.ends_at("tender-period", at, self.acceleration)
        version = self.version + 1
        published = replace(
            self,
            version=version,
            status=Status.ACTIVE,
            published_at=at,
            closes_at=closes_at,
            due_at=pack.ends_at("opening", closes_at, self.acceleration),
        )
        content = self.content
        event = Published(
            **self.of(version),
            plan=self.plan,
            title=content.title,
            description=content.description,
            buyer=self.buyer,
            service=self.service,
            value=content.value,
            lots=content.lots,
            criteria=content.criteria,
            delivery=content.delivery,
            published_at=at,
            closes_at=closes_at,
            pack=self.pack,
            pack_version=self.pack_version,
            acceleration=self.acceleration,
        )
        return published, (event,)

    def cancel(self, reason: str) -> tuple["Tender", tuple[Cancelled, ...]]:
        """End the procedure before a contract.

        Raises:
            NotAllowed: tender-not-cancellable.
        """
        if self.status not in CANCELLABLE:
            raise NotAllowed("tender-not-cancellable", f"The tender is {self.status}; it can no longer be cancelled.")
        version = self.version + 1
        cancelled = replace(self, version=version, status=Status.CANCELLED, due_at=None)
        return cancelled, (Cancelled(**self.of(version), reason=reason),)

    def expect(self, status: Status) -> None:
        """Hold a step to the state it belongs to.

        Raises:
            NotAllowed: tender-not-<status>.
        """
        if self.status is not status:
            raise NotAllowed(
                f"tender-not-{status}", f"The tender is {self.status}.", satisfied_by=f"A tender that is {status}."
            )

    def of(self, version: int) -> dict[str, Any]:
        """Return what every event of this procedure begins with."""
        return {"aggregate": self.id, "version": version, "ocid": self.ocid}


def matches(plan: Plan, content: Content, pack: RulePack) -> None:
    """Hold a tender to the plan it carries out.

    Raises:
        NotAllowed: tender-above-plan, for a value above the plan's estimate or in another currency.
    """
    if not pack.flag("tender-from-plan"):
        return
    if content.value.currency != plan.estimate.currency or content.value > plan.estimate:
        raise NotAllowed(
            "tender-above-plan",
            "The tender's value is above what was planned.",
            reference=pack.reference("tender-from-plan"),
            satisfied_by="A value within the plan's estimate, in its currency.",
        )


def check_content(content: Content, pack: RulePack) -> None:
    """Hold what an office wrote to the pack.

    Raises:
        Invalid: lots-missing, lot-repeated, lots-differ-from-value, delivery-reversed, delivery-too-short; what
            check_criteria() finds.
        NotAllowed: what check_criteria() and check_terms() refuse.
    """
    check_criteria([Criterion(item.id, item.title, item.weight, item.kind) for item in content.criteria], pack)
    if not content.lots:
        raise Invalid("lots-missing", "A tender has one lot or more.", pointer="/body/lots")
    if len({lot.id for lot in content.lots}) < len(content.lots):
        raise Invalid("lot-repeated", "A lot's id is used once.", pointer="/body/lots")
    if total([lot.value for lot in content.lots], content.value.currency) != content.value:
        raise Invalid("lots-differ-from-value", "The lots add up to the tender's value.", pointer="/body/lots")
    if content.delivery.end < content.delivery.start:
        raise Invalid("delivery-reversed", "Delivery ends after it starts.", pointer="/body/delivery")
    content.delivery.split()
    delivery = content.delivery
    check_terms(content.terms, start=delivery.start, end=delivery.end, value=content.value, pack=pack)
