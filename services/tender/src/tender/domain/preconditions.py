"""What must hold before a tender is published: every rule of the pack that the preparation can answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.checks import Check, check_rule
from shared.rules.facts import Facts
from shared.rules.gates import COUNTS, gates
from shared.rules.pack import PackRule, RulePack
from shared.rules.result import RuleResult, Verdict, require
from tender.domain.case import ANSWERABLE, DEADLINE, DRAFT, OF_DEADLINE, Case, facts_of, where_said
from tender.domain.exception import RuleException
from tender.domain.procurement import FAILED_TENDER, RESERVED, SINGLE_SOURCE
from tender.domain.standstill import unstated


@dataclass(frozen=True, slots=True)
class Precondition:
    """One rule's verdict; an exception stands beside what the rule says and never changes it."""

    check: Check
    exception: RuleException | None = None

    @property
    def verdict(self) -> str:
        """Name the verdict: one of the four, or excepted."""
        return "excepted" if self.exception is not None else self.check.result.verdict.value

    @property
    def met(self) -> bool:
        """Say whether the rule lets the tender be published."""
        return self.exception is not None or self.check.result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}


def preconditions(case: Case, facts: Facts, pack: RulePack) -> tuple[Precondition, ...]:
    """Hold the tender to every rule that the preparation can answer, in the order of the rules' ids.

    Shape: facts as facts_of() gathers them. Of the rules that count bids those are among them of which it cannot be
    told whether they will bind: once bids are there it is too late to ask.
    """
    checks = [check_rule(rule, facts, pack.calendar) for rule in pack.rules.values() if _answerable(rule)]
    checks += _undecided_gates(facts, pack)
    # What the standstill hangs on is asked for while it can still be said.
    checks += [_unresolved(rule, missing) for rule, missing in unstated(case.tender.content, pack)]
    return tuple(_precondition(check, case) for check in sorted(checks, key=lambda check: check.rule.id))


def _unresolved(rule: PackRule, missing: tuple[str, ...]) -> Check:
    reference = RuleReference(rule.id, rule.source)
    return Check(rule, RuleResult(Verdict.UNRESOLVED, reference, "A fact is not known.", missing=missing))


def require_met(case: Case, pack: RulePack, at: datetime) -> None:
    """Refuse unless every rule is met, does not apply, or was excepted.

    Raises:
        NotAllowed: the failed rule's id with dashes; facts-missing, naming what is missing and where it is said;
            deadline-missing, deadline-before-funding; objection-upheld; failed-tender-missing.
    """
    _check_asked(case, pack, at)
    facts = facts_of(case, pack, at)
    open_ones = [item for item in preconditions(case, facts, pack) if not item.met]
    failed = next((item for item in open_ones if item.check.result.verdict is Verdict.FAIL), None)
    if failed is not None:
        require(failed.check.result)
    _check_deadline(facts, open_ones, pack)
    if open_ones:
        missing = tuple(dict.fromkeys(path for item in open_ones for path in item.check.result.missing))
        result = open_ones[0].check.result
        raise NotAllowed(
            "facts-missing",
            f"Rules cannot be decided without: {', '.join(missing)}.",
            reference=result.rule,
            satisfied_by=f"{'; '.join(f'{path} in {where_said(path)}' for path in missing)}.",
        )
    _check_publicity(case, pack)
    if case.tender.content.procurement.ground == FAILED_TENDER and case.follows is None:
        raise NotAllowed(
            "failed-tender-missing",
            "Its ground is a failed tender, and it names none.",
            reference=pack.reference("tender-from-plan"),
            satisfied_by=f"follows in {DRAFT}.",
        )


def _check_asked(case: Case, pack: RulePack, at: datetime) -> None:
    asked = case.tender.content.procurement.closes_at
    answer_due = pack.ends_at("funding-answer", at, case.tender.acceleration)
    if asked is not None and asked <= answer_due:
        raise NotAllowed(
            "deadline-before-funding",
            "The deadline passes before the budget has to answer.",
            reference=pack.reference("funding-answer"),
            satisfied_by="A later deadline in the draft.",
        )


def _check_deadline(facts: Facts, open_ones: list[Precondition], pack: RulePack) -> None:
    missing = {path for item in open_ones for path in item.check.result.missing}
    if missing <= OF_DEADLINE and DEADLINE not in facts:
        raise NotAllowed(
            "deadline-missing",
            "No period of the rule pack sets the deadline here.",
            reference=RuleReference("tender-period", pack.title),
            satisfied_by=f"closes_at in {DRAFT}.",
        )


def _check_publicity(case: Case, pack: RulePack) -> None:
    single = case.tender.content.procurement.method == SINGLE_SOURCE
    if single and case.publicity is not None and case.publicity.upheld:
        raise NotAllowed(
            "objection-upheld",
            "An objection against asking one provider alone was found right.",
            reference=pack.reference("method.single-source.objection-review"),
            satisfied_by="Another method.",
        )


def _answerable(rule: PackRule) -> bool:
    if rule.check is None or rule.check.fact not in ANSWERABLE:
        return False
    # Of all roles in a project those of the demand alone are known before the tender.
    return rule.kind != "roles" or rule.value["role"] == "demand-author"


def _undecided_gates(facts: Facts, pack: RulePack) -> Iterator[Check]:
    # Who states no reservation makes none.
    supposed = {RESERVED: False, **facts, **dict.fromkeys(COUNTS.values(), Fraction(0))}
    for rule in (rule for stage in COUNTS for rule in gates(pack, stage)):
        check = check_rule(rule, supposed, pack.calendar)
        if check.result.verdict is Verdict.UNRESOLVED:
            yield check


def _precondition(check: Check, case: Case) -> Precondition:
    if check.result.verdict is not Verdict.FAIL:
        return Precondition(check)
    covering = (item for item in case.exceptions if item.covers(check.rule, case.tender.content))
    return Precondition(check, next(covering, None))
