"""On which grounds a pack excludes a provider, and for how long each counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.kernel.calendar import anniversary
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.pack import RulePack

RECURRENCE, JUDGMENT = "exclusion.recurrence", "exclusion.judgment-term"
LARGE_FINE, FABRICATED, TAXES, POOR = "large-fine", "fabricated-complaint", "taxes-owed", "poor-performance"


@dataclass(frozen=True, slots=True)
class Ground:
    """Name one ground, the rule that has it and the rule that says for how long it counts.

    Shape: a mandatory ground leaves no choice; a discretionary one excludes only because it was so decided.
    """

    code: str
    named_by: str
    term: str
    mandatory: bool


# A list of grounds, and the rule of their term.
_LISTS = (
    ("exclusion.mandatory-grounds", "exclusion.mandatory", True),
    ("exclusion.major-violation-kinds", "exclusion.major-violation", True),
    ("exclusion.ban-grounds", "exclusion.ban", True),
    ("exclusion.discretionary-grounds", "exclusion.discretionary", False),
    ("exclusion.discretionary-short-grounds", "exclusion.discretionary-short", False),
)
# A ground that has a rule of its own.
_SINGLE = (
    Ground(TAXES, "exclusion.taxes", "exclusion.taxes", mandatory=True),
    Ground(FABRICATED, "complaint.fabricated-ban", "complaint.fabricated-ban", mandatory=True),
    Ground(POOR, "exclusion.poor-performance", "exclusion.discretionary-short", mandatory=False),
)


def grounds_of(pack: RulePack) -> Mapping[str, Ground]:
    """Return the grounds that a pack knows, by their codes."""
    listed = [
        Ground(code, list_id, term, mandatory)
        for list_id, term, mandatory in _LISTS
        if list_id in pack.rules
        for code in pack.choice(list_id)
    ]
    single = [one for one in _SINGLE if one.named_by in pack.rules and one.term in pack.rules]
    return {ground.code: ground for ground in (*listed, *single)}


def ground_of(pack: RulePack, code: str) -> Ground:
    """Find a ground.

    Raises:
        Invalid: ground-unknown.
    """
    known = grounds_of(pack)
    if code not in known:
        raise Invalid(
            "ground-unknown",
            "The rule pack has no such ground of exclusion.",
            satisfied_by=f"One of: {', '.join(sorted(known))}.",
            pointer="/body/ground",
        )
    return known[code]


@dataclass(frozen=True, slots=True)
class Term:
    """Hold until when something counts: until is the first instant at which it does not, none until it is settled."""

    until: datetime | None
    reference: RuleReference


def ground_term(
    ground: Ground, pack: RulePack, *, event_day: date, in_force_from: datetime, last_day: date | None
) -> Term:
    """Compute until when a ground counts.

    Shape: last_day is what the decision names, where the pack leaves it a choice; it is none otherwise.

    Raises:
        Invalid: term-missing, term-not-to-be-chosen.
        NotAllowed: term-out-of-bounds, ground-expired.
    """
    rule, reference = pack.rule(ground.term), pack.reference(ground.term)
    if rule.kind == "bounds":
        return bounded_term(pack, ground.term, in_force_from=in_force_from, last_day=last_day)
    if last_day is not None and not (ground.mandatory and JUDGMENT in pack.rules and pack.flag(JUDGMENT)):
        raise Invalid(
            "term-not-to-be-chosen",
            "The rule pack says for how long the ground counts.",
            reference=reference,
            satisfied_by="A decision that names no last day.",
            pointer="/body/last_day",
        )
    if rule.kind == "flag":
        return Term(None, reference)
    if last_day is None:
        # "More than three years ago" is true only on the day after the anniversary.
        strictly = 0 if rule.inequality == "strict" else 1
        last_day = anniversary(event_day, int(pack.number(ground.term))) - timedelta(days=strictly)
    until = pack.calendar.end_of(last_day)
    if until <= in_force_from:
        raise NotAllowed(
            "ground-expired",
            "The ground does not count any more.",
            reference=reference,
            satisfied_by="An event that is not as long ago.",
        )
    return Term(until, reference)


def bounded_term(pack: RulePack, rule_id: str, *, in_force_from: datetime, last_day: date | None) -> Term:
    """Hold the last day that a decision names to the least and the most years that the pack leaves it.

    Raises:
        Invalid: term-missing.
        NotAllowed: term-out-of-bounds.
    """
    bounds, reference = pack.table(rule_id), pack.reference(rule_id)
    span = f"From {bounds['min']} to {bounds['max']} years."
    if last_day is None:
        raise Invalid(
            "term-missing",
            "The decision names the last day.",
            reference=reference,
            satisfied_by=span,
            pointer="/body/last_day",
        )
    first, day = pack.calendar.day_of(in_force_from), timedelta(days=1)
    least, most = (anniversary(first, int(bounds[end])) - day for end in ("min", "max"))
    if not least <= last_day <= most:
        raise NotAllowed(
            "term-out-of-bounds",
            "The rule pack leaves the decision another term.",
            reference=reference,
            satisfied_by=span,
        )
    return Term(pack.calendar.end_of(last_day), reference)
