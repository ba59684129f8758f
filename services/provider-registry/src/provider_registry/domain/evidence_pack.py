"""All that was verified of a provider, in one file that anybody can hold against the public log by its digest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document
from provider_registry.domain.professional import Professional
from provider_registry.domain.provider import Provider
from provider_registry.domain.verification_events import EvidencePackIssued
from shared.kernel.canonical import canonical, digest
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack, pinned_pack

FORMAT = "coxswain-evidence-pack/1"


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry knew of an organisation at an instant."""

    provider: Provider
    declaration: Declaration | None
    documents: Sequence[Document]
    professionals: Sequence[Professional]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePack:
    """One pack as it was issued: for a provider, under a rule pack, as known at an instant.

    Shape: text is canonical JSON; digest is the SHA-256 of its UTF-8 bytes, hexadecimal.
    """

    id: UUID
    version: int
    organisation: str
    digest: str
    pack: str
    pack_version: str
    at: datetime
    issued_at: datetime
    text: str


def issue(
    known: Known, *, pack: RulePack, at: datetime, now: datetime
) -> tuple[EvidencePack, tuple[EvidencePackIssued, ...]]:
    """Put together what was known at an instant; the same question gives the same pack."""
    written = content(known, pack=pack, at=at)
    own = digest(written)
    organisation = known.provider.organisation
    issued = EvidencePack(
        id=derived_id("evidence-pack", own),
        version=1,
        organisation=organisation,
        digest=own,
        pack=pack.id,
        pack_version=pack.version,
        at=at,
        issued_at=now,
        text=canonical(written),
    )
    event = EvidencePackIssued(
        aggregate=issued.id,
        version=1,
        organisation=organisation,
        digest=own,
        pack=pack.id,
        pack_version=pack.version,
        at=at,
        issued_at=now,
    )
    return issued, (event,)


def check_past(at: datetime, *, now: datetime) -> None:
    """Hold the instant of a pack to what can be known.

    Raises:
        Invalid: at-in-future.
    """
    if at > now:
        raise Invalid(
            "at-in-future",
            "What will be known then is not known.",
            pointer="/body/at",
            satisfied_by="A past instant.",
        )


def content(known: Known, *, pack: RulePack, at: datetime) -> Mapping[str, Any]:
    """Write what a pack holds: identity, declaration, the documents that hold, and professionals in numbers."""
    documents = [document for document in known.documents if document.holds(at)]
    return {
        "format": FORMAT,
        "at": _instant(at),
        "pack": pack.id,
        "pack_version": pack.version,
        "organisation": known.provider.organisation,
        "identity": _identity(known.provider),
        "declaration": _declaration(known.declaration) if known.declaration else None,
        "documents": [_document(one) for one in sorted(documents, key=lambda one: (one.paper.document_type, one.id))],
        "professionals": _professionals(known, pack, at),
    }


def _identity(provider: Provider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "legal_form": provider.legal_form,
        "identifiers": [{"scheme": one.scheme, "id": one.id} for one in provider.identifiers],
        "former_names": [
            {"name": one.name, "since": _day(one.since), "until": _day(one.until)} for one in provider.former_names
        ],
        "address": asdict(provider.public_address) if provider.public_address else None,
        "merged_into": provider.merged_into,
        "status": provider.status.value,
        "verified_at": _instant(provider.verified_at) if provider.verified_at else None,
        "verified_until": _day(provider.valid_until),
    }


def _declaration(declaration: Declaration) -> dict[str, Any]:
    criteria = criteria_of(pinned_pack(declaration.pack, declaration.pack_version))
    return {
        "pack_version": declaration.pack_version,
        "declared_at": _instant(declaration.declared_at),
        "valid_until": _instant(declaration.valid_until),
        "answers": [
            {
                "criterion": one.criterion,
                "kind": criteria[one.criterion].kind.value,
                "question": criteria[one.criterion].question,
                "rule": criteria[one.criterion].reference.rule,
                "source": criteria[one.criterion].reference.source,
                "answer": one.answer,
                "explanation": one.explanation,
            }
            for one in sorted(declaration.answers, key=lambda one: one.criterion)
        ],
    }


def _document(document: Document) -> dict[str, Any]:
    paper = document.paper
    return {
        "document_type": paper.document_type,
        "issuer": paper.issuer,
        "number": paper.number,
        "issued_on": paper.issued_on.isoformat(),
        "valid_from": paper.valid_from.isoformat(),
        "valid_until": paper.valid_until.isoformat(),
        "digest": paper.digest,
        "criteria": sorted(paper.criteria),
        "accepted_at": _instant(document.decided_at) if document.decided_at else None,
    }


def _professionals(known: Known, pack: RulePack, at: datetime) -> dict[str, Any]:
    day, organisation = pack.calendar.day_of(at), known.provider.organisation
    present = [one for one in known.professionals if one.employer_on(day) == organisation]
    held = [{item.certificate_type for item in one.certificates if item.holds(day)} for one in present]
    types = sorted(set().union(*held))
    return {
        "count": len(present),
        "certificates": [
            {"certificate_type": name, "professionals": sum(name in one for one in held)} for name in types
        ],
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
