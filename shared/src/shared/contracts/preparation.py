"""Topic `tender`: what happens to a draft before it is published: exceptions, invitees, single sources."""

from uuid import UUID

from shared.contracts.event import EventData, Organisation
from shared.contracts.fields import Amount, Instant, LongText, Ocid, Sha256, ShortText
from shared.contracts.panel import FixedDraw, PublicDraw

OWNER = "tender"


class ExceptionGranted(EventData, type="tender.exception-granted.v1", owner=OWNER, key="ocid"):
    """A second person granted an exception from a rule that the tender does not meet; the evidence by its digests."""

    ocid: Ocid
    tender: UUID
    exception: UUID
    buyer: Organisation
    rule: ShortText
    source: ShortText
    code: ShortText
    reason: LongText
    evidence: tuple[Sha256, ...]
    granted_at: Instant


class CandidatesPooled(EventData, type="tender.candidates-pooled.v1", owner=OWNER, key="ocid"):
    """Pool, commitment and beacon of the draw of invitees are fixed; a salted digest holds fast whose each label is."""

    ocid: Ocid
    tender: UUID
    invitation: UUID
    candidates: int
    number: int
    digest: Sha256
    pooled_at: Instant
    fixed: FixedDraw | None = None


class InviteesDrawn(EventData, type="tender.invitees-drawn.v1", owner=OWNER, key="ocid"):
    """Invitees were drawn from the pool by their labels; the names and the salt of the digest follow at the opening."""

    ocid: Ocid
    tender: UUID
    invitation: UUID
    candidates: int
    invitees: int
    witnesses: int
    method: ShortText
    digest: Sha256
    randomness: ShortText
    drawn_at: Instant
    draw: PublicDraw | None = None


class SingleSourcePublicised(EventData, type="tender.single-source-publicised.v1", owner=OWNER, key="ocid"):
    """One provider alone is to be asked; others may object until the instant given."""

    ocid: Ocid
    tender: UUID
    publicity: UUID
    buyer: Organisation
    title: ShortText
    value: Amount
    supplier: Organisation
    ground: ShortText
    rationale: LongText
    until: Instant


class ObjectionRaised(EventData, type="tender.objection-raised.v1", owner=OWNER, key="ocid"):
    """Somebody objects to asking one provider alone."""

    ocid: Ocid
    tender: UUID
    publicity: UUID
    objection: UUID
    raised_at: Instant
    review_due: Instant


class ObjectionReviewed(EventData, type="tender.objection-reviewed.v1", owner=OWNER, key="ocid"):
    """An objection was examined: upheld or dismissed."""

    ocid: Ocid
    tender: UUID
    publicity: UUID
    objection: UUID
    outcome: ShortText
    answer: LongText
    reviewed_at: Instant
