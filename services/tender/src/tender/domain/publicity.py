"""A single source made public before anything is bought, and the objections of others."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed, not_here
from shared.rules.pack import RulePack
from tender.domain.parts import Party, Status
from tender.domain.procurement import SINGLE_SOURCE
from tender.domain.publicity_events import ObjectionRaised, ObjectionReviewed, SingleSourcePublicised
from tender.domain.tender import Content, Tender

PERIOD = "method.single-source.publicity"
REVIEW = "method.single-source.objection-review"


class Outcome(StrEnum):
    """What the review of an objection found."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Objection:
    """What another organisation holds against asking one provider alone."""

    id: UUID
    by: Party
    reason: str
    raised_at: datetime
    outcome: Outcome | None = None
    answer: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publicity:
    """One provider that is to be asked alone, and until when others may object.

    It holds for what the draft said when it was made public.
    """

    id: UUID
    version: int
    tender: UUID
    ocid: str
    buyer: Party
    supplier: Party
    content: Content
    author: str
    published_at: datetime
    until: datetime
    review_due: datetime
    objections: tuple[Objection, ...] = ()

    @property
    def state(self) -> str:
        """Say whether objections wait for their review."""
        return "under-objection" if self.unreviewed else "public"

    @property
    def unreviewed(self) -> bool:
        """Say whether an objection waits for its review."""
        return any(objection.outcome is None for objection in self.objections)

    @property
    def upheld(self) -> bool:
        """Say whether an objection was found right."""
        return any(objection.outcome is Outcome.UPHELD for objection in self.objections)

    @property
    def due_at(self) -> datetime | None:
        """Return when the review is due, while it is awaited."""
        return self.review_due if self.unreviewed else None

    @property
    def waiting_for(self) -> str | None:
        """Say what is awaited, if anything is."""
        return "the review of objections" if self.unreviewed else None

    def object_to(
        self, identifier: UUID, *, by: Party, reason: str, at: datetime, pack: RulePack
    ) -> tuple["Publicity", tuple[ObjectionRaised, ...]]:
        """Object, while it is public.

        Raises:
            NotAllowed: publicity-ended, own-single-source, already-objected.
        """
        if at >= self.until:
            raise NotAllowed(
                "publicity-ended",
                "The time to object has passed.",
                reference=pack.reference(PERIOD),
                satisfied_by="An objection before the end of the publicity.",
            )
        if by.id == self.supplier.id:
            raise NotAllowed("own-single-source", "The provider that is to be asked alone does not object to it.")
        if by.id in {objection.by.id for objection in self.objections}:
            raise NotAllowed("already-objected", "An organisation objects once.")
        version = self.version + 1
        objection = Objection(identifier, by, reason, at)
        event = ObjectionRaised(
            aggregate=self.id,
            version=version,
            ocid=self.ocid,
            tender=self.tender,
            objection=identifier,
            raised_at=at,
            review_due=self.review_due,
        )
        return replace(self, version=version, objections=(*self.objections, objection)), (event,)

    def review(
        self, identifier: UUID, *, outcome: Outcome, answer: str, by: str, at: datetime, pack: RulePack
    ) -> tuple["Publicity", tuple[ObjectionReviewed, ...]]:
        """Examine an objection, as somebody else than who proposed the single source.

        Raises:
            NotFound: not-found.
            NotAllowed: objection-reviewed.
            Forbidden: second-person-needed.
        """
        found = next((objection for objection in self.objections if objection.id == identifier), None)
        if found is None:
            raise not_here()
        if found.outcome is not None:
            raise NotAllowed("objection-reviewed", "The objection has been examined.")
        different_persons(self.author, by, "Examining an objection", pack.reference(REVIEW))
        version = self.version + 1
        reviewed = replace(found, outcome=outcome, answer=answer, reviewed_at=at)
        objections = tuple(reviewed if item.id == identifier else item for item in self.objections)
        event = ObjectionReviewed(
            aggregate=self.id,
            version=version,
            ocid=self.ocid,
            tender=self.tender,
            objection=identifier,
            outcome=outcome,
            answer=answer,
            reviewed_at=at,
        )
        return replace(self, version=version, objections=objections), (event,)


def publicise(
    identifier: UUID, tender: Tender, supplier: Party, *, by: str, at: datetime, pack: RulePack
) -> tuple[Publicity, tuple[SingleSourcePublicised, ...]]:
    """Make public which one provider is to be asked, and why.

    Raises:
        NotAllowed: tender-not-draft, tender-not-single-source.
        Invalid: rationale-missing.
    """
    tender.expect(Status.DRAFT)
    procurement = tender.content.procurement
    if procurement.method != SINGLE_SOURCE:
        raise NotAllowed(
            "tender-not-single-source",
            "Only a single source is made public like this.",
            reference=pack.reference(PERIOD),
            satisfied_by=f"A draft whose method is {SINGLE_SOURCE}.",
        )
    if procurement.ground is None or procurement.rationale is None:
        raise Invalid(
            "rationale-missing",
            "What is made public has a ground and a rationale.",
            reference=pack.reference("method.other-than-open.reason-recorded"),
            satisfied_by="A draft whose `procurement` states both.",
        )
    # The review is counted from the last day of the publicity, which ends with the first instant after it.
    end = pack.ends_at(PERIOD, at)
    until = hasten(at, end, tender.acceleration)
    review_due = hasten(at, pack.ends_at(REVIEW, end - timedelta(microseconds=1)), tender.acceleration)
    publicity = Publicity(
        id=identifier,
        version=1,
        tender=tender.id,
        ocid=tender.ocid,
        buyer=tender.buyer,
        supplier=supplier,
        content=tender.content,
        author=by,
        published_at=at,
        until=until,
        review_due=review_due,
    )
    event = SingleSourcePublicised(
        aggregate=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        buyer=tender.buyer,
        title=tender.content.title,
        value=tender.content.value,
        supplier=supplier,
        ground=procurement.ground,
        rationale=procurement.rationale,
        until=until,
    )
    return publicity, (event,)
