"""A match of a provider with an entry of a list: open until a person says what it is, and remembered if it is false."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.match_events import MatchDecided, MatchFound, ScreeningListEntered
from provider_registry.domain.screened import digest_of
from provider_registry.domain.screening import Entry, Hit, Part, Screened
from shared.kernel.access import different_persons
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.rules.pack import RulePack
from shared.rules.result import Verdict

BLOCKS, SECOND_PERSON = "screening.open-match-blocks", "second-person.match"


class MatchStatus(StrEnum):
    """What is known of a match; a proposed one waits for the second person."""

    OPEN = "open"
    PROPOSED = "proposed"
    FALSE = "false"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningList:
    """One edition of a list: who published it, of which day, and the SHA-256 of the file; the newest of a title counts.

    Shape: screened_to is the last organisation that was held against it, finished that none is left.
    """

    id: UUID
    version: int
    publisher: str
    title: str
    day: date
    digest: str
    entries: int
    entered_by: str
    screened_to: str | None = None
    finished: bool = False

    @property
    def series(self) -> UUID:
        """What all editions of the list have in common."""
        return series_id(self.publisher, self.title)


def series_id(publisher: str, title: str) -> UUID:
    """Name a list, whatever its edition."""
    return derived_id("screening-list", publisher, title)


def enter_list(
    identifier: UUID, *, publisher: str, title: str, day: date, digest: str, entries: int, by: str
) -> tuple[ScreeningList, tuple[ScreeningListEntered, ...]]:
    """Enter an edition of a list."""
    entered = ScreeningList(
        id=identifier,
        version=1,
        publisher=publisher,
        title=title,
        day=day,
        digest=digest,
        entries=entries,
        entered_by=by,
    )
    event = ScreeningListEntered(
        aggregate=identifier,
        version=1,
        list=identifier,
        publisher=publisher,
        title=title,
        day=day,
        digest=digest,
        entries=entries,
    )
    return entered, (event,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One provider and one entry of a list that may mean it.

    Shape: sameness is the digest of what both sides said; while it stays, a false match never becomes open again.
    """

    id: UUID
    version: int
    organisation: str
    series: UUID
    publisher: str
    title: str
    entry: str
    sameness: str
    part: Part
    similarity: int
    found_at: datetime
    status: MatchStatus = MatchStatus.OPEN
    review_due: datetime | None = None
    reviewed_by: str | None = None
    reason: str | None = None
    case: UUID | None = None


Change = tuple[Match, tuple[MatchFound | MatchDecided, ...]]


def sameness_of(entry: Entry, screened: Screened) -> str:
    """Digest what both sides say (SHA-256, hexadecimal): another name on either is another question."""
    said = repr((sorted(entry.names), sorted(entry.identifiers), digest_of(screened)))
    return sha256(said.encode()).hexdigest()


def found(
    before: Match | None,
    edition: ScreeningList,
    hit: Hit,
    screened: Screened,
    organisation: str,
    *,
    at: datetime,
    due: datetime,
) -> Change | None:
    """Open a match, or open it again where something was said anew since it was reviewed; otherwise nothing."""
    sameness = sameness_of(hit.entry, screened)
    if before is not None and (before.status is not MatchStatus.FALSE or before.sameness == sameness):
        return None
    match = Match(
        id=match_id(edition.series, hit.entry.id, organisation),
        version=before.version + 1 if before else 1,
        organisation=organisation,
        series=edition.series,
        publisher=edition.publisher,
        title=edition.title,
        entry=hit.entry.id,
        sameness=sameness,
        part=hit.part,
        similarity=hit.similarity,
        found_at=at,
        review_due=due,
    )
    event = MatchFound(
        aggregate=match.id,
        version=match.version,
        organisation=organisation,
        publisher=edition.publisher,
        title=edition.title,
        part=hit.part,
        similarity=hit.similarity,
    )
    return match, (event,)


def match_id(series: UUID, entry: str, organisation: str) -> UUID:
    """Name the match of a provider with an entry: there is one, whatever the edition."""
    return derived_id("match", series, entry, organisation)


def reject(match: Match, *, by: str, reason: str) -> Change:
    """Find, as a person, that the entry means somebody else, and say why.

    Raises:
        NotAllowed: match-decided.
    """
    _undecided(match)
    after = replace(
        match, version=match.version + 1, status=MatchStatus.FALSE, reviewed_by=by, reason=reason, review_due=None
    )
    return after, (_decided(after),)


def propose(match: Match, *, by: str, reason: str) -> Match:
    """Find, as the first person, that the entry means the provider.

    Raises:
        NotAllowed: match-decided, match-proposed.
    """
    _undecided(match)
    if match.status is MatchStatus.PROPOSED:
        raise NotAllowed("match-proposed", "A first person has found so.", satisfied_by="The second person's word.")
    return replace(match, version=match.version + 1, status=MatchStatus.PROPOSED, reviewed_by=by, reason=reason)


def confirm(match: Match, *, by: str, case: UUID, pack: RulePack) -> Change:
    """Confirm as a second person; a suspension case follows.

    Raises:
        NotAllowed: match-not-proposed.
        Forbidden: second-person-needed.
    """
    if match.status is not MatchStatus.PROPOSED or match.reviewed_by is None:
        raise NotAllowed("match-not-proposed", "No first person has found that the entry means the provider.")
    different_persons(match.reviewed_by, by, "Confirming a match", pack.reference(SECOND_PERSON))
    after = replace(match, version=match.version + 1, status=MatchStatus.CONFIRMED, case=case, review_due=None)
    return after, (_decided(after),)


def screening_findings(
    matches: Iterable[Match], decided: Iterable[UUID], pack: RulePack, at: datetime
) -> tuple[Finding, ...]:
    """Find which matches leave open who a provider is; a confirmed one does until its case is decided.

    Shape: decided are the cases that are decided, withdrawn or over at the instant.
    """
    if not pack.flag(BLOCKS):
        return ()
    over = frozenset(decided)
    return tuple(
        Finding(
            code="listed",
            verdict=Verdict.UNRESOLVED,
            text="An entry of a list may mean the provider.",
            purposes=frozenset(Purpose),
            reference=pack.reference(BLOCKS),
            evidence=(str(match.id),),
            since=match.found_at,
            missing=("screening.match",),
        )
        for match in matches
        if match.found_at <= at and match.status is not MatchStatus.FALSE and match.case not in over
    )


def _undecided(match: Match) -> None:
    if match.status in {MatchStatus.FALSE, MatchStatus.CONFIRMED}:
        raise NotAllowed("match-decided", "The match was decided.")


def _decided(match: Match) -> MatchDecided:
    return MatchDecided(
        aggregate=match.id,
        version=match.version,
        organisation=match.organisation,
        outcome=match.status,
        case=match.case,
    )
