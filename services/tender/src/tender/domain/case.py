"""What is known of a tender whose publication is considered, as the facts that the rules of a pack ask about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType

from shared.kernel.calendar import DAY, years
from shared.rules.checks import check_rule
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from shared.rules.result import Verdict
from tender.domain.catalogue import Entry
from tender.domain.contract_terms import TERM_YEARS, term_years
from tender.domain.exception import RuleException
from tender.domain.framework_award import facts_of_terms
from tender.domain.invitation import Invitation
from tender.domain.plan import Demand, Plan, PlanStatus
from tender.domain.procurement import CONVERTED, METHOD, STATED
from tender.domain.publicity import Publicity
from tender.domain.tender import Content, Tender

DEADLINE = "procedure.deadline"
OF_DEADLINE = frozenset({DEADLINE, "procedure.documents_until", "procedure.notice_until"})
_BASES: Mapping[frozenset[str], str] = {
    frozenset(): "price",
    frozenset({"price"}): "price",
    frozenset({"quality"}): "fixed-price-quality-only",
    frozenset({"price", "quality"}): "best-price-quality-ratio",
}
_PLAN = "the plan's `demand`"
DRAFT = "the draft's `procurement`"
_INVITATION = "the draw of invitees"
_PUBLICITY = "the publicity of the single source"

FOUND: Mapping[str, str] = MappingProxyType(
    {
        TERM_YEARS: "the draft's `delivery` and `terms`",
        "criteria.price_scored": "the draft's `criteria`",
        "criteria.price_weight": "the draft's `criteria`",
        "criteria.weights_total": "the draft's `criteria`",
        "criteria.weights_published": "the draft's `criteria`",
        "evaluation.basis": "the draft's `criteria`",
        "demand.public_consulted": _PLAN,
        "demand.respondents": _PLAN,
        "demand.reviewed": _PLAN,
        "demand.survey_age_years": _PLAN,
        "demand.survey_reused": _PLAN,
        "demand.surveyed": _PLAN,
        "framework.stage_two": "the draft's `framework`",
        "framework.term_years": "the draft's `framework`",
        "procedure.complex": _PLAN,
        CONVERTED: DRAFT,
        "procedure.deadline": DRAFT,
        "procedure.documents_from": DRAFT,
        "procedure.documents_until": DRAFT,
        "procedure.draw_witnesses": _INVITATION,
        "procedure.electronic": "the platform",
        "procedure.estimate": "the draft's `value`",
        "procedure.from_plan": "the plan",
        "procedure.ground": DRAFT,
        "procedure.intention_published": "the plan's schedule",
        "procedure.invited": DRAFT,
        "procedure.invitee_pool": _INVITATION,
        "procedure.invitees": _INVITATION,
        "procedure.invitees_drawn_at_random": _INVITATION,
        METHOD: DRAFT,
        "procedure.method_reason_recorded": DRAFT,
        "procedure.notice_from": DRAFT,
        "procedure.notice_until": DRAFT,
        "procedure.objections_raised": _PUBLICITY,
        "procedure.objections_reviewed": _PUBLICITY,
        "procedure.publicity_from": _PUBLICITY,
        "procedure.publicity_until": _PUBLICITY,
        "procedure.published": DRAFT,
        "procedure.serves_public": _PLAN,
        "roles": _PLAN,
        "service.categories": "the service catalogue",
        "service.in_catalogue": "the service catalogue",
        "service.on_negative_list": "the service catalogue",
    }
)
"""What the platform finds out by itself, and where it finds it; the rest is for the office to state."""

ANSWERABLE = STATED | FOUND.keys()


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a tender when its publication is considered.

    Shape: follows is the tender that it continues, if it continues one.
    """

    tender: Tender
    plan: Plan
    entry: Entry
    invitation: Invitation | None = None
    publicity: Publicity | None = None
    follows: Tender | None = None
    exceptions: tuple[RuleException, ...] = ()


def facts_of(case: Case, pack: RulePack, at: datetime) -> Facts:
    """Gather every fact that is known if the tender were published at that instant; what is missing is not known.

    Units: in a sandbox that hastens time, days are those that would have passed without haste.
    """
    content = case.tender.content
    known = {**_of_content(content), **_of_plan(case, pack, at), **_of_method(case, pack, at)}
    known |= content.procurement.stated
    if "threshold.open-tender.central" in pack.rules and known.get("procedure.central") is True:
        known.setdefault("procedure.open_tender_threshold", pack.fraction("threshold.open-tender.central"))
    published = pack.calendar.day_of(at)
    known |= {
        "procedure.published": published,
        "procedure.invited": published,
        "procedure.documents_from": published,
        "procedure.notice_from": published,
    }
    closes_at = deadline(case.tender, known, pack, at)
    if closes_at is not None:
        last = _last_whole_day(_unhastened(at, closes_at, case.tender.acceleration), pack, case.tender.acceleration)
        known |= dict.fromkeys(OF_DEADLINE, last)
    return MappingProxyType(known)


def deadline(tender: Tender, facts: Facts, pack: RulePack, at: datetime) -> datetime | None:
    """Return the deadline that the office asks for, or the earliest that the pack allows; none where it has none."""
    asked, earliest = tender.content.procurement.closes_at, earliest_deadline(facts, pack, at, tender.acceleration)
    return asked or earliest


def earliest_deadline(facts: Facts, pack: RulePack, at: datetime, acceleration: int) -> datetime | None:
    """Return the first instant at which every period that binds here has ended; none if none binds or is known to."""
    # On a day that is never too early a rule that binds is met.
    supposed = {**facts, DEADLINE: date.max}
    ends = []
    for rule in pack.rules.values():
        if rule.check is None or rule.check.fact != DEADLINE or rule.check.comparison != "not-before":
            continue
        verdict = check_rule(rule, supposed, pack.calendar).result.verdict
        if verdict is Verdict.UNRESOLVED:
            return None
        if verdict is Verdict.PASS:
            ends.append(pack.ends_at(rule.id, at, acceleration))
    return max(ends, default=None)


def closing(case: Case, facts: Facts, pack: RulePack, at: datetime) -> datetime | None:
    """Return when a tender that is published at that instant closes: never before the earliest deadline.

    What the budget took longer than its term is added to the deadline that the office asked for.
    """
    earliest = earliest_deadline(facts, pack, at, case.tender.acceleration)
    asked, answer_due = case.tender.content.procurement.closes_at, case.tender.due_at
    if asked is not None and answer_due is not None:
        asked += max(at - answer_due, timedelta(0))
    return max((end for end in (asked, earliest) if end is not None), default=None)


def where_said(path: str) -> str:
    """Say where a fact is given."""
    return FOUND.get(path, "the draft's `procurement.facts`")


def _of_content(content: Content) -> dict[str, FactValue]:
    weights = [(item.kind, Fraction(item.weight)) for item in content.criteria]
    framework = {} if content.framework is None else facts_of_terms(content.framework)
    return {
        **framework,
        "procedure.estimate": Fraction(content.value.amount),
        "criteria.price_scored": any(kind == "price" and weight > 0 for kind, weight in weights),
        "criteria.price_weight": sum((weight for kind, weight in weights if kind == "price"), Fraction(0)),
        "criteria.weights_total": sum((weight for _, weight in weights), Fraction(0)),
        TERM_YEARS: term_years(content.terms, start=content.delivery.start, end=content.delivery.end),
        "evaluation.basis": _BASES[frozenset(kind for kind, weight in weights if weight > 0)],
        # Weights are part of what is published, and envelopes come over the API and in no other way.
        "criteria.weights_published": True,
        "procedure.electronic": True,
        # Who states none asks for none.
        "qualification.minimum_turnover": Fraction(0),
        "security.bid": Fraction(0),
    }


def _of_plan(case: Case, pack: RulePack, at: datetime) -> dict[str, FactValue]:
    plan, tender, demand = case.plan, case.tender, case.plan.demand or Demand()
    same = (plan.id, plan.buyer.id, plan.service.code) == (tender.plan, tender.buyer.id, tender.service.code)
    known: dict[str, FactValue | None] = {
        "procedure.from_plan": same and plan.status is PlanStatus.SCHEDULED,
        "service.in_catalogue": case.entry.code == tender.service.code,
        # What is on the negative list is no entry that a plan can have.
        "service.on_negative_list": False,
        "service.categories": case.entry.categories,
        "procedure.serves_public": demand.serves_public,
        "procedure.complex": demand.complex,
        "demand.surveyed": demand.surveyed,
        "demand.survey_reused": demand.survey_reused,
        "demand.respondents": None if demand.respondents is None else Fraction(demand.respondents),
        "demand.survey_age_years": _age(demand.surveyed_on, pack.calendar.day_of(at)),
        "demand.public_consulted": demand.public_consulted,
        "demand.reviewed": demand.reviewed_by is not None,
        "roles": _roles(demand),
    }
    if plan.scheduled_at is not None:
        known["procedure.intention_published"] = pack.calendar.day_of(
            _unhastened(at, plan.scheduled_at, tender.acceleration)
        )
    return {path: value for path, value in known.items() if value is not None}


def _of_method(case: Case, pack: RulePack, at: datetime) -> dict[str, FactValue]:
    procurement = case.tender.content.procurement
    known: dict[str, FactValue] = {
        METHOD: procurement.method,
        "procedure.method_reason_recorded": procurement.rationale is not None,
        CONVERTED: procurement.converted_with_approval,
    }
    if procurement.ground is not None:
        known["procedure.ground"] = procurement.ground
    if case.invitation is not None and case.invitation.drawn:
        known |= _of_invitation(case.invitation)
    if case.publicity is not None:
        known |= _of_publicity(case.publicity, pack, at, case.tender.acceleration)
    return known


def _of_invitation(invitation: Invitation) -> dict[str, FactValue]:
    return {
        "procedure.invitees": Fraction(len(invitation.invitees)),
        "procedure.invitee_pool": Fraction(len(invitation.candidates)),
        "procedure.invitees_drawn_at_random": invitation.number < len(invitation.candidates),
        "procedure.draw_witnesses": Fraction(len(invitation.witnesses)),
    }


def _of_publicity(publicity: Publicity, pack: RulePack, at: datetime, acceleration: int) -> dict[str, FactValue]:
    start = publicity.published_at
    until = _unhastened(start, min(at, publicity.until), acceleration)
    known: dict[str, FactValue] = {
        "procedure.publicity_from": pack.calendar.day_of(start),
        "procedure.publicity_until": _last_whole_day(until, pack, acceleration),
        "procedure.objections_raised": bool(publicity.objections),
    }
    reviewed = [objection.reviewed_at for objection in publicity.objections]
    if reviewed and all(instant is not None for instant in reviewed):
        last = max(instant for instant in reviewed if instant is not None)
        known["procedure.objections_reviewed"] = pack.calendar.day_of(_unhastened(start, last, acceleration))
    return known


def _roles(demand: Demand) -> Mapping[str, tuple[str, ...]]:
    roles: dict[str, tuple[str, ...]] = {}
    for party, role in ((demand.written_by, "demand-author"), (demand.reviewed_by, "demand-reviewer")):
        if party is not None:
            roles[party] = (*roles.get(party, ()), role)
    return MappingProxyType(roles)


def _age(since: date | None, on: date) -> Fraction | None:
    return years(since, on) if since is not None and since <= on else None


def _last_whole_day(instant: datetime, pack: RulePack, acceleration: int) -> date:
    # A hastened instant was cut to whole microseconds: put back what may have been lost.
    return pack.calendar.day_of(instant + timedelta(microseconds=acceleration - 1)) - DAY


def _unhastened(start: datetime, instant: datetime, acceleration: int) -> datetime:
    """Return where an instant would be if a sandbox did not hasten the time from the start on, before it or after."""
    return (start + (instant - start) * acceleration).astimezone(UTC)
