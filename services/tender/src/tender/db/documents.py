"""How it is kept whose a document is and where it is listed; the document itself is an object."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from tender.db.bids import UNSEALED
from tender.db.tables import bid_documents, bids, documents, opened_envelopes, tender_documents, tenders
from tender.domain.bid import Envelope, TechnicalRelease
from tender.domain.bid_checks import Offer, read_offer
from tender.domain.document import Document, Listing
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True)
class TenderDocument:
    """A document that a tender lists."""

    digest: str
    title: str
    attached_at: datetime


async def add(connection: AsyncConnection, document: Document) -> Document:
    """Note whose a document is; put here twice, it is what it was the first time."""
    await connection.execute(upsert(documents).values(asdict(document)).on_conflict_do_nothing())
    mine = (documents.c.digest == document.digest, documents.c.organisation == document.organisation)
    row = (await connection.execute(select(documents).where(*mine))).one()
    return Document(row.digest, row.organisation, row.media_type, row.size, row.uploaded_at)


async def own(connection: AsyncConnection, organisation: str) -> Sequence[Document]:
    """Return an organisation's documents, the newest first."""
    query = (
        select(documents)
        .where(documents.c.organisation == organisation)
        .order_by(documents.c.uploaded_at.desc(), documents.c.digest)
        .limit(1000)
    )
    rows = await connection.execute(query)
    return [Document(row.digest, row.organisation, row.media_type, row.size, row.uploaded_at) for row in rows]


async def copies(connection: AsyncConnection, digest: str) -> Sequence[Document]:
    """Return a document as each organisation has put it here."""
    rows = await connection.execute(
        select(documents).where(documents.c.digest == digest).order_by(documents.c.organisation)
    )
    return [Document(row.digest, row.organisation, row.media_type, row.size, row.uploaded_at) for row in rows]


async def are_own(connection: AsyncConnection, organisation: str, digests: Collection[str]) -> bool:
    """Tell whether an organisation has put every one of these documents here."""
    mine = (documents.c.organisation == organisation, documents.c.digest.in_(digests))
    found = await connection.scalar(select(func.count()).select_from(documents).where(*mine))
    return found == len(set(digests))


async def count(connection: AsyncConnection, organisation: str) -> int:
    mine = documents.c.organisation == organisation
    return int(await connection.scalar(select(func.count()).select_from(documents).where(mine)) or 0)


async def listings(connection: AsyncConnection, digest: str) -> Sequence[Listing]:
    """Find where a document is listed that whoever lists it has put here itself: nobody makes another's public."""
    in_tender = (
        select(tenders.c.id, tenders.c.buyer, literal(None).label("bid"), literal(value=False).label("confidential"))
        .join(tender_documents, tender_documents.c.tender == tenders.c.id)
        .join(documents, documents.c.organisation == tenders.c.buyer)
        .where(tender_documents.c.digest == digest, documents.c.digest == digest)
        .where(tenders.c.document["published_at"].astext.is_not(None))
    )
    in_bid = (
        select(tenders.c.id, tenders.c.buyer, bids.c.id.label("bid"), bid_documents.c.confidential)
        .join(bids, bids.c.tender == tenders.c.id)
        .join(bid_documents, bid_documents.c.bid == bids.c.id)
        .join(documents, documents.c.organisation == bids.c.bidder)
        .where(bid_documents.c.digest == digest, documents.c.digest == digest)
    )
    rows = await connection.execute(union_all(in_tender, in_bid))
    return [Listing(row.id, row.buyer, row.bid, row.confidential) for row in rows]


async def attach(connection: AsyncConnection, tender: UUID, document: TenderDocument) -> None:
    """List a document in a tender, once."""
    row = {"tender": tender, **asdict(document)}
    await connection.execute(upsert(tender_documents).values(row).on_conflict_do_nothing())


async def attached(connection: AsyncConnection, tender: UUID) -> Sequence[TenderDocument]:
    rows = await connection.execute(
        select(tender_documents)
        .where(tender_documents.c.tender == tender)
        .order_by(tender_documents.c.attached_at, tender_documents.c.digest)
    )
    return [TenderDocument(row.digest, row.title, row.attached_at) for row in rows]


async def note_offer(connection: AsyncConnection, offer: Offer) -> None:
    """Note which documents an opened bid lists."""
    listed = offer.content.documents if offer.content else ()
    if listed:
        rows = [{"bid": offer.release.bid, "digest": one.digest, "confidential": one.confidential} for one in listed]
        await connection.execute(upsert(bid_documents).on_conflict_do_nothing(), rows)


async def enclose(connection: AsyncConnection, bid: UUID, digest: str) -> None:
    """Note that a document belongs to an opened bid, and is confidential."""
    row = {"bid": bid, "digest": digest, "confidential": True}
    await connection.execute(upsert(bid_documents).values(row).on_conflict_do_nothing())


async def opened(connection: AsyncConnection, tender: UUID) -> Sequence[Offer]:
    """Return what the opened technical envelopes of a tender hold, by bidder."""
    rows = await connection.execute(
        select(*UNSEALED, opened_envelopes.c.content)
        .join(opened_envelopes, opened_envelopes.c.bid == bids.c.id)
        .where(bids.c.tender == tender, opened_envelopes.c.envelope == Envelope.TECHNICAL)
        .order_by(bids.c.bidder, bids.c.lot)
    )
    return [
        read_offer(
            TechnicalRelease(
                bid=row.id,
                lot=row.lot,
                bidder=Party(row.bidder, row.bidder_name),
                received_at=row.received_at,
                digest=row.digest,
                technical_digest=row.technical_digest,
                content=row.content,
            )
        )
        for row in rows
    ]
