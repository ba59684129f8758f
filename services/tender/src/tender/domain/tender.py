"""A procedure, from its draft to the publication, and the two ways in which it ends early."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.money import Money, total
from shared.rules.checks import REGIME
from shared.rules.pack import RulePack
from shared.rules.payment_formula import PaymentFormula, check_formula
from tender.domain.bid_deduction import check_announced
from tender.domain.catalogue import Service
from tender.domain.contract_terms import NO_TERMS, ContractTerms, check_terms
from tender.domain.deadline import bidding_ended, questions_until
from tender.domain.evaluation import check_evaluation
from tender.domain.events import FundingRequested, ProcedureEvent, Published, ReturnedToDraft
from tender.domain.lifecycles import TENDER
from tender.domain.negotiation_parts import Negotiation
from tender.domain.parts import (
    AwardCriterion,
    Deficiency,
    Delivery,
    FrameworkTerms,
    Lot,
    LotProgress,
    OpenedBid,
    Party,
    PriceInquiry,
    Status,
    TieDraw,
)
from tender.domain.procurement import Procurement
from tender.domain.qualification_parts import ProposedQualification
from tender.domain.requirements import RequirementCriterion, check_requirements

Told = TypeVar("Told", bound=ProcedureEvent)


@dataclass(frozen=True, slots=True)
class Content:
    """What an office writes in a tender."""

    title: str
    description: str
    value: Money
    lots: tuple[Lot, ...]
    criteria: tuple[AwardCriterion, ...]
    delivery: Delivery
    framework: FrameworkTerms | None = None
    procurement: Procurement = field(default_factory=Procurement)
    requirements: tuple[RequirementCriterion, ...] = ()
    terms: ContractTerms = NO_TERMS
    payment_terms: PaymentFormula | None = None

    @property
    def contract_terms(self) -> ContractTerms:
        """Return the terms of what is concluded: under the regime that the facts state, where the terms name none."""
        stated = self.procurement.stated.get(REGIME)
        terms = replace(self.terms, payment=self.payment_terms)
        return replace(terms, regime=stated) if isinstance(stated, str) else terms


@dataclass(frozen=True, slots=True)
class Tender:
    """One procedure.

    Its pack is pinned when it is drafted; a later pack never touches it.
    Units: acceleration is the factor by which a sandbox procedure's periods run faster; 1 in earnest. round counts how
    often the bids have been evaluated.
    Shape: authors are all who wrote the plan, the draft or an amendment. funded is what
        was asked of the budget, whatever an amendment makes of the value. qualification is a decision against the
        answers that waits for a second person; qualified_by are those who decided, or confirmed, who qualifies.
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
    status: Status = Status.DRAFT
    returned_because: str | None = None
    due_at: datetime | None = None
    published_at: datetime | None = None
    closes_at: datetime | None = None
    amended_at: datetime | None = None
    amendment_ordered_at: datetime | None = None
    opened_at: datetime | None = None
    qualified_at: datetime | None = None
    bids: tuple[OpenedBid, ...] = ()
    prices_opened_at: datetime | None = None
    lots: tuple[LotProgress, ...] = ()
    inquiries: tuple[PriceInquiry, ...] = ()
    deficiencies: tuple[Deficiency, ...] = ()
    tie_draws: tuple[TieDraw, ...] = ()
    round: int = 1
    questions_until: datetime | None = None
    unanswered: int = 0
    authors: tuple[str, ...] = ()
    funded: Money | None = None
    qualification: ProposedQualification | None = None
    qualified_by: tuple[str, ...] = ()
    negotiations: tuple[Negotiation, ...] = ()

    @property
    def negotiation(self) -> Negotiation | None:
        """Return the talks and final quotes of the present round, where it has any."""
        return next((one for one in self.negotiations if one.round == self.round), None)

    @property
    def hidden(self) -> bool:
        """Say whether it is its office's business alone: a draft, or one that was given up and never published."""
        return self.published_at is None and self.status in {Status.DRAFT, Status.CANCELLED}

    def change(self, content: Content, *, by: str) -> "Tender":
        """Rewrite the draft; whoever wrote any of it cannot be the one to publish it.

        Raises:
            NotAllowed: tender-not-draft.
        """
        TENDER.admit("change", self.status)
        # A draft is nobody's business but the office's, so there is no event.
        return replace(self.with_writer(by), version=self.version + 1, content=content)

    def with_writer(self, person: str) -> "Tender":
        """Note that somebody wrote a part of what is put out to tender."""
        return replace(self, authors=tuple(dict.fromkeys((*self.authors, person))))

    def request_funding(
        self, *, by: str, at: datetime, pack: RulePack
    ) -> tuple["Tender", tuple[FundingRequested, ...]]:
        """Ask, as somebody who wrote none of it, for the funds without which the tender is not published.

        Raises:
            NotAllowed: tender-not-draft; what check_content() refuses.
            Forbidden: second-person-needed.
        """
        TENDER.admit("request funding", self.status, pack)
        if pack.flag("second-person.publication"):
            reference = pack.reference("second-person.publication")
            for writer in self.authors:
                different_persons(writer, by, "Publishing a tender", reference)
        check_content(self.content, pack, exceptable=False)
        due = pack.ends_at("funding-answer", at, self.acceleration)
        status = TENDER.move("request funding", self.status, Status.FUNDING_REQUESTED, pack)
        requested, event = replace(
            self, status=status, returned_because=None, due_at=due, funded=self.content.value
        ).telling(
            FundingRequested,
            plan=self.plan,
            title=self.content.title,
            buyer=self.buyer,
            budget_line=self.budget_line,
            amount=self.content.value,
            answer_due=due,
            pack=self.pack,
            pack_version=self.pack_version,
        )
        return requested, (event,)

    def return_to_draft(self, code: str, reason: str) -> tuple["Tender", tuple[ReturnedToDraft, ...]]:
        """Take the refusal of the funds; a tender that no longer waits for them stays as it is."""
        if self.status is not Status.FUNDING_REQUESTED:
            return self, ()
        status = TENDER.move("refuse funds", self.status, Status.DRAFT)
        returned = replace(self, status=status, returned_because=reason, due_at=None)
        draft, event = returned.telling(ReturnedToDraft, code=code, reason=reason)
        return draft, (event,)

    def publish(
        self, *, at: datetime, pack: RulePack, closes_at: datetime | None = None
    ) -> tuple["Tender", tuple[Published, ...]]:
        """Open the tender to bidders, now that its funds are reserved; a tender that no longer waits stays as it is."""
        if self.status is not Status.FUNDING_REQUESTED:
            return self, ()
        closes_at = closes_at or pack.ends_at("tender-period", at, self.acceleration)
        content = self.content
        published, event = replace(
            self,
            status=TENDER.move("publish", self.status, Status.ACTIVE, pack),
            published_at=at,
            closes_at=closes_at,
            questions_until=questions_until(closes_at, pack, self.acceleration),
            due_at=pack.ends_at("opening", closes_at, self.acceleration),
            lots=tuple(LotProgress(lot.id) for lot in content.lots),
        ).telling(
            Published,
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
            procurement=content.procurement,
            requirements=content.requirements,
            questions_until=questions_until(closes_at, pack, self.acceleration),
            payment_terms=content.payment_terms,
        )
        return published, (event,)

    def bidding_ended(self, at: datetime, pack: RulePack) -> bool:
        """Tell whether a bid received at that instant is late."""
        ordered = self.amendment_ordered_at is not None
        return bidding_ended(self.closes_at, self.unanswered, at, pack, amendment_ordered=ordered)

    def lot(self, identifier: str) -> Lot:
        """Return what was put out to tender as a lot.

        Raises:
            NotFound: lot-unknown.
        """
        return _found((lot for lot in self.content.lots if lot.id == identifier), "lot-unknown", "lot")

    def title_of(self, identifier: str) -> str:
        """Return what is agreed about a lot called: the tender's title, with the lot's where there are several.

        Raises:
            NotFound: lot-unknown.
        """
        lot, title = self.lot(identifier), self.content.title
        return title if len(self.content.lots) == 1 else f"{title}: {lot.title}"[:200]

    def progress(self, identifier: str) -> LotProgress:
        """Return what has become of a lot.

        Raises:
            NotFound: lot-unknown.
        """
        return _found((lot for lot in self.lots if lot.id == identifier), "lot-unknown", "lot")

    def bid(self, identifier: UUID) -> OpenedBid:
        """Return an opened bid.

        Raises:
            NotFound: bid-unknown.
        """
        return _found((bid for bid in self.bids if bid.bid == identifier), "bid-unknown", "bid")

    def bids_for(self, lot: str) -> tuple[OpenedBid, ...]:
        """Return the bids for a lot that count."""
        return tuple(bid for bid in self.bids if bid.lot == lot and bid.valid)

    def with_lot(self, progress: LotProgress) -> "Tender":
        """Put what has become of a lot in the place of what was."""
        return replace(self, lots=tuple(progress if lot.id == progress.id else lot for lot in self.lots))

    def expect(self, status: Status) -> None:
        """Hold a step to the state it belongs to.

        Raises:
            NotAllowed: tender-not-<status>.
        """
        TENDER.expect(status, self.status)

    def telling(self, kind: type[Told], **fields: Any) -> tuple["Tender", Told]:
        """Make the event of what has happened, and the version that it leaves."""
        version = self.version + 1
        return replace(self, version=version), kind(**self.of(version), **fields)

    def of(self, version: int) -> dict[str, Any]:
        """Return what every event of this procedure begins with."""
        return {"aggregate": self.id, "version": version, "ocid": self.ocid}


_Thing = TypeVar("_Thing")


def _found(things: Iterator[_Thing], code: str, kind: str) -> _Thing:
    for thing in things:
        return thing
    raise NotFound(code, f"The tender has no such {kind}.")


def check_content(content: Content, pack: RulePack, *, exceptable: bool = True) -> None:
    """Hold what an office wrote to the pack.

    Shape: exceptable says whether rules count that the pack lets an exception be granted from; it may be of a draft.

    Raises:
        Invalid: lots-missing, lot-repeated, lots-differ-from-value, delivery-reversed, delivery-too-short; what
            check_evaluation(), check_requirements(), check_announced() and check_formula() find.
        NotAllowed: what check_evaluation(), check_requirements() and check_terms() refuse.
    """
    check_evaluation(content.criteria, content.procurement, pack)
    if not content.lots:
        raise Invalid("lots-missing", "A tender has one lot or more.", pointer="/body/lots")
    if len({lot.id for lot in content.lots}) < len(content.lots):
        raise Invalid("lot-repeated", "A lot's id is used once.", pointer="/body/lots")
    if total([lot.value for lot in content.lots], content.value.currency) != content.value:
        raise Invalid("lots-differ-from-value", "The lots add up to the tender's value.", pointer="/body/lots")
    if content.delivery.end < content.delivery.start:
        raise Invalid("delivery-reversed", "Delivery ends after it starts.", pointer="/body/delivery")
    content.delivery.split()
    check_requirements(content.requirements, content.criteria, content.value, pack)
    check_announced(content.procurement.deductions.announced, pack)
    if content.payment_terms is not None:
        check_formula(content.payment_terms, pack, "/body/payment_terms")
    delivery = content.delivery
    check_terms(
        content.terms,
        start=delivery.start,
        end=delivery.end,
        value=content.value,
        pack=pack,
        exceptable=exceptable,
    )
