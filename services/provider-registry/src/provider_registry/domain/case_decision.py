"""What another body decides in a case, what the provider brings against it, and what it does about itself."""

from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from provider_registry.domain.case import Case, Change, end, no_repetition, of
from provider_registry.domain.case_events import (
    CaseAppealDecided,
    CaseAppealed,
    CaseDecided,
    CaseEvent,
    SelfCleaningHeard,
    SelfCleaningOffered,
)
from provider_registry.domain.case_parts import (
    CASE,
    Appeal,
    Body,
    CaseKind,
    CaseStatus,
    Decision,
    Ending,
    SelfCleaning,
)
from provider_registry.domain.grounds import RECURRENCE, Term, bounded_term, ground_of, ground_term
from shared.kernel.errors import Forbidden, Invalid, NotAllowed, RuleReference
from shared.rules.pack import RulePack

STANDSTILL, HEARD = "debarment.standstill", "exclusion.self-cleaning-heard"
APPEAL, REPLY = "debarment.appeal", "case.reply-heard"

Given = TypeVar("Given")


def reference_of(case: Case, pack: RulePack) -> RuleReference:
    """Return the rule that a case's decision rests on."""
    match case.kind:
        case CaseKind.DEBARMENT:
            return pack.reference("exclusion.debarred")
        case CaseKind.SUSPENSION:
            return pack.reference("suspension.longest")
        case CaseKind.GROUND:
            return pack.reference(ground_of(pack, _there(case.ground)).term)


def decide(
    case: Case,
    by: Body,
    pack: RulePack,
    *,
    at: datetime,
    upheld: bool,
    reasons: str,
    last_day: date | None = None,
    likely_to_recur: bool | None = None,
) -> Change:
    """Decide as another body, once the provider has replied or the time for it is over.

    Raises:
        NotAllowed: case-not-notified, reply-period-open, self-cleaning-unheard, recurrence-not-found,
            term-out-of-bounds, suspension-too-long, ground-expired.
        Forbidden: another-body-needed.
        Invalid: term-missing, term-not-to-be-chosen, last-day-passed, recurrence-missing.
    """
    CASE.admit("decide", case.status, pack)
    _another_body(case, by, pack)
    _heard(case, pack, at)
    decision = Decision(
        by=by,
        at=at,
        upheld=upheld,
        reasons=reasons,
        appeal_until=pack.ends_at(APPEAL, at),
        likely_to_recur=likely_to_recur,
    )
    status, rule = CaseStatus.DISMISSED, None
    if upheld:
        _recurs(case, pack, likely_to_recur)
        in_force_from = at
        if case.kind is CaseKind.DEBARMENT and STANDSTILL in pack.rules:
            in_force_from = pack.ends_at(STANDSTILL, at)
        term = _term(case, pack, in_force_from, last_day)
        decision = replace(decision, in_force_from=in_force_from, until=term.until)
        status, rule = (CaseStatus.IN_FORCE if in_force_from <= at else CaseStatus.DECIDED), term.reference
    decided = replace(
        case,
        version=case.version + 1,
        status=CASE.move("decide", case.status, status, pack),
        decision=decision,
        decision_due=None,
    )
    event = CaseDecided(
        **of(decided),
        upheld=upheld,
        decided_by=by.organisation,
        scopes=decided.scopes,
        reference=rule,
        in_force_from=decision.in_force_from,
        until=decision.until,
        appeal_until=decision.appeal_until,
    )
    return decided, (event,)


def settle(case: Case, by: Body, evidence: tuple[str, ...], pack: RulePack, *, at: datetime) -> Change:
    """End what counts until it is settled.

    Raises:
        NotAllowed: case-not-decided, settlement-ends-nothing.
        Forbidden: another-body-needed.
        Invalid: evidence-missing.
    """
    CASE.admit("settle", case.status, pack)
    _another_body(case, by, pack)
    if _there(case.decision).until is not None:
        raise NotAllowed("settlement-ends-nothing", "The decision ends with its term, and not with a settlement.")
    if not evidence:
        raise Invalid("evidence-missing", "Evidence shows that it is settled.", pointer="/body/evidence")
    no_repetition(evidence)
    return end(case, Ending.SETTLED, at=at)


def appeal(case: Case, grounds: str, pack: RulePack, *, at: datetime) -> Change:
    """Appeal as the provider, once and within the time for it; what was decided holds meanwhile.

    Raises:
        NotAllowed: case-not-decided, already-appealed, nothing-to-appeal, appeal-period-over.
    """
    CASE.admit("appeal", case.status, pack)
    if case.appeal is not None:
        raise NotAllowed("already-appealed", "An appeal was made.")
    if case.decision is None or case.because in {Ending.APPEAL, Ending.SELF_CLEANED}:
        raise NotAllowed("nothing-to-appeal", "There is no decision that holds, or held to its end.")
    if at >= case.decision.appeal_until:
        raise NotAllowed(
            "appeal-period-over",
            "The time for an appeal is over.",
            reference=pack.reference(APPEAL),
            satisfied_by="Self-cleaning, where the rule pack has it heard, or the end of the term.",
        )
    due = pack.ends_at("case.decision-period", at)
    appealed = replace(case, version=case.version + 1, appeal=Appeal(at=at, grounds=grounds, decision_due=due))
    return appealed, (CaseAppealed(**of(appealed), appealed_at=at, decision_due=due),)


def decide_appeal(case: Case, by: Body, pack: RulePack, *, at: datetime, upheld: bool, reasons: str) -> Change:
    """Decide an appeal as a body that has decided nothing in the case before.

    Raises:
        NotAllowed: appeal-missing.
        Forbidden: another-body-needed.
    """
    CASE.admit("decide-appeal", case.status, pack)
    if case.appeal is None or case.appeal.decided_at is not None:
        raise NotAllowed("appeal-missing", "No appeal waits for a decision.")
    _another_body(case, by, pack)
    first = _there(case.decision).by
    if by.person == first.person or by.organisation == first.organisation:
        raise _another("case.appeal-to-another-body", pack)
    decided = replace(
        case,
        version=case.version + 1,
        appeal=replace(case.appeal, decided_by=by, decided_at=at, upheld=upheld, reasons=reasons),
    )
    told: tuple[CaseEvent, ...] = (CaseAppealDecided(**of(decided), upheld=upheld, decided_by=by.organisation),)
    if not upheld or case.status is CaseStatus.ENDED:
        return decided, told
    ended, events = end(decided, Ending.APPEAL, at=at)
    return ended, (*told, *events)


def offer_self_cleaning(
    case: Case, measures: str, evidence: tuple[str, ...], pack: RulePack, *, at: datetime
) -> Change:
    """Show as the provider what was done so that it does not happen again.

    Raises:
        NotAllowed: case-not-notified, self-cleaning-not-provided, self-cleaning-offered.
        Invalid: evidence-missing, evidence-repeated.
    """
    CASE.admit("offer", case.status, pack)
    if HEARD not in pack.rules or not pack.flag(HEARD):
        raise NotAllowed("self-cleaning-not-provided", "The rule pack has nobody heard on self-cleaning.")
    if case.cleaning is not None and not case.cleaning.heard:
        raise NotAllowed("self-cleaning-offered", "What was offered is still to be heard.")
    if not evidence:
        raise Invalid("evidence-missing", "Evidence shows what was done.", pointer="/body/evidence")
    no_repetition(evidence)
    due = pack.ends_at("exclusion.self-cleaning-decision", at)
    cleaning = SelfCleaning(at=at, measures=measures, evidence=evidence, hearing_due=due)
    offered = replace(case, version=case.version + 1, cleaning=cleaning)
    return offered, (SelfCleaningOffered(**of(offered), evidence=evidence, hearing_due=due),)


def hear_self_cleaning(case: Case, by: Body, pack: RulePack, *, at: datetime, accepted: bool, reasons: str) -> Change:
    """Decide with reasons whether a provider has cleaned itself; if it has, the case keeps it from nothing any more.

    Raises:
        NotAllowed: case-not-notified, self-cleaning-missing.
        Forbidden: another-body-needed.
    """
    CASE.admit("hear", case.status, pack)
    if case.cleaning is None or case.cleaning.heard:
        raise NotAllowed("self-cleaning-missing", "Nothing was offered that is still to be heard.")
    _another_body(case, by, pack)
    cleaning = replace(case.cleaning, heard_by=by, heard_at=at, accepted=accepted, reasons=reasons)
    heard = replace(case, version=case.version + 1, cleaning=cleaning)
    told: tuple[CaseEvent, ...] = (SelfCleaningHeard(**of(heard), accepted=accepted, heard_by=by.organisation),)
    if not accepted:
        return heard, told
    ended, events = end(heard, Ending.SELF_CLEANED, at=at)
    return ended, (*told, *events)


def _another_body(case: Case, by: Body, pack: RulePack) -> None:
    reporter = case.report.by
    if by.person == reporter.person or by.organisation in {reporter.organisation, case.organisation}:
        raise _another("case.decided-by-another-body", pack)


def _another(rule_id: str, pack: RulePack) -> Forbidden:
    return Forbidden(
        "another-body-needed",
        "Another body decides this.",
        reference=pack.reference(rule_id),
        satisfied_by="The same request from another authorised person of another organisation.",
    )


def _heard(case: Case, pack: RulePack, at: datetime) -> None:
    if case.status is CaseStatus.NOTIFIED and at < _there(case.reply_until):
        raise NotAllowed(
            "reply-period-open",
            "The provider may still reply.",
            reference=pack.reference(REPLY),
            satisfied_by="The provider's reply, or the end of the time for it.",
        )
    if case.cleaning is not None and not case.cleaning.heard:
        raise NotAllowed(
            "self-cleaning-unheard",
            "The provider has not been heard on what it did to clean itself.",
            reference=pack.reference(HEARD),
            satisfied_by="A decision, with reasons, on the self-cleaning.",
        )


def _recurs(case: Case, pack: RulePack, likely: bool | None) -> None:
    if case.kind is not CaseKind.GROUND or RECURRENCE not in pack.rules or not pack.flag(RECURRENCE):
        return
    if likely is None:
        raise Invalid(
            "recurrence-missing",
            "The decision says whether the ground continues or is likely to recur.",
            reference=pack.reference(RECURRENCE),
            pointer="/body/likely_to_recur",
        )
    if not likely:
        raise NotAllowed(
            "recurrence-not-found",
            "A ground that neither continues nor is likely to recur does not exclude.",
            reference=pack.reference(RECURRENCE),
            satisfied_by="A decision that dismisses the case.",
        )


def _term(case: Case, pack: RulePack, in_force_from: datetime, last_day: date | None) -> Term:
    match case.kind:
        case CaseKind.GROUND:
            ground = ground_of(pack, _there(case.ground))
            day = case.report.event_day
            return ground_term(ground, pack, event_day=day, in_force_from=in_force_from, last_day=last_day)
        case CaseKind.DEBARMENT:
            until = bounded_term(pack, "debarment.term", in_force_from=in_force_from, last_day=last_day).until
            return Term(until, reference_of(case, pack))
        case CaseKind.SUSPENSION:
            return _suspended(case, pack, in_force_from, last_day)


def _suspended(case: Case, pack: RulePack, in_force_from: datetime, last_day: date | None) -> Term:
    longest = pack.ends_at("suspension.longest", in_force_from)
    until = longest if last_day is None else pack.calendar.end_of(last_day)
    if until <= in_force_from:
        raise Invalid("last-day-passed", "The last day has passed.", pointer="/body/last_day")
    if until > longest:
        raise NotAllowed(
            "suspension-too-long",
            "A suspension does not last that long.",
            reference=pack.reference("suspension.longest"),
            satisfied_by="A last day within the time that the rule pack gives.",
        )
    return Term(until, reference_of(case, pack))


def _there(given: Given | None) -> Given:
    assert given is not None  # noqa: S101 - the step before has set it
    return given
