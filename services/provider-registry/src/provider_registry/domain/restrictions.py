"""From what a provider is kept at an instant, until when, and by which decision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from provider_registry.domain.case import Case
from provider_registry.domain.case_decision import reference_of
from provider_registry.domain.case_parts import CaseKind
from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.grounds import grounds_of
from shared.kernel.errors import RuleReference
from shared.rules.pack import RulePack, pack_of
from shared.rules.result import Verdict

EVERYTHING = frozenset(Purpose)


@dataclass(frozen=True, slots=True)
class Restriction:
    """One decision that keeps a provider from something; until is none where only a settlement ends it."""

    case: UUID
    kind: CaseKind
    ground: str | None
    since: datetime
    until: datetime | None
    reference: RuleReference


def restrictions(cases: Iterable[Case], at: datetime) -> dict[Purpose, tuple[Restriction, ...]]:
    """Return what is in force at an instant for each purpose, the longest first."""
    holding = [(case, _restriction(case)) for case in cases if case.holds_at(at)]
    return {
        purpose: tuple(sorted((one for case, one in holding if purpose in case.scopes), key=_longest_first))
        for purpose in Purpose
    }


def case_findings(cases: Sequence[Case], pack: RulePack, at: datetime) -> tuple[Finding, ...]:
    """Find what was decided in cases and is in force; a ground counts under a pack that knows it."""
    known = grounds_of(pack)
    found = [
        Finding(
            code=_code(case),
            verdict=Verdict.FAIL,
            text=_TEXTS[case.kind],
            purposes=frozenset(case.scopes),
            reference=restriction.reference,
            evidence=(str(case.id),),
            since=restriction.since,
            until=restriction.until,
        )
        for case in cases
        if case.holds_at(at) and (case.kind is not CaseKind.GROUND or case.ground in known)
        for restriction in (_restriction(case),)
    ]
    if found:
        return tuple(found)
    nothing = Finding(
        code="not-restricted",
        verdict=Verdict.PASS,
        text="No debarment, no suspension and no ground of exclusion is in force.",
        purposes=EVERYTHING,
        reference=pack.reference("exclusion.debarred"),
    )
    return (nothing,)


def case_instants(cases: Iterable[Case], at: datetime) -> tuple[datetime, ...]:
    """Return when decisions that do not hold yet will."""
    decisions = (case.decision for case in cases if case.clock_at is not None)
    starts = (decision.in_force_from for decision in decisions if decision is not None)
    return tuple(start for start in starts if start is not None and start > at)


_TEXTS = {
    CaseKind.GROUND: "A ground of exclusion was found and counts.",
    CaseKind.DEBARMENT: "The provider is debarred.",
    CaseKind.SUSPENSION: "The provider is suspended.",
}


def _code(case: Case) -> str:
    match case.kind:
        case CaseKind.GROUND:
            return case.ground or "excluded"
        case CaseKind.DEBARMENT:
            return "debarred"
        case CaseKind.SUSPENSION:
            return "suspended"


def _restriction(case: Case) -> Restriction:
    decision = case.decision
    assert decision is not None  # noqa: S101 - what holds was decided
    assert decision.in_force_from is not None  # noqa: S101 - and from an instant on
    reference = reference_of(case, pack_of(case))
    return Restriction(case.id, case.kind, case.ground, decision.in_force_from, decision.until, reference)


def _longest_first(one: Restriction) -> tuple[bool, float]:
    return (one.until is not None, -one.until.timestamp() if one.until else 0.0)
