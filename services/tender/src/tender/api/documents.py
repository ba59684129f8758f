"""Documents by the SHA-256 of their content, and the offers that list them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import StreamingResponse

from shared.contracts.fields import DecimalText, Instant, Sha256, ShortText
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun
from shared.platform.reading import Reading
from tender.api.deps import Files
from tender.api.schemas import PartyView, Request, View
from tender.domain.bid_checks import Offer
from tender.usecases import documents

router = APIRouter(tags=["documents"], route_class=CommandRoute)

Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Anybody = Annotated[Actor | None, Depends(known)]


class DocumentView(View):
    """A document of one's own organisation."""

    digest: Sha256
    media_type: str
    size: int
    uploaded_at: Instant


class AttachmentBody(Request):
    digest: Sha256
    title: ShortText


class AttachmentView(View):
    digest: Sha256
    title: str
    attached_at: Instant


class AnswerView(View):
    requirement: str
    value: str | bool
    evidence: tuple[Sha256, ...]


class ConsortiumMemberView(View):
    organisation: str
    share: DecimalText
    size: str | None


class SubcontractorView(View):
    organisation: str
    share: DecimalText
    part: str
    size: str | None


class ListedDocumentView(View):
    digest: Sha256
    title: str
    confidential: bool
    rationale: str | None


class OfferView(View):
    """An opened technical envelope; `groups` and `answers` are null for those who do not evaluate it."""

    bid: UUID
    lot: str
    bidder: PartyView
    unreadable: str | None
    size: str | None
    groups: dict[str, str] | None
    answers: list[AnswerView] | None
    consortium: list[ConsortiumMemberView]
    subcontractors: list[SubcontractorView]
    documents: list[ListedDocumentView]


class DisclosureView(View):
    """That a bidder is named as a subcontractor in another bid."""

    organisation: str
    bids: list[UUID]
    subcontractor_in: list[UUID]


class OffersView(View):
    offers: list[OfferView]
    disclosures: list[DisclosureView]


@router.post("/v1/documents", status_code=201)
async def upload_document(
    work: CurrentWork,
    files: Files,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    media_type: Annotated[str, Query(max_length=100)],
    dry_run: DryRun,
    actor: Annotated[Actor, allow("document.upload")],
) -> DocumentView:
    """Put a document here for one's own organisation; it is known by the SHA-256 of its content from then on."""
    document = await documents.upload(work, actor, files, content, media_type, kept=not dry_run)
    return DocumentView.model_validate(document)


@router.get("/v1/documents")
async def list_own_documents(
    connection: Reading, actor: Annotated[Actor, allow("document.upload")]
) -> list[DocumentView]:
    """List the documents of one's own organisation."""
    return [DocumentView.model_validate(document) for document in await documents.own(connection, actor)]


@router.get("/v1/documents/{digest}", response_class=StreamingResponse, dependencies=[public()])
async def download_document(connection: Reading, files: Files, digest: Digest, actor: Anybody) -> StreamingResponse:
    """Hand out a document: to its own organisation, and once it is listed publicly to anybody."""
    found = await documents.download(connection, actor, files, digest)
    return StreamingResponse(
        found.content,
        media_type=found.media_type,
        headers={
            "Content-Length": str(found.size),
            "Content-Disposition": f'attachment; filename="{found.digest}.{found.extension}"',
            "ETag": f'"{found.digest}"',
            "Cache-Control": "public, max-age=31536000, immutable" if found.public else "private, no-store",
        },
    )


@router.post("/v1/tenders/{tender_id}/documents")
async def attach_document(
    work: CurrentWork,
    tender_id: UUID,
    body: AttachmentBody,
    actor: Annotated[Actor, allow("document.attach")],
) -> list[AttachmentView]:
    """List one of the office's documents in its draft; it is public from the publication on."""
    listed = await documents.attach(work, actor, tender_id, body.digest, body.title)
    return [AttachmentView.model_validate(document) for document in listed]


@router.get("/v1/tenders/{tender_id}/documents", dependencies=[public()])
async def list_tender_documents(connection: Reading, tender_id: UUID, actor: Anybody) -> list[AttachmentView]:
    """List the documents of a tender."""
    return [
        AttachmentView.model_validate(document) for document in await documents.of_tender(connection, tender_id, actor)
    ]


@router.get("/v1/tenders/{tender_id}/offers", dependencies=[public()])
async def list_offers(connection: Reading, tender_id: UUID, actor: Anybody) -> OffersView:
    """List after the opening who offers with whom, and which documents; answers are for its office and panel."""
    found = await documents.offers(connection, actor, tender_id)
    return OffersView(
        offers=[_offer(offer, answers=found.with_answers) for offer in found.opened],
        disclosures=[DisclosureView.model_validate(one) for one in found.disclosures],
    )


def _offer(offer: Offer, *, answers: bool) -> OfferView:
    content = offer.content
    return OfferView(
        bid=offer.release.bid,
        lot=offer.release.lot,
        bidder=PartyView.model_validate(offer.release.bidder),
        unreadable=offer.unreadable,
        size=content.size if content else None,
        groups=dict(content.groups) if content and answers else None,
        answers=[AnswerView.model_validate(one) for one in content.answers] if content and answers else None,
        consortium=[ConsortiumMemberView.model_validate(one) for one in content.consortium] if content else [],
        subcontractors=[SubcontractorView.model_validate(one) for one in content.subcontractors] if content else [],
        documents=[ListedDocumentView.model_validate(one) for one in content.documents] if content else [],
    )
