"""Whether a provider is of those for whom contracts may be reserved, by what it declared and has evidence for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from provider_registry.domain.finding import Finding, Purpose
from shared.kernel.calendar import anniversary
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.result import Verdict

# What a status is called: the list of its conditions, and the rule of how long ago the last such award is at least.
_CONDITIONS: Mapping[str, tuple[tuple[str, str | None], ...]] = {
    "participating": (
        ("reserved.participation-conditions", "reserved.participation-years"),
        ("reserved.mutual-conditions", "reserved.mutual-years"),
    ),
    "social-organisation": (("reserved.social-organisation-conditions", None),),
}
_SHARES = ("reserved.sheltered-share", "reserved.supported-share")
_FOR = frozenset({Purpose.TENDERS})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that a provider says it meets or does not, and the document that shows it (SHA-256), if any."""

    name: str
    met: bool
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class ReservedAward:
    """A reserved contract that an office awarded to the provider on a day."""

    buyer: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedFacts:
    """What a provider declares for reserved contracts; version 0 is that of whom nothing is known.

    Units: staff and disadvantaged in persons.
    """

    id: UUID
    version: int
    organisation: str
    conditions: tuple[Condition, ...] = ()
    staff: int | None = None
    disadvantaged: int | None = None
    staff_evidence: str | None = None
    awards: tuple[ReservedAward, ...] = ()

    def declare(
        self,
        *,
        conditions: tuple[Condition, ...],
        staff: int | None,
        disadvantaged: int | None,
        staff_evidence: str | None,
        awards: tuple[ReservedAward, ...],
        today: date,
    ) -> "ReservedFacts":
        """Declare anew; what was declared before stays known of its time.

        Raises:
            Invalid: condition-repeated, disadvantaged-above-staff, event-in-future.
        """
        if len({one.name for one in conditions}) != len(conditions):
            raise Invalid("condition-repeated", "A condition is declared once.", pointer="/body/conditions")
        if (disadvantaged or 0) > (staff or 0):
            raise Invalid("disadvantaged-above-staff", "They are a part of the staff.", pointer="/body/disadvantaged")
        if any(award.day > today for award in awards):
            raise Invalid("event-in-future", "What is declared has happened.", pointer="/body/awards")
        return replace(
            self,
            version=self.version + 1,
            conditions=conditions,
            staff=staff,
            disadvantaged=disadvantaged,
            staff_evidence=staff_evidence,
            awards=awards,
        )


def nothing_declared(organisation: str) -> ReservedFacts:
    """Begin with a provider that has declared nothing."""
    return ReservedFacts(id=derived_id("reserved-facts", organisation), version=0, organisation=organisation)


def reserved_findings(
    facts: ReservedFacts, pack: RulePack, at: datetime, buyer: str | None
) -> Mapping[str, tuple[Finding, ...]]:
    """Find for each status that a pack knows what speaks for and against it, for contracts of a buyer."""
    statuses = {
        status: tuple(_of_conditions(facts, pack, at, buyer, conditions, years))
        for status, rules in _CONDITIONS.items()
        for conditions, years in rules
        if conditions in pack.rules
    }
    shares = tuple(_share(facts, pack, rule_id) for rule_id in _SHARES if rule_id in pack.rules)
    return {**statuses, **({"sheltered": shares} if shares else {})}


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """Put findings together: one that fails decides, and then one that is missing."""
    verdicts = {one.verdict for one in findings}
    return next((one for one in (Verdict.FAIL, Verdict.UNRESOLVED) if one in verdicts), Verdict.PASS)


def _of_conditions(
    facts: ReservedFacts, pack: RulePack, at: datetime, buyer: str | None, rule_id: str, years: str | None
) -> Iterator[Finding]:
    declared = {one.name: one for one in facts.conditions}
    for name in pack.choice(rule_id):
        one = declared.get(name)
        missing = () if one is not None and (one.evidence or not one.met) else (name,)
        verdict = Verdict.UNRESOLVED if missing or one is None else Verdict.PASS if one.met else Verdict.FAIL
        yield Finding(
            code=name,
            verdict=verdict,
            text=pack.rule(rule_id).title,
            purposes=_FOR,
            reference=pack.reference(rule_id),
            evidence=(one.evidence,) if one is not None and one.evidence else (),
            missing=missing,
        )
    if years is not None and years in pack.rules:
        yield _last_award(facts, pack, at, buyer, years)


def _last_award(facts: ReservedFacts, pack: RulePack, at: datetime, buyer: str | None, rule_id: str) -> Finding:
    passed = Finding(
        code="reserved-award",
        verdict=Verdict.PASS,
        text=pack.rule(rule_id).title,
        purposes=_FOR,
        reference=pack.reference(rule_id),
    )
    if buyer is None:
        return replace(passed, verdict=Verdict.UNRESOLVED, missing=("buyer",))
    today = pack.calendar.day_of(at)
    days = [award.day for award in facts.awards if award.buyer == buyer and award.day <= today]
    if not days:
        return passed
    again = anniversary(max(days), int(pack.number(rule_id)))
    if again <= today:
        return passed
    return replace(passed, verdict=Verdict.FAIL, until=pack.calendar.end_of(again - timedelta(days=1)))


def _share(facts: ReservedFacts, pack: RulePack, rule_id: str) -> Finding:
    missing = tuple(
        name
        for name, value in (
            ("staff", facts.staff),
            ("disadvantaged", facts.disadvantaged),
            ("staff_evidence", facts.staff_evidence),
        )
        if not value and value != 0
    )
    staff = facts.staff or 0
    enough = staff > 0 and Fraction(facts.disadvantaged or 0, staff) >= pack.fraction(rule_id)
    return Finding(
        code="disadvantaged-staff",
        verdict=Verdict.UNRESOLVED if missing else Verdict.PASS if enough else Verdict.FAIL,
        text=pack.rule(rule_id).title,
        purposes=_FOR,
        reference=pack.reference(rule_id),
        evidence=(facts.staff_evidence,) if facts.staff_evidence else (),
        missing=missing,
    )
