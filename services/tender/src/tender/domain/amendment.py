"""Amendments: a published tender is changed by two persons, for everybody at once, with time to react."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from tender.domain.amendment_events import Amended
from tender.domain.deadline import NOTICE, earliest_deadline, moved_on, questions_until
from tender.domain.parts import LotProgress, LotStatus, Status
from tender.domain.tender import Content, Tender, check_content

LONGEST_BIDDING = timedelta(days=366)
FIXED = frozenset({"procurement", "framework"})
"""What of a content no amendment changes; service, buyer and budget line are none of it anyway."""

_OF_TERM = frozenset({"delivery", "terms"})


class AmendmentStatus(StrEnum):
    """How far an amendment has come."""

    DRAFTED = "drafted"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


LIFECYCLE = lifecycle(
    "amendment",
    AmendmentStatus.DRAFTED,
    transition("publish", AmendmentStatus.DRAFTED, AmendmentStatus.PUBLISHED, "procurement-head"),
    transition("supersede", AmendmentStatus.DRAFTED, AmendmentStatus.SUPERSEDED, "procurement-head"),
)


@dataclass(frozen=True, slots=True)
class NewAmendment:
    """What an office wants changed: the whole new content, and a later deadline if it names one."""

    content: Content
    reason: str
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a published tender.

    Shape: new is what was drafted; the other fields with a default are filled when it is published, replaces with the
    content that held before it.
    """

    id: UUID
    version: int
    tender: UUID
    new: NewAmendment
    drafted_by: str
    drafted_at: datetime
    due_at: datetime | None
    status: AmendmentStatus = AmendmentStatus.DRAFTED
    number: int | None = None
    changed: tuple[str, ...] = ()
    replaces: Content | None = None
    old_closes_at: datetime | None = None
    closes_at: datetime | None = None
    published_at: datetime | None = None

    def supersede(self) -> "Amendment":
        """Drop a draft that was written against a content which no longer holds.

        Raises:
            NotAllowed: amendment-not-drafted.
        """
        status = LIFECYCLE.move("supersede", self.status, AmendmentStatus.SUPERSEDED)
        return replace(self, version=self.version + 1, status=status, due_at=None)


@dataclass(frozen=True, slots=True)
class Edition:
    """The content of a tender as it held from an instant on.

    Shape: amendment is None for the content as first published.
    """

    number: int
    content: Content
    published_at: datetime
    closes_at: datetime
    amendment: UUID | None = None


def draft_amendment(
    tender: Tender, new: NewAmendment, *, identifier: UUID, funded: Money, by: str, at: datetime, pack: RulePack
) -> Amendment:
    """Draft an amendment; nobody but the office sees it.

    Raises:
        NotAllowed, Invalid: what check_amendment() refuses.
    """
    check_amendment(tender, new, funded=funded, at=at, pack=pack)
    due = pack.ends_at("amendment-publication", at, tender.acceleration)
    return Amendment(identifier, 1, tender.id, new, by, at, due)


def publish_amendment(
    tender: Tender, amendment: Amendment, *, number: int, funded: Money, by: str, at: datetime, pack: RulePack
) -> tuple[Tender, Amendment, tuple[Amended, ...]]:
    """Put an amendment in force as a second person; the deadline moves on as far as the pack asks for.

    Raises:
        NotAllowed: amendment-not-drafted; what check_amendment() refuses at this instant.
        Forbidden: second-person-needed.
        Invalid: what check_amendment() finds.
    """
    LIFECYCLE.admit("publish", amendment.status)
    if pack.flag("second-person.publication"):
        reference = pack.reference("second-person.publication")
        different_persons(amendment.drafted_by, by, "Publishing an amendment", reference)
    new = amendment.new
    check_amendment(tender, new, funded=funded, at=at, pack=pack)
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    closes_at = moved_on(new.closes_at or tender.closes_at, at, pack, tender.acceleration)
    version = tender.version + 1
    amended = replace(
        tender.with_writer(amendment.drafted_by),
        version=version,
        content=new.content,
        closes_at=closes_at,
        amended_at=at,
        amendment_ordered_at=None,
        questions_until=questions_until(closes_at, pack, tender.acceleration),
        due_at=pack.ends_at("opening", closes_at, tender.acceleration),
        lots=_lots(tender, new.content),
    )
    published = replace(
        amendment,
        version=amendment.version + 1,
        status=LIFECYCLE.move("publish", amendment.status, AmendmentStatus.PUBLISHED),
        due_at=None,
        number=number,
        changed=changed(tender.content, new.content) + (("closes_at",) if closes_at > tender.closes_at else ()),
        replaces=tender.content,
        old_closes_at=tender.closes_at,
        closes_at=closes_at,
        published_at=at,
    )
    return amended, published, (_amended(amended, published, tender.closes_at, at),)


def check_amendment(tender: Tender, new: NewAmendment, *, funded: Money, at: datetime, pack: RulePack) -> None:
    """Hold an amendment to the tender and the pack; method, service, buyer and budget line are no part of it.

    Raises:
        NotAllowed: tender-not-active; bidding-ended; amendment-of-method; amendment-above-funds; ended-lot-changed;
            amendment-deadline-too-early; what check_content() refuses.
        Invalid: amendment-empty, deadline-too-far; what check_content() finds.
    """
    tender.expect(Status.ACTIVE)
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    if tender.bidding_ended(at, pack):
        raise NotAllowed(
            "bidding-ended",
            "The deadline has passed; a tender is not amended once nobody can react.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="An amendment before the deadline.",
        )
    names = changed(tender.content, new.content)
    check_fixed(names)
    if not names and (new.closes_at is None or new.closes_at == tender.closes_at):
        raise Invalid("amendment-empty", "An amendment changes something.", pointer="/body")
    _check_funds(new.content.value, funded, pack)
    _check_ended_lots(tender, new.content)
    # What was excepted when it was published stays so while it stays as it was.
    check_content(new.content, pack, exceptable=bool(_OF_TERM.intersection(names)))
    if new.closes_at is not None:
        _check_deadline(tender, new.closes_at, at, pack)


def _lots(tender: Tender, content: Content) -> tuple[LotProgress, ...]:
    # A lot that has ended keeps its end, whatever becomes of the others.
    known = {lot.id: lot for lot in tender.lots}
    return tuple(known.get(lot.id, LotProgress(lot.id)) for lot in content.lots)


def check_fixed(names: tuple[str, ...]) -> None:
    """Refuse a change of what a tender was published as.

    Raises:
        NotAllowed: amendment-of-method.
    """
    if FIXED.intersection(names):
        raise NotAllowed(
            "amendment-of-method",
            "A tender keeps the method that it was published with.",
            satisfied_by="A new tender.",
        )


def changed(before: Content, after: Content) -> tuple[str, ...]:
    """Name what differs, in the order of a tender's content."""
    names = [field.name for field in fields(Content)]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def editions(tender: Tender, amendments: tuple[Amendment, ...]) -> tuple[Edition, ...]:
    """Return every content that the tender ever had in public, the first first.

    Shape: amendments are the published ones, by number.
    """
    if tender.published_at is None or tender.closes_at is None:
        return ()
    first = next(iter(amendments), None)
    content = first.replaces if first is not None and first.replaces is not None else tender.content
    closes_at = first.old_closes_at if first is not None and first.old_closes_at is not None else tender.closes_at
    later = (
        Edition(number, amendment.new.content, amendment.published_at, amendment.closes_at, amendment.id)
        for number, amendment in enumerate(amendments, 2)
        if amendment.published_at is not None and amendment.closes_at is not None
    )
    return (Edition(1, content, tender.published_at, closes_at), *later)


def _check_ended_lots(tender: Tender, content: Content) -> None:
    # What was set aside for a lot that ended was given back: nobody may add it to another lot.
    for lot in tender.lots:
        if lot.status is not LotStatus.ACTIVE and tender.lot(lot.id) not in content.lots:
            raise NotAllowed(
                "ended-lot-changed", "A lot that has ended stays as it was.", satisfied_by="The lot, unchanged."
            )


def _check_funds(value: Money, funded: Money, pack: RulePack) -> None:
    if value.currency != funded.currency or value > funded:
        raise NotAllowed(
            "amendment-above-funds",
            "The value is above what was reserved for the tender.",
            reference=pack.reference("funds-reserved-before-publication"),
            satisfied_by="A value within the funds that were reserved; more money takes a tender with a new request.",
        )


def _check_deadline(tender: Tender, named: datetime, at: datetime, pack: RulePack) -> None:
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    earliest = moved_on(tender.closes_at, at, pack, tender.acceleration)
    if named < earliest:
        kept = earliest_deadline(at, pack, tender.acceleration) <= tender.closes_at
        needed = "the tender's present deadline" if kept else "the end of the first day that far from now"
        raise NotAllowed(
            "amendment-deadline-too-early",
            "The deadline that is named leaves too little time, or is earlier than it was.",
            reference=pack.reference(NOTICE),
            satisfied_by=f"No deadline, or one not before {needed}.",
        )
    if named > at + LONGEST_BIDDING:
        raise Invalid("deadline-too-far", "A deadline lies within a year.", pointer="/body/closes_at")


def _amended(tender: Tender, amendment: Amendment, old_closes_at: datetime, at: datetime) -> Amended:
    content = tender.content
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    assert tender.questions_until is not None  # noqa: S101 - an amendment sets it
    assert amendment.number is not None  # noqa: S101 - its publication numbers it
    return Amended(
        aggregate=tender.id,
        version=tender.version,
        ocid=tender.ocid,
        amendment=amendment.id,
        number=amendment.number,
        reason=amendment.new.reason,
        changed=amendment.changed,
        title=content.title,
        description=content.description,
        value=content.value,
        lots=content.lots,
        criteria=content.criteria,
        requirements=content.requirements,
        delivery=content.delivery,
        amended_at=at,
        old_closes_at=old_closes_at,
        closes_at=tender.closes_at,
        questions_until=tender.questions_until,
        payment_terms=content.payment_terms,
    )
