"""Documents of evidence, and what becomes of them; nothing here commits."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import documents, store
from provider_registry.db.documents import Content
from provider_registry.domain import document as domain
from provider_registry.domain.criteria import check_provable
from provider_registry.domain.document import Document, Paper
from provider_registry.domain.policy import permit_own_or_oversight
from provider_registry.usecases import eligibility
from shared.kernel.access import Actor
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import new_id
from shared.kernel.media_type import MEDIA_TYPES, check_media_type, object_key
from shared.platform.objects import Objects
from shared.platform.work import Work
from shared.rules.pack import RulePack, available_packs, load_pack


@dataclass(frozen=True, slots=True)
class Download:
    """A document's content on its way out."""

    content: Content
    extension: str
    pieces: AsyncIterator[bytes]


async def enter(work: Work, actor: Actor, organisation: str, paper: Paper, pack: RulePack) -> Document:
    """Enter a document of an organisation."""
    permit_own_or_oversight("document.enter", actor, organisation)
    check_provable(paper.criteria, paper.document_type, map(load_pack, available_packs()))
    # Whoever enters another document of the organisation at the same instant waits here.
    await store.provider(work.connection, organisation, lock=True)
    if await documents.is_another_organisations(work.connection, organisation, paper.digest):
        raise NotAllowed(
            "document-of-another-organisation",
            "Another organisation has entered this document.",
            satisfied_by="A document of the organisation itself.",
        )
    others = await documents.of(work.connection, organisation)
    entered, events = domain.enter(
        new_id(), organisation, paper, others=others, by=actor.person, at=work.now, pack=pack
    )
    await documents.add(work, entered)
    await work.record(events)
    return entered


async def accept(work: Work, actor: Actor, organisation: str, identifier: UUID, pack: RulePack) -> Document:
    """Accept a document as an officer."""
    before = await documents.document(work.connection, organisation, identifier, lock=True)
    after, events = before.accept(actor, at=work.now, pack=pack)
    await documents.save(work, before, after)
    await work.record(events)
    await eligibility.refresh(work, after.organisation)
    return after


async def reject(
    work: Work, actor: Actor, organisation: str, identifier: UUID, reason: str, pack: RulePack
) -> Document:
    """Reject a document as an officer."""
    before = await documents.document(work.connection, organisation, identifier, lock=True)
    after, events = before.reject(actor, reason, at=work.now, pack=pack)
    await documents.save(work, before, after)
    await work.record(events)
    await eligibility.refresh(work, after.organisation)
    return after


async def withdraw(work: Work, actor: Actor, organisation: str, identifier: UUID, reason: str) -> Document:
    """Take a document back."""
    permit_own_or_oversight("document.withdraw", actor, organisation)
    await documents.document(work.connection, organisation, identifier)
    # Time acts first: what has expired is not withdrawn any more.
    before = await let_time_act(work, identifier)
    after, events = before.withdraw(reason)
    await documents.save(work, before, after)
    await work.record(events)
    await eligibility.refresh(work, after.organisation)
    return after


async def let_time_act(work: Work, identifier: UUID) -> Document:
    """Tell that a document is about to expire, or has expired."""
    state = await documents.by_id(work.connection, identifier)
    while state.clock_at is not None and state.clock_at <= work.now:
        before = state
        # Step by step, so that every state is kept.
        state, events = before.let_time_act(state.clock_at)
        await documents.save(work, before, state)
        await work.record(events)
    await eligibility.refresh(work, state.organisation)
    return state


async def upload(
    work: Work,
    actor: Actor,
    objects: Objects,
    organisation: str,
    identifier: UUID,
    content: bytes,
    media_type: str,
    *,
    kept: bool,
) -> Content:
    """Keep what a document holds; its digest says that it is the one.

    Raises:
        Invalid: content-differs-from-digest.
    """
    permit_own_or_oversight("document.enter", actor, organisation)
    document = await documents.document(work.connection, organisation, identifier)
    check_media_type(media_type, content)
    if hashlib.sha256(content).hexdigest() != document.paper.digest:
        raise Invalid("content-differs-from-digest", "This is not the document whose digest was entered.")
    if kept:
        # Before the row: without it the object is nobody's, while a row without its object would be a lie.
        await objects.put(object_key(document.paper.digest), content)
    return await documents.add_content(
        work.connection, Content(document.paper.digest, media_type, len(content), work.now)
    )


async def download(
    connection: AsyncConnection, actor: Actor, objects: Objects, organisation: str, identifier: UUID
) -> Download:
    """Hand out what a document holds to its organisation, and to those who decide on it."""
    permit_own_or_oversight("evidence.read", actor, organisation)
    document = await documents.document(connection, organisation, identifier)
    content = await documents.content_of(connection, document.paper.digest)
    pieces = await objects.read(object_key(content.digest))
    return Download(content, MEDIA_TYPES[content.media_type].extension, pieces)


async def of(connection: AsyncConnection, organisation: str, at: datetime) -> Sequence[Document]:
    """Return the documents of an organisation as they were at an instant."""
    await store.provider(connection, organisation)
    return await documents.known(connection, organisation, at)
