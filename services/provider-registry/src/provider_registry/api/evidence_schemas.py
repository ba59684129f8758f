"""Declarations, documents and evidence packs, as they go over the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from provider_registry.api.request import Request
from provider_registry.domain.criteria import CriterionKind
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document, DocumentState, Paper
from provider_registry.domain.evidence_pack import EvidencePack
from shared.contracts.fields import Day, Instant, LongText, Moment, Sha256, ShortText

Word = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=100)]


class View(BaseModel):
    """An answer that is read from what the domain has under the same names."""

    model_config = ConfigDict(from_attributes=True)


class AnswerBody(Request):
    """`answer` is true for yes; an answer that goes against the provider takes an explanation."""

    criterion: Word
    answer: bool
    explanation: LongText | None = None


class DeclarationBody(Request):
    answers: Annotated[list[AnswerBody], Field(min_length=1, max_length=200)]


class DeclaredAnswerView(View):
    criterion: str
    answer: bool
    explanation: str | None


class DeclarationView(View):
    """A declaration; `valid_until` is the first instant at which it does not count any more."""

    organisation: str
    pack: str
    pack_version: str
    answers: list[DeclaredAnswerView]
    declared_at: Instant
    valid_until: Instant


class CriterionView(View):
    """What a provider declares itself on; one document of a type in `proof` proves it."""

    id: str
    kind: CriterionKind
    question: str
    proof: list[str]
    rule: str
    source: str


class DocumentBody(Request):
    """What a document says of itself; `valid_from` and `valid_until` are the first and the last day it holds."""

    document_type: Word
    issuer: ShortText
    number: ShortText
    issued_on: Day
    valid_from: Day
    valid_until: Day
    digest: Sha256
    criteria: Annotated[list[Word], Field(max_length=50, default_factory=list)]

    def paper(self) -> Paper:
        """Return it as the domain has it."""
        return Paper(**{**self.model_dump(), "criteria": tuple(self.criteria)})


class Reason(Request):
    reason: ShortText


class DocumentView(BaseModel):
    """A document; `number` is null for whoever neither belongs to the provider nor oversees the registry."""

    id: UUID
    organisation: str
    document_type: str
    issuer: str
    number: str | None
    issued_on: date
    valid_from: date
    valid_until: date
    digest: Sha256
    criteria: list[str]
    state: DocumentState
    entered_at: Instant
    decision_due: Instant | None
    decided_at: Instant | None
    expires_at: Instant
    reason: str | None


class ContentView(View):
    """What a document holds, as it was put here.

    Units: size in bytes.
    """

    digest: Sha256
    media_type: str
    size: int
    uploaded_at: Instant


class PackRequest(Request):
    """For which rule pack, and as known at which instant; without one, now."""

    pack: Word
    at: Moment | None = None


class IssuedPackView(View):
    """That a pack was issued, for whom, and as known when; not what it holds."""

    digest: Sha256
    organisation: str
    pack: str
    pack_version: str
    at: Instant
    issued_at: Instant


def declaration_view(declaration: Declaration) -> DeclarationView:
    return DeclarationView.model_validate(declaration)


def issued_view(pack: EvidencePack) -> IssuedPackView:
    return IssuedPackView.model_validate(pack)


def document_view(document: Document, *, everything: bool) -> DocumentView:
    paper = document.paper
    return DocumentView(
        id=document.id,
        organisation=document.organisation,
        document_type=paper.document_type,
        issuer=paper.issuer,
        number=paper.number if everything else None,
        issued_on=paper.issued_on,
        valid_from=paper.valid_from,
        valid_until=paper.valid_until,
        digest=paper.digest,
        criteria=list(paper.criteria),
        state=document.state,
        entered_at=document.entered_at,
        decision_due=document.decision_due if document.state is DocumentState.ENTERED else None,
        decided_at=document.decided_at,
        expires_at=document.expires_at,
        reason=document.reason,
    )
