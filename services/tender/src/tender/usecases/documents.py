"""Documents and opened offers: who puts them here, and who may see them from when on; nothing here commits."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden, NotAllowed, not_here
from shared.kernel.media_type import MEDIA_TYPES, check_media_type, object_key
from shared.platform.objects import Objects
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import documents, panels, store
from tender.db.documents import TenderDocument
from tender.domain.bid_checks import Disclosure, Offer, disclosures
from tender.domain.document import Document, Listing
from tender.domain.policy import in_office_of
from tender.usecases.evidence import check_uploaded, may_read
from tender.usecases.planning import own_tender
from tender.usecases.visibility import published, visible

MOST_DOCUMENTS = 1000
_PANEL = frozenset({"panel-member"})


@dataclass(frozen=True, slots=True)
class Download:
    """A document on its way out; public means that anybody may have it."""

    digest: str
    media_type: str
    size: int
    extension: str
    public: bool
    content: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the opened technical envelopes of a tender hold, and who is named in several of them."""

    opened: Sequence[Offer]
    disclosures: Sequence[Disclosure]
    with_answers: bool


async def upload(
    work: Work, actor: Actor, objects: Objects, content: bytes, media_type: str, *, kept: bool
) -> Document:
    """Keep a document for its organisation; put here again, it is the same."""
    check_media_type(media_type, content)
    if await documents.count(work.connection, actor.organisation) >= MOST_DOCUMENTS:
        raise NotAllowed("documents-too-many", f"An organisation keeps at most {MOST_DOCUMENTS} documents here.")
    digest = hashlib.sha256(content).hexdigest()
    if kept:
        # Before the row: without it the object is nobody's, while a row without its object would be a lie.
        await objects.put(object_key(digest), content)
    document = Document(digest, actor.organisation, media_type, len(content), work.now)
    return await documents.add(work.connection, document)


async def attach(work: Work, actor: Actor, tender_id: UUID, digest: str, title: str) -> Sequence[TenderDocument]:
    """List a document of the office in its draft; it is public from the publication on."""
    before = await own_tender(work, actor, "document.attach", tender_id)
    # A draft with another document is another draft: whoever publishes it has read this one.
    after = before.change(before.content, by=actor.person)
    await check_uploaded(work.connection, actor, digest)
    await documents.attach(work.connection, tender_id, TenderDocument(digest, title, work.now))
    await store.save_tender(work.connection, before, after)
    return await documents.attached(work.connection, tender_id)


async def enclose(work: Work, actor: Actor, bid: UUID, digest: str) -> None:
    """Add a document to a bid that was opened; those who evaluate the bid may read it, and nobody else.

    Raises:
        NotFound: document-unknown.
    """
    await check_uploaded(work.connection, actor, digest)
    await documents.enclose(work.connection, bid, digest)


async def of_tender(connection: AsyncConnection, tender_id: UUID, actor: Actor | None) -> Sequence[TenderDocument]:
    """Return what a tender lists; a draft's to its own office only."""
    tender = await store.tender(connection, tender_id)
    if actor is None or actor.organisation != tender.buyer.id:
        published(tender)
    return await documents.attached(connection, tender_id)


async def own(connection: AsyncConnection, actor: Actor) -> Sequence[Document]:
    """Return the documents of one's own organisation."""
    return await documents.own(connection, actor.organisation)


async def download(connection: AsyncConnection, actor: Actor | None, objects: Objects, digest: str) -> Download:
    """Hand out a document to whom it belongs, and to everybody whom its listing lets have it.

    Raises:
        NotFound: not-found, for a document that is not there and for one of somebody else that is not listed yet.
        Forbidden: document-confidential.
    """
    copies = await documents.copies(connection, digest)
    own_copy = actor is not None and any(copy.organisation == actor.organisation for copy in copies)
    listings = await documents.listings(connection, digest) if copies else ()
    public = any(not listing.confidential for listing in listings)
    if not (
        own_copy
        or public
        or await _evaluates_any(connection, actor, listings)
        or await may_read(connection, actor, digest)
    ):
        if listings:
            raise Forbidden(
                "document-confidential",
                "Its bidder keeps it confidential; why is said where it is listed.",
                satisfied_by="A role of the tender's office, or a seat in its panel.",
            )
        raise not_here()
    first = copies[0]
    extension = MEDIA_TYPES[first.media_type].extension
    content = await objects.read(object_key(digest))
    return Download(digest, first.media_type, first.size, extension, public, content)


async def offers(connection: AsyncConnection, actor: Actor | None, tender_id: UUID) -> Offers:
    """Return the opened offers of a tender; what they answer is for its office and its panel."""
    tender = visible(await store.tender(connection, tender_id), None)
    opened = await documents.opened(connection, tender_id)
    if not opened and tender.opened_at is None:
        raise NotAllowed(
            "bids-sealed",
            "Offers are not public before the opening.",
            reference=pack_of(tender).reference("bid-deadline"),
            satisfied_by="The opening.",
        )
    return Offers(opened, disclosures(opened), await _evaluates(connection, actor, tender.id, tender.buyer.id))


async def _evaluates_any(connection: AsyncConnection, actor: Actor | None, listings: Sequence[Listing]) -> bool:
    for listing in listings:
        if await _evaluates(connection, actor, listing.tender, listing.buyer):
            return True
    return False


async def _evaluates(connection: AsyncConnection, actor: Actor | None, tender_id: UUID, buyer: str) -> bool:
    if actor is None:
        return False
    if in_office_of(actor, buyer):
        return True
    panel = await panels.find(connection, tender_id) if actor.roles & _PANEL else None
    return panel is not None and any(seat.person == actor.person for seat in panel.members)
