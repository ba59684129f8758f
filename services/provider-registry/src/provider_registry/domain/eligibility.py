"""Whether a provider is eligible: a pure function of what was known, the rule pack in force, and the purpose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from provider_registry.domain.case import Case
from provider_registry.domain.declaration import Declaration
from provider_registry.domain.document import Document
from provider_registry.domain.document_findings import document_findings
from provider_registry.domain.eligibility_events import EligibilityChanged, Exclusion, Held
from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.identity_findings import identity_findings
from provider_registry.domain.match import Match, screening_findings
from provider_registry.domain.provider import Provider
from provider_registry.domain.restrictions import case_findings, case_instants
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack, available_packs, load_pack, pack_in_force, pack_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the registry knew of an organisation at an instant."""

    organisation: str
    provider: Provider | None = None
    documents: tuple[Document, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    cases: tuple[Case, ...] = ()
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a provider is eligible for a purpose under a pack, and why.

    Shape: findings are those that concern the purpose; next_change is the first instant at which it may be another by
    itself, none if there is none.
    """

    organisation: str
    pack: str
    pack_version: str
    purpose: Purpose
    at: datetime
    eligible: bool
    findings: tuple[Finding, ...]
    next_change: datetime | None


def answer(known: Known, pack: RulePack, purpose: Purpose, at: datetime) -> Answer:
    """Answer whether a provider is eligible: no fact speaks against it, and none is missing."""
    found = findings(known, pack, at)
    concerning = tuple(one for one in found if purpose in one.purposes)
    return Answer(
        organisation=known.organisation,
        pack=pack.id,
        pack_version=pack.version,
        purpose=purpose,
        at=at,
        eligible=not any(one.excludes for one in concerning),
        findings=concerning,
        next_change=min(_instants(known, pack, concerning, at), default=None),
    )


def findings(known: Known, pack: RulePack, at: datetime) -> tuple[Finding, ...]:
    """Put together what everything that is known says under a pack."""
    return (
        *identity_findings(known.provider, pack, at),
        *document_findings(known.documents, known.declarations, pack, at),
        *case_findings(known.cases, pack, at),
        *screening_findings(known.matches, (one.id for one in known.cases if one.settled_by(at)), pack, at),
    )


def _instants(known: Known, pack: RulePack, found: Sequence[Finding], at: datetime) -> Iterator[datetime]:
    yield from (one.until for one in found if one.until is not None and one.until > at)
    yield from case_instants(known.cases, at)
    yield from (instant for instant in _versions(pack.id) if instant > at)


def _versions(pack_id: str) -> Iterator[datetime]:
    """Yield when versions of a pack come into force, and when they go out."""
    for entry in pack_versions(pack_id):
        pack = load_pack(pack_id, entry["version"])
        yield _start_of(pack.effective_from)
        if pack.effective_to is not None:
            yield _start_of(pack.effective_to + timedelta(days=1))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The last answers of a provider for every pack and purpose; version 0 is that of whom nothing is known."""

    id: UUID
    version: int
    organisation: str
    answers: tuple[Held, ...] = ()
    next_change: datetime | None = None

    def refreshed(self, known: Known, now: datetime) -> tuple["Eligibility", tuple[EligibilityChanged, ...]]:
        """Answer anew at each instant that has come due, and now; tell of those at which an answer changed."""
        state, events, at = self, list[EligibilityChanged](), self.next_change
        while at is not None and at < now:
            state, told = state.answered(known, at)
            events.extend(told)
            at = state.next_change
        state, told = state.answered(known, now)
        return state, (*events, *told)

    def answered(self, known: Known, at: datetime) -> tuple["Eligibility", tuple[EligibilityChanged, ...]]:
        """Answer anew at one instant; tell of it if an answer changed."""
        answers = tuple(_answers(known, at))
        held = tuple(_held(one) for one in answers)
        next_change = min((one.next_change for one in answers if one.next_change is not None), default=None)
        before = self.answers or tuple(_held(one) for one in _answers(Known(organisation=known.organisation), at))
        if held == before and self.version:
            return replace(self, next_change=next_change), ()
        state = replace(self, version=self.version + 1, answers=held, next_change=next_change)
        if held == before:
            return state, ()
        event = EligibilityChanged(
            aggregate=state.id,
            version=state.version,
            organisation=state.organisation,
            changed_at=at,
            answers=held,
            next_change=next_change,
        )
        return state, (event,)


def nothing_told(organisation: str) -> Eligibility:
    """Begin with an organisation of which nothing was told."""
    return Eligibility(id=derived_id("eligibility", organisation), version=0, organisation=organisation)


def _answers(known: Known, at: datetime) -> Iterator[Answer]:
    for name in available_packs():
        try:
            pack = pack_in_force(name, at.date())
        except NotAllowed:
            continue
        for purpose in Purpose:
            yield answer(known, pack, purpose, at)


def _held(one: Answer) -> Held:
    exclusions = tuple(
        Exclusion(finding.code, finding.verdict, finding.reference, finding.until)
        for finding in one.findings
        if finding.excludes
    )
    return Held(one.pack, one.pack_version, one.purpose, one.eligible, exclusions)
