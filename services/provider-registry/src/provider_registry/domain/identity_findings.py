"""What the entry of a provider says for and against it at an instant."""

from datetime import date, datetime

from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.provider import Provider
from shared.rules.pack import RulePack
from shared.rules.result import Verdict

# Who has delivered is paid, whatever became of its verification.
_NEW_WORK = frozenset({Purpose.TENDERS, Purpose.ORDERS})
KINDS = "provider.kinds-excluded"
_MERGED = Finding(
    code="provider-merged",
    verdict=Verdict.FAIL,
    text="The entry was given up for another one of the same organisation.",
    purposes=_NEW_WORK,
)


def identity_findings(provider: Provider | None, pack: RulePack, at: datetime) -> tuple[Finding, ...]:
    """Find whether a provider is verified, and of a kind that a pack lets provide services."""
    if provider is not None and provider.merged_into is not None:
        return (_MERGED,)
    kind = _kind(provider, pack) if provider is not None and KINDS in pack.rules else None
    return (_verified(provider, pack, at), *([kind] if kind else []))


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


def _kind(provider: Provider, pack: RulePack) -> Finding:
    excluded = str(provider.legal_form) in pack.choice(KINDS)
    return Finding(
        code="kind-excluded" if excluded else "kind-admitted",
        verdict=Verdict.FAIL if excluded else Verdict.PASS,
        text=f"Organisations of this kind {'do not' if excluded else 'may'} provide services.",
        purposes=_NEW_WORK,
        reference=pack.reference(KINDS),
    )
