"""What the entry of a provider says for and against it at an instant."""

from datetime import date, datetime

from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.legal_forms import Kind, legal_form_kind
from provider_registry.domain.provider import Provider
from shared.rules.pack import RulePack
from shared.rules.result import Verdict

# Who has delivered is paid, whatever became of its verification.
_NEW_WORK = frozenset({Purpose.TENDERS, Purpose.ORDERS})
KINDS, INDIVIDUALS = "provider.kinds-excluded", "provider.individual-evidence"
_MERGED = Finding(
    code="provider-merged",
    verdict=Verdict.FAIL,
    text="The entry was given up for another one of the same organisation.",
    purposes=_NEW_WORK,
)


def identity_findings(provider: Provider | None, pack: RulePack, at: datetime) -> tuple[Finding, ...]:
    """Find whether a provider is verified, whole, and of a kind that a pack lets provide services."""
    if provider is None:
        return (_verified(None, pack, at),)
    if provider.merged_into is not None:
        return (_MERGED,)
    found = (_kind(provider, pack), _individual(provider, pack), _consortium(provider))
    return (_verified(provider, pack, at), *(one for one in found if one is not None))


def _verified(provider: Provider | None, pack: RulePack, at: datetime) -> Finding:
    last_day = _verified_until(provider, at)
    if provider is None or last_day is None or pack.calendar.end_of(last_day) <= at:
        return Finding(
            code="provider-not-verified",
            verdict=Verdict.FAIL,
            text="Two officers have not verified the provider, or what they verified has expired.",
            purposes=_NEW_WORK,
            reference=pack.reference("bidder-verified"),
        )
    return Finding(
        code="provider-verified",
        verdict=Verdict.PASS,
        text="Two officers have verified the provider.",
        purposes=_NEW_WORK,
        reference=pack.reference("bidder-verified"),
        evidence=tuple(sorted(document.digest for document in provider.evidence)),
        since=provider.verified_at,
        until=pack.calendar.end_of(last_day),
    )


def _verified_until(provider: Provider | None, at: datetime) -> date | None:
    if provider is None or provider.verified_at is None or provider.verified_at > at:
        return None
    return provider.valid_until


def _kind(provider: Provider, pack: RulePack) -> Finding | None:
    if KINDS not in pack.rules:
        return None
    excluded = not {provider.legal_form, legal_form_kind(provider.legal_form)}.isdisjoint(pack.choice(KINDS))
    return Finding(
        code="kind-excluded" if excluded else "kind-admitted",
        verdict=Verdict.FAIL if excluded else Verdict.PASS,
        text=f"Organisations of this kind {'do not' if excluded else 'may'} provide services.",
        purposes=_NEW_WORK,
        reference=pack.reference(KINDS),
    )


def _individual(provider: Provider, pack: RulePack) -> Finding | None:
    """Find whether an individual has shown what a pack asks of individuals, where it asks for anything."""
    if legal_form_kind(provider.legal_form) is not Kind.INDIVIDUAL or INDIVIDUALS not in pack.rules:
        return None
    asked = pack.choice(INDIVIDUALS)
    shown = tuple(sorted(one.digest for one in provider.evidence if one.document_type in asked))
    return Finding(
        code="individual-suitable" if shown else "individual-suitability-open",
        verdict=Verdict.PASS if shown else Verdict.UNRESOLVED,
        text="It is shown that individuals may provide the service."
        if shown
        else "Nothing shows that individuals may.",
        purposes=_NEW_WORK,
        reference=pack.reference(INDIVIDUALS),
        evidence=shown,
        missing=() if shown else tuple(f"evidence.{kind}" for kind in asked),
    )


def _consortium(provider: Provider) -> Finding | None:
    if legal_form_kind(provider.legal_form) is not Kind.CONSORTIUM or provider.members:
        return None
    return Finding(
        code="consortium-members-open",
        verdict=Verdict.UNRESOLVED,
        text="The consortium has not named its members.",
        purposes=_NEW_WORK,
        missing=("provider.members",),
    )
