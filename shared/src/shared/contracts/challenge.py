"""Topic `tender`: how the steps of a procedure are challenged, and what comes of it."""

from shared.contracts.event import Organisation
from shared.contracts.fields import Instant, LongText, ShortText
from shared.contracts.subject import OfChallenge, OfTender

OWNER = "tender"


class ChallengeRaised(OfChallenge, type="tender.challenge-raised.v1", owner=OWNER):
    """A step of the procedure is challenged; until the opening it is not told by whom."""

    challenger: Organisation | None
    relates_to: ShortText
    lot: ShortText | None
    ground: ShortText
    remedies: tuple[ShortText, ...]
    answer_due: Instant


class ChallengeAnswered(OfChallenge, type="tender.challenge-answered.v1", owner=OWNER):
    """The office answered a challenge; if it did not concede, a complaint may follow."""

    conceded: bool
    remedy: ShortText | None
    complaint_until: Instant


class ComplaintFiled(OfChallenge, type="tender.complaint-filed.v1", owner=OWNER):
    """A challenge went to the body that decides complaints; nothing is signed meanwhile."""

    filed_at: Instant
    decision_due: Instant


class ComplaintAdmitted(OfChallenge, type="tender.complaint-admitted.v1", owner=OWNER):
    """It was decided whether a complaint is looked into."""

    admitted: bool
    reason: LongText


class ComplaintDecided(OfChallenge, type="tender.complaint-decided.v1", owner=OWNER):
    """A complaint was decided, and what follows from it."""

    upheld: bool
    remedy: ShortText
    reason: LongText


class ChallengeClosed(OfChallenge, type="tender.challenge-closed.v1", owner=OWNER):
    """A challenge was withdrawn, or lapsed because no complaint followed in time."""

    how: ShortText


class SentBack(OfTender, type="tender.sent-back.v1", owner=OWNER):
    """A challenge sent lots back to a stage, which is done again; where that is `active`, the documents are amended."""

    stage: ShortText
    lots: tuple[ShortText, ...]
    reason: LongText
