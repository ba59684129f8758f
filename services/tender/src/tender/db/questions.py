"""How questions are kept, and the secrets that their askers are named with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, Text, Uuid, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.errors import not_here
from shared.platform import database
from tender.db.tables import metadata
from tender.db.waiting import of_tenders_in
from tender.domain.parts import Status
from tender.domain.question import Question, QuestionStatus

questions = database.document_table(
    "questions", metadata, Column("tender", Uuid, nullable=False), Column("asker", Text, nullable=False)
)
asker_secrets = Table(
    "asker_secrets",
    metadata,
    Column("tender", Uuid, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)


async def add(connection: AsyncConnection, question: Question) -> None:
    await database.add(connection, questions, question, _columns(question))


async def save(connection: AsyncConnection, before: Question, after: Question) -> None:
    await database.save(connection, questions, before.version, after, _columns(after))


async def question_of(connection: AsyncConnection, tender: UUID, identifier: UUID, *, lock: bool = False) -> Question:
    """Return a question of this tender.

    Raises:
        NotFound: not-found, also for a question about another tender.
    """
    found = await database.load(connection, questions, Question, identifier, lock=lock)
    if found.tender != tender:
        raise not_here()
    return found


async def page(connection: AsyncConnection, tender: UUID, after: UUID | None, limit: int) -> Sequence[Question]:
    """Return the questions about a tender, the oldest first."""
    query = select(questions.c.document).where(questions.c.tender == tender).order_by(questions.c.id).limit(limit)
    if after is not None:
        query = query.where(questions.c.id > after)
    return await database.documents(connection, query, Question)


async def unanswered_of(connection: AsyncConnection, tender: UUID, asker: str) -> int:
    """Count the questions of one asker that wait for an answer."""
    waiting = (questions.c.tender == tender, questions.c.asker == asker, questions.c.waiting_for.is_not(None))
    return int(await connection.scalar(select(func.count()).select_from(questions).where(*waiting)) or 0)


async def asker_secret(connection: AsyncConnection, tender: UUID, fresh: bytes) -> bytes:
    """Return the secret of a tender, which is the fresh one if it has none yet; the caller holds the tender's lock."""
    kept = await connection.scalar(select(asker_secrets.c.secret).where(asker_secrets.c.tender == tender))
    if kept is not None:
        return bytes(kept)
    await connection.execute(insert(asker_secrets).values(tender=tender, secret=fresh))
    return fresh


async def overdue(connection: AsyncConnection, now: datetime) -> list[database.Overdue]:
    return await database.overdue(connection, questions, "question", now, of_tenders_in(questions, Status.ACTIVE))


def _columns(question: Question) -> dict[str, Any]:
    waits = question.status is QuestionStatus.UNANSWERED
    return {
        "state": question.status,
        "waiting_for": "the office's answer" if waits else None,
        "due_at": question.due_at,
        "tender": question.tender,
        "asker": question.asker,
    }
