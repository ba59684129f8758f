"""What goes over the wire of cases and restrictions; no person is named, and texts are shown to the parties alone."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from provider_registry.api.request import Request
from provider_registry.domain.case import Case
from provider_registry.domain.case_parts import CaseKind, CaseStatus, Ending
from provider_registry.domain.finding import Purpose
from provider_registry.domain.restrictions import Restriction
from shared.contracts.fields import Day, Instant, LongText, PositiveAmount, Sha256
from shared.kernel.access import Actor

Digests = Annotated[list[Sha256], Field(max_length=50)]


class ReportBody(Request):
    """What a provider is said to have done: `pack` is the registry's own where none is named."""

    kind: CaseKind
    ground: Annotated[str | None, Field(max_length=100)] = None
    scopes: Annotated[list[Purpose], Field(max_length=3)]
    facts: LongText
    evidence: Digests
    event_day: Day
    fine: PositiveAmount | None = None
    last_day: Day | None = None
    pack: Annotated[str | None, Field(max_length=100)] = None


class ReplyBody(Request):
    statement: LongText
    evidence: Annotated[list[Sha256], Field(default_factory=list, max_length=50)]


class CaseDecisionBody(Request):
    """A decision: `last_day` where the rule pack leaves it a choice, `likely_to_recur` where the rule pack asks."""

    upheld: bool
    reasons: LongText
    last_day: Day | None = None
    likely_to_recur: bool | None = None


class AppealBody(Request):
    grounds: LongText


class AppealDecisionBody(Request):
    upheld: bool
    reasons: LongText


class SelfCleaningBody(Request):
    measures: LongText
    evidence: Digests


class HearingBody(Request):
    accepted: bool
    reasons: LongText


class SettlementBody(Request):
    evidence: Digests


class TextsView(BaseModel):
    """What was written in a case; shown to the provider, the bodies that act in cases, and auditors."""

    facts: str
    statement: str | None
    reasons: str | None
    appeal_grounds: str | None
    appeal_reasons: str | None
    measures: str | None
    hearing_reasons: str | None


class CaseView(BaseModel):
    """A case; `until` is null before a decision, and where only a settlement ends it."""

    id: UUID
    organisation: str
    kind: CaseKind
    ground: str | None
    scopes: list[Purpose]
    pack: str
    pack_version: str
    status: CaseStatus
    evidence: list[str]
    event_day: date
    reported_by: str
    notified_at: Instant | None
    reply_until: Instant | None
    replied_at: Instant | None
    decision_due: Instant | None
    decided_by: str | None
    decided_at: Instant | None
    upheld: bool | None
    in_force_from: Instant | None
    until: Instant | None
    appeal_until: Instant | None
    appealed_at: Instant | None
    appeal_decided_by: str | None
    appeal_upheld: bool | None
    self_cleaning_offered_at: Instant | None
    self_cleaning_accepted: bool | None
    ended_at: Instant | None
    ended_because: Ending | None
    texts: TextsView | None


class RestrictionView(BaseModel):
    """A decision that keeps a provider from something, with the rule that it rests on."""

    case: UUID
    kind: CaseKind
    ground: str | None
    since: Instant
    until: Instant | None
    rule: str
    source: str


class ScopeView(BaseModel):
    """One of the scopes: `until` is the latest of its restrictions, null where there is none or none with an end."""

    restricted: bool
    until: Instant | None
    restrictions: list[RestrictionView]


class RestrictionsView(BaseModel):
    """From what a provider is kept at an instant, each of the three by itself."""

    organisation: str
    at: Instant
    tenders: ScopeView
    orders: ScopeView
    payments: ScopeView


_PARTIES = frozenset({"sanctions-officer", "sanctions-authority", "auditor"})


def case_view(case: Case, actor: Actor | None) -> CaseView:
    """Show a case to whoever asks."""
    decision, appeal, cleaning = case.decision, case.appeal, case.cleaning
    party = actor is not None and (actor.organisation == case.organisation or bool(actor.roles & _PARTIES))
    return CaseView(
        id=case.id,
        organisation=case.organisation,
        kind=case.kind,
        ground=case.ground,
        scopes=list(case.scopes),
        pack=case.pack,
        pack_version=case.pack_version,
        status=case.status,
        evidence=list(case.report.evidence),
        event_day=case.report.event_day,
        reported_by=case.report.by.organisation,
        notified_at=case.notified_at,
        reply_until=case.reply_until,
        replied_at=case.reply.at if case.reply else None,
        decision_due=case.decision_due,
        decided_by=decision.by.organisation if decision else None,
        decided_at=decision.at if decision else None,
        upheld=decision.upheld if decision else None,
        in_force_from=decision.in_force_from if decision else None,
        until=decision.until if decision else None,
        appeal_until=decision.appeal_until if decision else None,
        appealed_at=appeal.at if appeal else None,
        appeal_decided_by=appeal.decided_by.organisation if appeal and appeal.decided_by else None,
        appeal_upheld=appeal.upheld if appeal else None,
        self_cleaning_offered_at=cleaning.at if cleaning else None,
        self_cleaning_accepted=cleaning.accepted if cleaning else None,
        ended_at=case.ended_at,
        ended_because=case.because,
        texts=_texts(case) if party else None,
    )


def scope_view(found: tuple[Restriction, ...]) -> ScopeView:
    """Show what a provider is kept from in one scope."""
    shown = [
        RestrictionView(
            case=one.case,
            kind=one.kind,
            ground=one.ground,
            since=one.since,
            until=one.until,
            rule=one.reference.rule,
            source=one.reference.source,
        )
        for one in found
    ]
    # The longest stands first, and none is longer than one without an end.
    return ScopeView(restricted=bool(shown), until=shown[0].until if shown else None, restrictions=shown)


def _texts(case: Case) -> TextsView:
    return TextsView(
        facts=case.report.facts,
        statement=case.reply.statement if case.reply else None,
        reasons=case.decision.reasons if case.decision else None,
        appeal_grounds=case.appeal.grounds if case.appeal else None,
        appeal_reasons=case.appeal.reasons if case.appeal else None,
        measures=case.cleaning.measures if case.cleaning else None,
        hearing_reasons=case.cleaning.reasons if case.cleaning else None,
    )
