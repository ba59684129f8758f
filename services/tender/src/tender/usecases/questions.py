"""Questions and answers; nothing here commits."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.ids import new_id
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import notices, questions, store
from tender.domain import question as domain
from tender.domain.notice import NoticeKind
from tender.domain.policy import POLICY
from tender.domain.question import NewQuestion, Question
from tender.usecases.notices import tell
from tender.usecases.visibility import published as require_published

_SECRET_BYTES = 32


async def ask(work: Work, actor: Actor, tender_id: UUID, new: NewQuestion) -> Question:
    """Put a question under the asker's pseudonym; the asker hears of the tender from now on."""
    before = await store.tender(work.connection, tender_id, lock=True)
    require_published(before)
    pack = pack_of(before)
    domain.may_ask(before, work.now, pack)
    secret = await questions.asker_secret(work.connection, tender_id, secrets.token_bytes(_SECRET_BYTES))
    asker = domain.pseudonym(secret, actor.organisation)
    after, question, events = domain.ask(
        before,
        new,
        identifier=new_id(),
        asker=asker,
        unanswered_of_asker=await questions.unanswered_of(work.connection, tender_id, asker),
        at=work.now,
        pack=pack,
    )
    await questions.add(work.connection, question)
    await notices.register(work.connection, tender_id, actor.organisation, work.now)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    return question


async def answer(work: Work, actor: Actor, tender_id: UUID, question_id: UUID, text: str) -> Question:
    """Answer a question of the actor's own organisation's tender, or correct its answer."""
    before = await store.tender(work.connection, tender_id, lock=True)
    permit_relation(POLICY, "question.answer", actor, before.buyer.id)
    asked = await questions.question_of(work.connection, tender_id, question_id, lock=True)
    pack = pack_of(before)
    after, answered, events = domain.answer(before, asked, text, by=actor.person, at=work.now, pack=pack)
    await questions.save(work.connection, asked, answered)
    await store.save_tender(work.connection, before, after)
    await work.record(events)
    await tell(work, before, after, NoticeKind.ANSWER, answered.id)
    return answered


async def of_tender(connection: AsyncConnection, tender_id: UUID, after: UUID | None, limit: int) -> Sequence[Question]:
    require_published(await store.tender(connection, tender_id))
    return await questions.page(connection, tender_id, after, limit)


async def question(connection: AsyncConnection, tender_id: UUID, identifier: UUID) -> Question:
    return await questions.question_of(connection, tender_id, identifier)
