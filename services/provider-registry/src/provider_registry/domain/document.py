"""A document that proves something of a provider: entered by one person, accepted by another, and not for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from provider_registry.domain.verification_events import (
    DocumentAccepted,
    DocumentEntered,
    DocumentEvent,
    DocumentExpired,
    DocumentExpiring,
    DocumentRejected,
    DocumentWithdrawn,
)
from shared.kernel.access import Actor, different_persons
from shared.kernel.calendar import DAY, last_day
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack

NOTICES = ("evidence.expiry-notice", "evidence.expiry-reminder")
DECISION, SECOND_PERSON = "verification", "second-person.evidence"
Told = TypeVar("Told", bound=DocumentEvent)


class DocumentState(StrEnum):
    """Where a document stands."""

    ENTERED = "entered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_OPEN = frozenset({DocumentState.ENTERED, DocumentState.ACCEPTED})
_TOLD = "provider.document-"
DOCUMENT = lifecycle(
    "document",
    DocumentState.ENTERED,
    transition("accept", "entered", "accepted", "another person, a registry-officer", events=f"{_TOLD}accepted.v1"),
    transition("reject", "entered", "rejected", "another person, a registry-officer", events=f"{_TOLD}rejected.v1"),
    transition("withdraw", "entered accepted", "withdrawn", "provider", events=f"{_TOLD}withdrawn.v1"),
    transition("remind", "accepted", "accepted", "time", events=f"{_TOLD}expiring.v1"),
    transition("expire", "accepted", "expired", "time", events=f"{_TOLD}expired.v1"),
    events=f"{_TOLD}entered.v1",
)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document says of itself, and the criteria that it is to prove.

    Units: valid_from and valid_until are the first and the last day on which it holds.
    Shape: digest is the SHA-256 of its content, hexadecimal.
    """

    document_type: str
    issuer: str
    number: str
    issued_on: date
    valid_from: date
    valid_until: date
    digest: str
    criteria: tuple[str, ...] = ()

    def overlaps(self, other: "Paper") -> bool:
        """Tell whether both are the same document by type, issuer and number, and hold on one day."""
        same = (self.document_type, self.issuer, self.number) == (other.document_type, other.issuer, other.number)
        return same and self.valid_from <= other.valid_until and other.valid_from <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of one organisation.

    Units: it holds from holds_from on and not at expires_at any more, both in UTC.
    Shape: notices are the instants at which its expiry is still to be told, in order.
    """

    id: UUID
    version: int
    organisation: str
    paper: Paper
    holds_from: datetime
    expires_at: datetime
    entered_by: str
    entered_at: datetime
    decision_due: datetime
    state: DocumentState = DocumentState.ENTERED
    notices: tuple[datetime, ...] = ()
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def clock_at(self) -> datetime | None:
        """The instant at which time next acts on it: a notice, or its end."""
        return min((*self.notices, self.expires_at)) if self.state is DocumentState.ACCEPTED else None

    def holds(self, at: datetime) -> bool:
        """Tell whether it is accepted, and valid at an instant."""
        return self.state is DocumentState.ACCEPTED and self.holds_from <= at < self.expires_at

    def accept(self, by: Actor, *, at: datetime, pack: RulePack) -> tuple["Document", tuple[DocumentEvent, ...]]:
        """Accept it as an officer; its expiry is told as the pack says.

        Raises:
            NotAllowed: document-not-entered, document-expired.
            Forbidden: second-person-needed, own-verification.
        """
        state = DOCUMENT.move("accept", self.state, DocumentState.ACCEPTED)
        self._check_another(by, pack)
        if self.expires_at <= at:
            raise NotAllowed("document-expired", "It has expired in the meantime.", satisfied_by="Its successor.")
        accepted = replace(
            self,
            version=self.version + 1,
            state=state,
            notices=_notices(pack, self.expires_at, after=at),
            decided_by=by.person,
            decided_at=at,
        )
        return accepted, (_told(accepted, DocumentAccepted, accepted_at=at),)

    def reject(
        self, by: Actor, reason: str, *, at: datetime, pack: RulePack
    ) -> tuple["Document", tuple[DocumentEvent, ...]]:
        """Reject it as an officer, and say why.

        Raises:
            NotAllowed: document-not-entered.
            Forbidden: second-person-needed, own-verification.
        """
        state = DOCUMENT.move("reject", self.state, DocumentState.REJECTED)
        self._check_another(by, pack)
        rejected = replace(
            self, version=self.version + 1, state=state, decided_by=by.person, decided_at=at, reason=reason
        )
        return rejected, (_told(rejected, DocumentRejected, reason=reason),)

    def withdraw(self, reason: str) -> tuple["Document", tuple[DocumentEvent, ...]]:
        """Take it back; nothing rests on it from now on.

        Raises:
            NotAllowed: document-not-entered.
        """
        state = DOCUMENT.move("withdraw", self.state, DocumentState.WITHDRAWN)
        withdrawn = replace(self, version=self.version + 1, state=state, notices=(), reason=reason)
        return withdrawn, (_told(withdrawn, DocumentWithdrawn, reason=reason),)

    def let_time_act(self, at: datetime) -> tuple["Document", tuple[DocumentEvent, ...]]:
        """Tell that it is about to expire, and let it expire, as far as that has come due."""
        document, events = self, []
        while document.clock_at is not None and document.clock_at <= at:
            document, event = document._due()
            events.append(event)
        return document, tuple(events)

    def _due(self) -> tuple["Document", DocumentEvent]:
        after = replace(self, version=self.version + 1, notices=self.notices[1:])
        if self.notices:
            DOCUMENT.admit("remind", self.state)
            return after, _told(after, DocumentExpiring, expires_at=self.expires_at)
        expired = replace(after, state=DOCUMENT.move("expire", self.state, DocumentState.EXPIRED))
        return expired, _told(expired, DocumentExpired, expired_at=self.expires_at)

    def _check_another(self, by: Actor, pack: RulePack) -> None:
        reference = pack.reference(SECOND_PERSON)
        check_not_own(by, self.organisation, pack)
        different_persons(self.entered_by, by.person, "Deciding on a document", reference)


def enter(
    identifier: UUID,
    organisation: str,
    paper: Paper,
    *,
    others: Sequence[Document],
    by: str,
    at: datetime,
    pack: RulePack,
) -> tuple[Document, tuple[DocumentEvent, ...]]:
    """Enter a document of an organisation beside its others; it counts once it is accepted.

    Raises:
        Invalid: validity-reversed, issued-in-future, document-expired, criterion-repeated.
        NotAllowed: document-known, validity-overlaps.
    """
    calendar = pack.calendar
    document = Document(
        id=identifier,
        version=1,
        organisation=organisation,
        paper=paper,
        holds_from=calendar.end_of(paper.valid_from - DAY),
        expires_at=calendar.end_of(paper.valid_until),
        entered_by=by,
        entered_at=at,
        decision_due=pack.ends_at(DECISION, at),
    )
    check_validity(paper.issued_on, paper.valid_from, paper.valid_until, today=calendar.day_of(at))
    if len(set(paper.criteria)) != len(paper.criteria):
        raise Invalid("criterion-repeated", "A criterion is named twice.", pointer="/body/criteria")
    present = [other.paper for other in others if other.state in _OPEN]
    if any(other.digest == paper.digest for other in present):
        raise NotAllowed(
            "document-known",
            "The organisation has a document with this digest.",
            satisfied_by="The withdrawal of the one that is here, if it was entered wrongly.",
        )
    if any(paper.overlaps(other) for other in present):
        raise NotAllowed(
            "validity-overlaps",
            "A document of this type, issuer and number holds on some of the same days.",
            satisfied_by="A validity that begins after the end of the other one, or the withdrawal of that.",
        )
    return document, (_told(document, DocumentEntered),)


def check_validity(issued_on: date, valid_from: date, valid_until: date | None, *, today: date) -> None:
    """Hold the days of a document or a certificate to each other and to the calendar.

    Raises:
        Invalid: validity-reversed, issued-in-future, document-expired.
    """
    if valid_until is not None and valid_until < valid_from:
        raise Invalid("validity-reversed", "It would end before it begins.", pointer="/body/valid_until")
    if issued_on > today:
        raise Invalid("issued-in-future", "Nothing is issued on a day to come.", pointer="/body/issued_on")
    if valid_until is not None and valid_until < today:
        raise Invalid("document-expired", "It has expired.", pointer="/body/valid_until")


def check_not_own(by: Actor, organisation: str, pack: RulePack) -> None:
    """Keep officers from deciding on their own organisation.

    Raises:
        Forbidden: own-verification.
    """
    if by.organisation == organisation:
        raise Forbidden(
            "own-verification",
            "An officer does not decide on what the own organisation has entered.",
            reference=pack.reference(SECOND_PERSON),
            satisfied_by="An officer of another organisation.",
        )


def _notices(pack: RulePack, expires_at: datetime, *, after: datetime) -> tuple[datetime, ...]:
    days = (last_day(pack.calendar.day_of(expires_at), pack.period(rule), pack.calendar) for rule in NOTICES)
    instants = sorted({pack.calendar.end_of(day - DAY) for day in days})
    return tuple(instant for instant in instants if after < instant < expires_at)


def _told(document: Document, kind: type[Told], **more: Any) -> Told:
    paper = document.paper
    return kind(
        aggregate=document.id,
        version=document.version,
        organisation=document.organisation,
        document_type=paper.document_type,
        issuer=paper.issuer,
        digest=paper.digest,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
        criteria=paper.criteria,
        **more,
    )
