"""What providers declare and prove, and the pack of it that they hand to whom they bid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from provider_registry.api.deps import CurrentPack, Files, OrganisationPath
from provider_registry.api.evidence_schemas import (
    ContentView,
    CriterionView,
    DeclarationBody,
    DeclarationView,
    DocumentBody,
    DocumentView,
    IssuedPackView,
    PackRequest,
    Reason,
    declaration_view,
    document_view,
    issued_view,
)
from provider_registry.api.instants import At
from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import CriterionAnswer
from provider_registry.domain.policy import sees_all
from provider_registry.usecases import declarations, documents, evidence_packs
from shared.contracts.fields import Sha256
from shared.kernel.access import Actor
from shared.platform.access import allow, known, public
from shared.platform.commands import CommandRoute, CurrentWork, DryRun
from shared.platform.reading import Now, Reading
from shared.platform.rule_routes import PackPath
from shared.rules.pack import pack_in_force

router = APIRouter(tags=["evidence"], route_class=CommandRoute)

DocumentPath = Annotated[UUID, Path(description="The document's id.")]
Anybody = Annotated[Actor | None, Depends(known)]
LARGER_BODIES = "/content"


@router.get("/v1/criteria/{pack}", dependencies=[public()])
async def list_criteria(pack: PackPath, now: Now) -> list[CriterionView]:
    """List what providers declare themselves on under the version of a rule pack that is in force."""
    return [
        CriterionView(
            id=one.id,
            kind=one.kind,
            question=one.question,
            proof=list(one.proof),
            rule=one.reference.rule,
            source=one.reference.source,
        )
        for one in criteria_of(pack_in_force(pack, now.date())).values()
    ]


@router.put("/v1/providers/{organisation}/declarations/{pack}")
async def declare(
    work: CurrentWork,
    organisation: OrganisationPath,
    pack: PackPath,
    body: DeclarationBody,
    actor: Annotated[Actor, allow("declaration.declare")],
) -> DeclarationView:
    """Declare on every criterion of a rule pack; the declaration before is replaced."""
    answers = tuple(CriterionAnswer(one.criterion, one.answer, one.explanation) for one in body.answers)
    return declaration_view(await declarations.declare(work, actor, organisation, pack, answers))


@router.get("/v1/providers/{organisation}/declarations")
async def list_declarations(
    connection: Reading, organisation: OrganisationPath, at: At, actor: Annotated[Actor, allow("evidence.read")]
) -> list[DeclarationView]:
    """List what an organisation had last declared under each rule pack at an instant."""
    return [declaration_view(one) for one in await declarations.of(connection, actor, organisation, at)]


@router.post("/v1/providers/{organisation}/documents", status_code=201)
async def enter_document(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: DocumentBody,
    pack: CurrentPack,
    actor: Annotated[Actor, allow("document.enter")],
) -> DocumentView:
    """Enter a document by its digest; it counts once an officer has accepted it."""
    entered = await documents.enter(work, actor, organisation, body.paper(), pack)
    return document_view(entered, everything=True)


@router.get("/v1/providers/{organisation}/documents", dependencies=[public()])
async def list_documents(
    connection: Reading, organisation: OrganisationPath, at: At, actor: Anybody
) -> list[DocumentView]:
    """List the documents of a provider as they were at an instant."""
    everything = sees_all(actor, organisation)
    return [document_view(one, everything=everything) for one in await documents.of(connection, organisation, at)]


@router.post("/v1/providers/{organisation}/documents/{document}/acceptance")
async def accept_document(
    work: CurrentWork,
    organisation: OrganisationPath,
    document: DocumentPath,
    pack: CurrentPack,
    actor: Annotated[Actor, allow("document.decide")],
) -> DocumentView:
    """Accept a document, as an officer who did not enter it and does not belong to the provider."""
    return document_view(await documents.accept(work, actor, organisation, document, pack), everything=True)


@router.post("/v1/providers/{organisation}/documents/{document}/rejection")
async def reject_document(
    work: CurrentWork,
    organisation: OrganisationPath,
    document: DocumentPath,
    body: Reason,
    pack: CurrentPack,
    actor: Annotated[Actor, allow("document.decide")],
) -> DocumentView:
    """Reject a document, as an officer who did not enter it, and say why; the reason is public."""
    rejected = await documents.reject(work, actor, organisation, document, body.reason, pack)
    return document_view(rejected, everything=True)


@router.post("/v1/providers/{organisation}/documents/{document}/withdrawal")
async def withdraw_document(
    work: CurrentWork,
    organisation: OrganisationPath,
    document: DocumentPath,
    body: Reason,
    actor: Annotated[Actor, allow("document.withdraw")],
) -> DocumentView:
    """Take a document back; the reason is public."""
    withdrawn = await documents.withdraw(work, actor, organisation, document, body.reason)
    return document_view(withdrawn, everything=True)


@router.put("/v1/providers/{organisation}/documents/{document}/content")
async def upload_content(
    work: CurrentWork,
    files: Files,
    organisation: OrganisationPath,
    document: DocumentPath,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    media_type: Annotated[str, Query(max_length=100)],
    dry_run: DryRun,
    actor: Annotated[Actor, allow("document.enter")],
) -> ContentView:
    """Put here what a document holds; its SHA-256 is the digest that was entered."""
    kept = await documents.upload(work, actor, files, organisation, document, content, media_type, kept=not dry_run)
    return ContentView.model_validate(kept)


@router.get("/v1/providers/{organisation}/documents/{document}/content", response_class=StreamingResponse)
async def download_content(
    connection: Reading,
    files: Files,
    organisation: OrganisationPath,
    document: DocumentPath,
    actor: Annotated[Actor, allow("evidence.read")],
) -> StreamingResponse:
    """Hand out what a document holds to its organisation, and to those who decide on it."""
    found = await documents.download(connection, actor, files, organisation, document)
    return StreamingResponse(
        found.pieces,
        media_type=found.content.media_type,
        headers={
            "Content-Length": str(found.content.size),
            "Content-Disposition": f'attachment; filename="{found.content.digest}.{found.extension}"',
            "ETag": f'"{found.content.digest}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/v1/providers/{organisation}/evidence-pack")
async def issue_evidence_pack(
    work: CurrentWork,
    organisation: OrganisationPath,
    body: PackRequest,
    actor: Annotated[Actor, allow("evidence-pack.issue")],
) -> IssuedPackView:
    """Put together what was known of a provider at an instant; its digest is in the public log from then on."""
    return issued_view(await evidence_packs.issue(work, actor, organisation, body.pack, body.at))


@router.get(
    "/v1/providers/{organisation}/evidence-pack",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def download_evidence_pack(
    connection: Reading,
    organisation: OrganisationPath,
    actor: Annotated[Actor, allow("evidence.read")],
    digest: Annotated[Sha256 | None, Query(description="The pack's; without it, the one that was issued last.")] = None,
) -> Response:
    """Hand out an evidence pack as the canonical JSON that its digest is of."""
    found = await evidence_packs.of(connection, actor, organisation, digest)
    headers = {"ETag": f'"{found.digest}"', "Cache-Control": "private, no-store"}
    return Response(found.text.encode(), media_type="application/json", headers=headers)


@router.get("/v1/evidence-packs/{digest}", dependencies=[public()])
async def show_evidence_pack(connection: Reading, digest: Annotated[Sha256, Path()]) -> IssuedPackView:
    """Tell whether a pack with this digest was issued, when and for whom; not what it holds."""
    return issued_view(await evidence_packs.by_digest(connection, digest))
