"""What a provider's declaration and documents say for and against it at an instant."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from provider_registry.domain.criteria import Criterion, criteria_of
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document, DocumentState
from provider_registry.domain.finding import Finding, Purpose
from shared.rules.pack import RulePack
from shared.rules.result import Verdict

PROOF = "evidence.purposes"
# Who has delivered is paid, whatever it has not declared.
_DECLARED_FOR = frozenset({Purpose.TENDERS, Purpose.ORDERS})
_DECIDED = frozenset({DocumentState.ACCEPTED, DocumentState.EXPIRED})


def document_findings(
    documents: Sequence[Document], declarations: Sequence[Declaration], pack: RulePack, at: datetime
) -> tuple[Finding, ...]:
    """Find for every criterion of a pack what was declared, and whether documents prove it where the pack asks so."""
    declaration = next(
        (one for one in declarations if one.pack == pack.id and one.declared_at <= at < one.valid_until), None
    )
    purposes = frozenset(Purpose(name) for name in pack.choice(PROOF))
    return tuple(
        finding
        for criterion in criteria_of(pack).values()
        for finding in _findings(criterion, declaration, documents, purposes, at)
    )


def _findings(
    criterion: Criterion,
    declaration: Declaration | None,
    documents: Sequence[Document],
    purposes: frozenset[Purpose],
    at: datetime,
) -> Iterator[Finding]:
    declared = _declared(criterion, declaration)
    yield declared
    if declared.verdict is Verdict.PASS and criterion.proof and purposes:
        yield _proved(criterion, documents, purposes, at)


def _declared(criterion: Criterion, declaration: Declaration | None) -> Finding:
    code, answer = f"declared.{criterion.id}", declaration.answer_to(criterion.id) if declaration else None
    if declaration is None or answer is None:
        return Finding(
            code=code,
            verdict=Verdict.UNRESOLVED,
            text=f"Not declared: {criterion.question}",
            purposes=_DECLARED_FOR,
            reference=criterion.reference,
            missing=(criterion.id,),
        )
    against = criterion.goes_against(answer=answer.answer)
    return Finding(
        code=code,
        verdict=Verdict.FAIL if against else Verdict.PASS,
        text=f"{criterion.question} Declared: {'yes' if answer.answer else 'no'}.",
        purposes=_DECLARED_FOR,
        reference=criterion.reference,
        since=declaration.declared_at,
        until=declaration.valid_until,
    )


def _proved(criterion: Criterion, documents: Sequence[Document], purposes: frozenset[Purpose], at: datetime) -> Finding:
    code = f"proved.{criterion.id}"
    proofs = [
        one
        for one in documents
        if one.state in _DECIDED and criterion.id in one.paper.criteria and one.paper.document_type in criterion.proof
    ]
    if holding := [one for one in proofs if one.holds(at)]:
        last = max(holding, key=lambda one: one.expires_at)
        return Finding(
            code=code,
            verdict=Verdict.PASS,
            text=f"A document proves it: {last.paper.document_type}.",
            purposes=purposes,
            reference=criterion.reference,
            evidence=tuple(sorted(one.paper.digest for one in holding)),
            since=min(one.holds_from for one in holding),
            until=last.expires_at,
        )
    next_one = min((one.holds_from for one in proofs if one.holds_from > at), default=None)
    if ended := [one for one in proofs if one.expires_at <= at]:
        last = max(ended, key=lambda one: one.expires_at)
        return Finding(
            code=code,
            verdict=Verdict.FAIL,
            text=f"The document that proved it has expired: {last.paper.document_type}.",
            purposes=purposes,
            reference=criterion.reference,
            evidence=(last.paper.digest,),
            since=last.expires_at,
            until=next_one,
        )
    return Finding(
        code=code,
        verdict=Verdict.UNRESOLVED,
        text=f"No accepted document proves it; one of these does: {', '.join(criterion.proof)}.",
        purposes=purposes,
        reference=criterion.reference,
        until=next_one,
        missing=criterion.proof,
    )
