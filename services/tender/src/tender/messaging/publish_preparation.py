"""What happens before a tender is published, as the others read it."""

from typing import Any

from shared.contracts import preparation
from shared.contracts.event import EventData, Organisation
from tender.domain.exception_events import ExceptionGranted
from tender.domain.invitation_events import CandidatesPooled, InviteesDrawn
from tender.domain.parts import Party
from tender.domain.publicity_events import ObjectionRaised, ObjectionReviewed, SingleSourcePublicised


def preparation_published(event: ExceptionGranted | CandidatesPooled | InviteesDrawn) -> EventData:
    """Write an exception or a draw of invitees in the published language."""
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.tender}
    match event:
        case ExceptionGranted():
            return preparation.ExceptionGranted(
                **of,
                exception=event.aggregate,
                buyer=_party(event.buyer),
                rule=event.rule,
                source=event.source,
                code=event.code,
                reason=event.reason,
                evidence=event.evidence,
                granted_at=event.granted_at,
            )
        case CandidatesPooled():
            return preparation.CandidatesPooled(
                **of,
                invitation=event.aggregate,
                candidates=event.candidates,
                number=event.number,
                digest=event.digest,
                pooled_at=event.pooled_at,
            )
        case InviteesDrawn():
            return preparation.InviteesDrawn(
                **of,
                invitation=event.aggregate,
                candidates=event.candidates,
                invitees=event.invitees,
                witnesses=event.witnesses,
                method=event.method,
                digest=event.digest,
                randomness=event.randomness,
                drawn_at=event.drawn_at,
            )


def publicity_published(event: SingleSourcePublicised | ObjectionRaised | ObjectionReviewed) -> EventData:
    """Write what happens to a single source in the published language."""
    of: dict[str, Any] = {"ocid": event.ocid, "tender": event.tender, "publicity": event.aggregate}
    match event:
        case SingleSourcePublicised():
            return preparation.SingleSourcePublicised(
                **of,
                buyer=_party(event.buyer),
                title=event.title,
                value=event.value,
                supplier=_party(event.supplier),
                ground=event.ground,
                rationale=event.rationale,
                until=event.until,
            )
        case ObjectionRaised():
            return preparation.ObjectionRaised(
                **of, objection=event.objection, raised_at=event.raised_at, review_due=event.review_due
            )
        case ObjectionReviewed():
            return preparation.ObjectionReviewed(
                **of,
                objection=event.objection,
                outcome=event.outcome,
                answer=event.answer,
                reviewed_at=event.reviewed_at,
            )


def _party(party: Party) -> Organisation:
    return Organisation(id=party.id, name=party.name)
