"""A case against a provider: reported, told to it, answered, decided by another body, and never without an end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from provider_registry.domain.case_events import (
    CaseEnded,
    CaseEvent,
    CaseInForce,
    CaseNotified,
    CaseReplied,
    CaseWithdrawn,
)
from provider_registry.domain.case_parts import (
    CASE,
    Appeal,
    CaseKind,
    CaseStatus,
    Decision,
    Ending,
    Reply,
    Report,
    SelfCleaning,
)
from provider_registry.domain.finding import Purpose
from provider_registry.domain.grounds import LARGE_FINE, ground_of
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.rules.pack import RulePack

HOLDING = frozenset({CaseStatus.DECIDED, CaseStatus.IN_FORCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is said to be wrong with a provider, and what became of it.

    Shape: decision and times are those of the last step; cleaning is what the provider last offered; match names the
    match with a list that it comes from, if it comes from one.
    """

    id: UUID
    version: int
    organisation: str
    pack: str
    pack_version: str
    kind: CaseKind
    ground: str | None
    scopes: tuple[Purpose, ...]
    report: Report
    status: CaseStatus = CaseStatus.DRAFT
    notified_at: datetime | None = None
    reply_until: datetime | None = None
    decision_due: datetime | None = None
    reply: Reply | None = None
    decision: Decision | None = None
    appeal: Appeal | None = None
    cleaning: SelfCleaning | None = None
    ended_at: datetime | None = None
    because: Ending | None = None
    match: UUID | None = None

    @property
    def clock_at(self) -> datetime | None:
        """When time next acts on it by itself."""
        if self.decision is None or self.status not in HOLDING:
            return None
        return self.decision.in_force_from if self.status is CaseStatus.DECIDED else self.decision.until

    @property
    def waiting(self) -> tuple[str, datetime] | None:
        """What it waits for, and until when."""
        if self.appeal is not None and self.appeal.decided_at is None:
            return "the decision on the appeal", self.appeal.decision_due
        if self.cleaning is not None and not self.cleaning.heard and self.status is not CaseStatus.ENDED:
            return "the hearing of the self-cleaning", self.cleaning.hearing_due
        if self.status in {CaseStatus.NOTIFIED, CaseStatus.REPLIED} and self.decision_due is not None:
            return "the decision of the case", self.decision_due
        return None

    def settled_by(self, instant: datetime) -> bool:
        """Whether somebody had the last word on what was reported: decided, taken back, or ended."""
        return (self.decision is not None and self.decision.at <= instant) or self.status in {
            CaseStatus.WITHDRAWN,
            CaseStatus.ENDED,
        }

    def holds_at(self, instant: datetime) -> bool:
        """Whether its decision is in force at an instant, by what is known of it, whether or not time was noticed."""
        decided = self.decision
        if self.status not in HOLDING or decided is None or decided.in_force_from is None:
            return False
        return decided.in_force_from <= instant and (decided.until is None or instant < decided.until)


Change = tuple[Case, tuple[CaseEvent, ...]]


class Happened(TypedDict):
    """What every event of a case says first."""

    aggregate: UUID
    version: int
    organisation: str


def of(case: Case) -> Happened:
    """Begin an event of a case."""
    return {"aggregate": case.id, "version": case.version, "organisation": case.organisation}


def report_case(
    identifier: UUID,
    organisation: str,
    report: Report,
    pack: RulePack,
    *,
    kind: CaseKind,
    ground: str | None,
    scopes: Iterable[Purpose],
    match: UUID | None = None,
) -> Case:
    """Begin a case as a draft, which nobody sees but who reports it.

    Raises:
        Forbidden: own-case.
        Invalid: evidence-missing, evidence-repeated, event-in-future, scopes-missing, ground-missing, ground-unknown,
            fine-missing.
        NotAllowed: fine-not-large.
    """
    if report.by.organisation == organisation:
        raise Forbidden("own-case", "Nobody reports a case against the own organisation.")
    _check_report(report, pack)
    asked = frozenset(scopes)
    if not asked:
        raise Invalid("scopes-missing", "A case says what it is to keep the provider from.", pointer="/body/scopes")
    if ground is None and kind is CaseKind.GROUND:
        raise Invalid("ground-missing", "A ground of exclusion is named.", pointer="/body/ground")
    if ground is not None:
        ground_of(pack, ground)
        _check_fine(ground, report, pack)
    return Case(
        id=identifier,
        version=1,
        organisation=organisation,
        pack=pack.id,
        pack_version=pack.version,
        kind=kind,
        ground=ground,
        scopes=tuple(sorted(asked)),
        report=report,
        match=match,
    )


def notify(case: Case, pack: RulePack, *, at: datetime) -> Change:
    """Tell the provider; from now on it may reply, and anybody may know of the case."""
    status = CASE.move("notify", case.status, CaseStatus.NOTIFIED, pack)
    reply_until = pack.ends_at("case.reply-period", at)
    told = replace(
        case,
        version=case.version + 1,
        status=status,
        notified_at=at,
        reply_until=reply_until,
        decision_due=pack.ends_at("case.decision-period", reply_until),
    )
    event = CaseNotified(
        **of(told),
        kind=told.kind,
        ground=told.ground,
        scopes=told.scopes,
        pack=told.pack,
        pack_version=told.pack_version,
        evidence=told.report.evidence,
        reported_by=told.report.by.organisation,
        reply_until=reply_until,
    )
    return told, (event,)


def reply(case: Case, answer: Reply, pack: RulePack) -> Change:
    """Answer as the provider, once and within the time for it.

    Raises:
        NotAllowed: case-not-notified, reply-period-over.
        Invalid: evidence-repeated.
    """
    status = CASE.move("reply", case.status, CaseStatus.REPLIED, pack)
    assert case.reply_until is not None  # noqa: S101 - the notice sets it
    if answer.at >= case.reply_until:
        raise NotAllowed(
            "reply-period-over",
            "The time for a reply is over.",
            reference=pack.reference("case.reply-period"),
            satisfied_by="An appeal against the decision, if there is one.",
        )
    no_repetition(answer.evidence)
    due = pack.ends_at("case.decision-period", answer.at)
    replied = replace(case, version=case.version + 1, status=status, reply=answer, decision_due=due)
    event = CaseReplied(
        **of(replied),
        replied_at=answer.at,
        decision_due=due,
    )
    return replied, (event,)


def withdraw(case: Case, by_organisation: str, *, at: datetime) -> Change:
    """Take back as who reported it; of a draft nobody is told.

    Raises:
        Forbidden: not-reporting-body.
        NotAllowed: case-not-draft.
    """
    if by_organisation != case.report.by.organisation:
        raise Forbidden("not-reporting-body", "Who reported a case takes it back.")
    status = CASE.move("withdraw", case.status, CaseStatus.WITHDRAWN)
    taken = replace(case, version=case.version + 1, status=status, decision_due=None, ended_at=at)
    if case.status is CaseStatus.DRAFT:
        return taken, ()
    event = CaseWithdrawn(**of(taken), withdrawn_at=at)
    return taken, (event,)


def let_time_act(case: Case, now: datetime) -> Change:
    """Let all come about that has come due: the decision enters into force, and ends."""
    events: list[CaseEvent] = []
    while case.decision is not None and case.clock_at is not None and case.clock_at <= now:
        due, decision = case.clock_at, case.decision
        if case.status is CaseStatus.DECIDED:
            status = CASE.move("enter", case.status, CaseStatus.IN_FORCE)
            case = replace(case, version=case.version + 1, status=status)
            events.append(
                CaseInForce(
                    **of(case),
                    in_force_from=due,
                    until=decision.until,
                )
            )
        else:
            CASE.admit("end", case.status)
            case, (event,) = end(case, Ending.TERM, at=due)
            events.append(event)
    return case, tuple(events)


def end(case: Case, because: Ending, *, at: datetime) -> Change:
    """End what a case led to."""
    ended = replace(
        case,
        version=case.version + 1,
        status=CaseStatus.ENDED,
        decision_due=None,
        ended_at=at,
        because=because,
    )
    event = CaseEnded(**of(ended), ended_at=at, because=because)
    return ended, (event,)


def no_repetition(evidence: Sequence[str]) -> None:
    """Refuse a document that is named twice.

    Raises:
        Invalid: evidence-repeated.
    """
    if len(set(evidence)) != len(evidence):
        raise Invalid("evidence-repeated", "A document is named twice.", pointer="/body/evidence")


def day_not_after(day: date, today: date, pointer: str) -> None:
    """Refuse a day that has not come.

    Raises:
        Invalid: event-in-future.
    """
    if day > today:
        raise Invalid("event-in-future", "What is reported has happened.", pointer=pointer)


def _check_report(report: Report, pack: RulePack) -> None:
    if len(report.evidence) < pack.number("case.evidence"):
        raise Invalid(
            "evidence-missing",
            "A report rests on evidence.",
            reference=pack.reference("case.evidence"),
            satisfied_by=f"At least {pack.number('case.evidence')} document, by its digest.",
            pointer="/body/evidence",
        )
    no_repetition(report.evidence)
    day_not_after(report.event_day, pack.calendar.day_of(report.at), "/body/event_day")


def _check_fine(ground: str, report: Report, pack: RulePack) -> None:
    if ground != LARGE_FINE or "exclusion.large-fine" not in pack.rules:
        return
    reference, least = pack.reference("exclusion.large-fine"), pack.number("exclusion.large-fine")
    needed = f"A fine of at least {least} {pack.currency}."
    if report.fine is None or report.fine.currency != pack.currency:
        raise Invalid(
            "fine-missing",
            "The fine is stated in the currency of the rule pack.",
            reference=reference,
            satisfied_by=needed,
            pointer="/body/fine",
        )
    if report.fine.amount < least:
        raise NotAllowed("fine-not-large", "The fine is not a large one.", reference=reference, satisfied_by=needed)
