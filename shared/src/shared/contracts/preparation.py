"""Topic `tender`: what happens to a draft before it is published: exceptions, invitees, single sources."""

from uuid import UUID

from shared.contracts.event import Organisation
from shared.contracts.fields import Amount, Instant, LongText, Sha256, ShortText
from shared.contracts.panel import FixedDraw, PublicDraw
from shared.contracts.subject import OfTender

OWNER = "tender"


class ExceptionGranted(OfTender, type="tender.exception-granted.v1", owner=OWNER):
    """A second person granted an exception from a rule that the tender does not meet; the evidence by its digests."""

    exception: UUID
    buyer: Organisation
    rule: ShortText
    source: ShortText
    code: ShortText
    reason: LongText
    evidence: tuple[Sha256, ...]
    granted_at: Instant


class CandidatesPooled(OfTender, type="tender.candidates-pooled.v1", owner=OWNER):
    """Pool, commitment and beacon of the draw of invitees are fixed; a salted digest holds fast whose each label is."""

    invitation: UUID
    candidates: int
    number: int
    digest: Sha256
    pooled_at: Instant
    fixed: FixedDraw | None = None


class InviteesDrawn(OfTender, type="tender.invitees-drawn.v1", owner=OWNER):
    """Invitees were drawn from the pool by their labels; the names and the salt of the digest follow at the opening."""

    invitation: UUID
    candidates: int
    invitees: int
    witnesses: int
    method: ShortText
    digest: Sha256
    randomness: ShortText
    drawn_at: Instant
    draw: PublicDraw | None = None


class SingleSourcePublicised(OfTender, type="tender.single-source-publicised.v1", owner=OWNER):
    """One provider alone is to be asked; others may object until the instant given."""

    publicity: UUID
    buyer: Organisation
    title: ShortText
    value: Amount
    supplier: Organisation
    ground: ShortText
    rationale: LongText
    until: Instant


class ObjectionRaised(OfTender, type="tender.objection-raised.v1", owner=OWNER):
    """Somebody objects to asking one provider alone."""

    publicity: UUID
    objection: UUID
    raised_at: Instant
    review_due: Instant


class ObjectionReviewed(OfTender, type="tender.objection-reviewed.v1", owner=OWNER):
    """An objection was examined: upheld or dismissed."""

    publicity: UUID
    objection: UUID
    outcome: ShortText
    answer: LongText
    reviewed_at: Instant
