"""Questions about a tender, and their answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from shared.contracts.fields import Instant, LongText, Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, public
from shared.platform.commands import CommandRoute, CurrentWork
from shared.platform.paging import Cursor, Limit, Page, page, read_identifier
from shared.platform.reading import Reading
from tender.api.schemas import Code, Request, View
from tender.domain.question import NewQuestion, QuestionStatus
from tender.usecases import questions

router = APIRouter(tags=["questions"], route_class=CommandRoute)


class QuestionBody(Request):
    """A question, public at once; the text is the asker's, who does well not to name itself in it."""

    text: LongText
    lot: Code | None = None
    criterion: Code | None = None


class AnswerBody(Request):
    text: LongText


class AnswerView(View):
    text: str
    answered_at: Instant


class QuestionView(View):
    """A question; `asker` is the same for all questions of one asker about this tender, the last answer holds."""

    id: UUID
    tender: UUID
    asker: Sha256
    text: str
    lot: str | None
    criterion: str | None
    asked_at: Instant
    due_at: Instant | None
    status: QuestionStatus
    answers: list[AnswerView]


@router.post("/v1/tenders/{tender_id}/questions", status_code=201)
async def ask_question(
    work: CurrentWork,
    tender_id: UUID,
    body: QuestionBody,
    response: Response,
    actor: Annotated[Actor, allow("question.ask")],
) -> QuestionView:
    """Ask about a tender, under a name that tells nobody who asks; the deadline waits for the answer."""
    new = NewQuestion(body.text, body.lot, body.criterion)
    question = await questions.ask(work, actor, tender_id, new)
    response.headers["Location"] = f"v1/tenders/{tender_id}/questions/{question.id}"
    return QuestionView.model_validate(question)


@router.post("/v1/tenders/{tender_id}/questions/{question_id}/answer")
async def answer_question(
    work: CurrentWork,
    tender_id: UUID,
    question_id: UUID,
    body: AnswerBody,
    actor: Annotated[Actor, allow("question.answer")],
) -> QuestionView:
    """Answer a question, or correct its answer: earlier answers stay, and what is told late moves the deadline."""
    return QuestionView.model_validate(await questions.answer(work, actor, tender_id, question_id, body.text))


@router.get("/v1/tenders/{tender_id}/questions", dependencies=[public()])
async def list_questions(
    connection: Reading, tender_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[QuestionView]:
    """List the questions about a tender with their answers, the oldest first."""
    found = await questions.of_tender(connection, tender_id, read_identifier(cursor), limit + 1)
    return page(map(QuestionView.model_validate, found), limit)


@router.get("/v1/tenders/{tender_id}/questions/{question_id}", dependencies=[public()])
async def show_question(connection: Reading, tender_id: UUID, question_id: UUID) -> QuestionView:
    """Show a question with its answers."""
    return QuestionView.model_validate(await questions.question(connection, tender_id, question_id))
