"""Topic `tender`: how the steps of a procedure are challenged, and what comes of it."""

from uuid import UUID

from shared.contracts.event import EventData, Organisation
from shared.contracts.fields import Instant, LongText, Ocid, ShortText

OWNER = "tender"


class ChallengeRaised(EventData, type="tender.challenge-raised.v1", owner=OWNER, key="ocid"):
    """A step of the procedure is challenged; until the opening it is not told by whom."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    challenger: Organisation | None
    relates_to: ShortText
    lot: ShortText | None
    ground: ShortText
    remedies: tuple[ShortText, ...]
    answer_due: Instant


class ChallengeAnswered(EventData, type="tender.challenge-answered.v1", owner=OWNER, key="ocid"):
    """The office answered a challenge; if it did not concede, a complaint may follow."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    conceded: bool
    remedy: ShortText | None
    complaint_until: Instant


class ComplaintFiled(EventData, type="tender.complaint-filed.v1", owner=OWNER, key="ocid"):
    """A challenge went to the body that decides complaints; nothing is signed meanwhile."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    filed_at: Instant
    decision_due: Instant


class ComplaintAdmitted(EventData, type="tender.complaint-admitted.v1", owner=OWNER, key="ocid"):
    """It was decided whether a complaint is looked into."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    admitted: bool
    reason: LongText


class ComplaintDecided(EventData, type="tender.complaint-decided.v1", owner=OWNER, key="ocid"):
    """A complaint was decided, and what follows from it."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    upheld: bool
    remedy: ShortText
    reason: LongText


class ChallengeClosed(EventData, type="tender.challenge-closed.v1", owner=OWNER, key="ocid"):
    """A challenge was withdrawn, or lapsed because no complaint followed in time."""

    ocid: Ocid
    tender: UUID
    challenge: UUID
    how: ShortText


class SentBack(EventData, type="tender.sent-back.v1", owner=OWNER, key="ocid"):
    """A challenge sent lots back to a stage, which is done again; where that is `active`, the documents are amended."""

    ocid: Ocid
    tender: UUID
    stage: ShortText
    lots: tuple[ShortText, ...]
    reason: LongText
