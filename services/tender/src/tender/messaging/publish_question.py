"""Questions and answers, as the others read them."""

from typing import Any

from shared.contracts import tender
from shared.contracts.event import EventData
from tender.domain.question_events import QuestionAnswered, QuestionAsked, QuestionEvent


def published_question(event: QuestionEvent) -> EventData:
    """Write what happened to a question in the published language."""
    of: dict[str, Any] = {
        "ocid": event.ocid,
        "tender": event.aggregate,
        "question": event.question,
        "text": event.text,
    }
    match event:
        case QuestionAsked():
            return tender.QuestionAsked(
                **of,
                asker=event.asker,
                lot=event.lot,
                criterion=event.criterion,
                asked_at=event.asked_at,
                answer_due=event.answer_due,
            )
        case QuestionAnswered():
            return tender.QuestionAnswered(
                **of,
                number=event.number,
                answered_at=event.answered_at,
                old_closes_at=event.old_closes_at,
                closes_at=event.closes_at,
            )
    raise TypeError(type(event).__name__)
