"""Challenges, in the published language."""

from typing import Any

from shared.contracts import challenge
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from tender.domain import challenge_events as domain
from tender.messaging.publish_party import party


def challenge_event(event: DomainEvent) -> EventData | None:
    """Write an event of a challenge; of anything else, nothing."""
    match event:
        case domain.SentBack():
            return challenge.SentBack(
                ocid=event.ocid, tender=event.aggregate, stage=event.stage, lots=event.lots, reason=event.reason
            )
        case domain.ChallengeEvent():
            return _of_challenge(event)
    return None


def _of_challenge(event: domain.ChallengeEvent) -> EventData:
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.tender, "challenge": event.aggregate}
    match event:
        case domain.ChallengeRaised():
            return challenge.ChallengeRaised(
                **of,
                challenger=party(event.challenger) if event.challenger else None,
                relates_to=event.relates_to,
                lot=event.lot,
                ground=event.ground,
                remedies=event.remedies,
                answer_due=event.answer_due,
            )
        case domain.ChallengeAnswered():
            return challenge.ChallengeAnswered(
                **of, conceded=event.conceded, remedy=event.remedy, complaint_until=event.complaint_until
            )
        case domain.ComplaintFiled():
            return challenge.ComplaintFiled(**of, filed_at=event.filed_at, decision_due=event.decision_due)
        case domain.ComplaintAdmitted():
            return challenge.ComplaintAdmitted(**of, admitted=event.admitted, reason=event.reason)
        case domain.ComplaintDecided():
            return challenge.ComplaintDecided(**of, upheld=event.upheld, remedy=event.remedy, reason=event.reason)
        case domain.ChallengeClosed():
            return challenge.ChallengeClosed(**of, how=event.how)
    raise TypeError(type(event).__name__)
