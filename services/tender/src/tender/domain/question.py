"""Questions about a tender: public at once, their asker anonymous but linkable, answered to everybody."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.deadline import NOTICE, moved_on, questions_until
from tender.domain.parts import Status
from tender.domain.question_events import QuestionAnswered, QuestionAsked
from tender.domain.tender import Tender


class QuestionStatus(StrEnum):
    """Whether there is an answer."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"


LIFECYCLE = lifecycle(
    "question",
    QuestionStatus.UNANSWERED,
    transition("answer", QuestionStatus.UNANSWERED, QuestionStatus.ANSWERED, "procurement-officer"),
    transition("correct", QuestionStatus.ANSWERED, QuestionStatus.ANSWERED, "procurement-officer"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the office answered; by is the person, whom only the office's own records name."""

    text: str
    answered_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question and all its answers, the last of which holds.

    Shape: asker is the pseudonym of pseudonym(), never the organisation.
    """

    id: UUID
    version: int
    tender: UUID
    asker: str
    text: str
    lot: str | None
    criterion: str | None
    asked_at: datetime
    due_at: datetime | None
    status: QuestionStatus = QuestionStatus.UNANSWERED
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """What somebody asks, about the whole tender or about one lot or criterion of it."""

    text: str
    lot: str | None
    criterion: str | None


def pseudonym(secret: bytes, organisation: str) -> str:
    """Name an asker within one tender: the same for all its questions there, another in every other tender.

    Units: HMAC-SHA-256 in hexadecimal digits; secret is the tender's own and never leaves the service.
    """
    return hmac.new(secret, organisation.encode(), hashlib.sha256).hexdigest()


def may_ask(tender: Tender, at: datetime, pack: RulePack) -> None:
    """Admit a question.

    Raises:
        NotAllowed: tender-not-active; questions-closed, by the rule clarification.
    """
    tender.expect(Status.ACTIVE)
    if at >= _until(tender, pack):
        raise NotAllowed(
            "questions-closed",
            "Questions are no longer taken.",
            reference=pack.reference(NOTICE),
            satisfied_by="A question before the tender's questions_until.",
        )


def ask(
    tender: Tender,
    new: NewQuestion,
    *,
    identifier: UUID,
    asker: str,
    unanswered_of_asker: int,
    at: datetime,
    pack: RulePack,
) -> tuple[Tender, Question, tuple[QuestionAsked, ...]]:
    """Put a question; from now on the deadline waits for its answer, where the pack says so.

    Raises:
        NotAllowed: what may_ask() refuses; questions-too-many.
        Invalid: lot-unknown, criterion-unknown.
    """
    may_ask(tender, at, pack)
    _check_subject(tender, new)
    bound = pack.rule("questions-per-asker")
    facts = {"questions.unanswered_of_asker": Fraction(unanswered_of_asker + 1)}
    require(check_rule(bound, facts, pack.calendar).result, "questions-too-many")
    due = pack.ends_at("answer-to-question", at, tender.acceleration)
    question = Question(identifier, 1, tender.id, asker, new.text, new.lot, new.criterion, at, due)
    version = tender.version + 1
    # The window stays as it is from the first question on, also for a tender that was published before it had one.
    waiting = replace(tender, version=version, unanswered=tender.unanswered + 1, questions_until=_until(tender, pack))
    event = QuestionAsked(
        aggregate=tender.id,
        version=version,
        ocid=tender.ocid,
        question=question.id,
        asker=asker,
        text=new.text,
        lot=new.lot,
        criterion=new.criterion,
        asked_at=at,
        answer_due=due,
    )
    return waiting, question, (event,)


def answer(
    tender: Tender, question: Question, text: str, *, by: str, at: datetime, pack: RulePack
) -> tuple[Tender, Question, tuple[QuestionAnswered, ...]]:
    """Answer a question, or correct its answer; earlier answers are kept, and the deadline moves on if it is near.

    Raises:
        NotAllowed: tender-not-active; bidding-ended.
    """
    tender.expect(Status.ACTIVE)
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    if tender.bidding_ended(at, pack):
        raise NotAllowed(
            "bidding-ended",
            "The deadline has passed; what is told now would come too late for everybody.",
            reference=pack.reference("bid-deadline"),
            satisfied_by="An answer before the deadline.",
        )
    first = question.status is QuestionStatus.UNANSWERED
    status = LIFECYCLE.move("answer" if first else "correct", question.status, QuestionStatus.ANSWERED)
    answered = replace(
        question,
        version=question.version + 1,
        status=status,
        due_at=None,
        answers=(*question.answers, Answer(text, at, by)),
    )
    closes_at, version = moved_on(tender.closes_at, at, pack, tender.acceleration), tender.version + 1
    told = replace(
        tender,
        version=version,
        unanswered=tender.unanswered - first,
        closes_at=closes_at,
        due_at=pack.ends_at("opening", closes_at, tender.acceleration),
    )
    event = QuestionAnswered(
        aggregate=tender.id,
        version=version,
        ocid=tender.ocid,
        question=question.id,
        text=text,
        number=len(answered.answers),
        answered_at=at,
        old_closes_at=tender.closes_at,
        closes_at=closes_at,
    )
    return told, answered, (event,)


def _until(tender: Tender, pack: RulePack) -> datetime:
    assert tender.closes_at is not None  # noqa: S101 - an active tender has a deadline
    return tender.questions_until or questions_until(tender.closes_at, pack, tender.acceleration)


def _check_subject(tender: Tender, new: NewQuestion) -> None:
    content = tender.content
    if new.lot is not None and new.lot not in {lot.id for lot in content.lots}:
        raise Invalid("lot-unknown", "The tender has no such lot.", pointer="/body/lot")
    criteria = {item.id for item in content.criteria} | {item.id for item in content.requirements}
    if new.criterion is not None and new.criterion not in criteria:
        raise Invalid("criterion-unknown", "The tender has no such criterion.", pointer="/body/criterion")
