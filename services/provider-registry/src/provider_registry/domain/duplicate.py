"""Two entries that may be of one organisation: suggested by likeness, decided by officers, merged by two of them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from provider_registry.domain.names import best_similarity, normalised
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import PersonRole
from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.kernel.ids import derived_id

# Another spelling of one word in three is above the first, another word is below; one head makes up for a word.
LEAST_ALIKE, LEAST_ALIKE_UNDER_ONE_HEAD = 88, 65


class DuplicateStatus(StrEnum):
    """Where a pair of entries stands."""

    SUGGESTED = "suggested"
    DIFFERENT = "different"
    MERGE_PROPOSED = "merge-proposed"
    MERGED = "merged"


class Likeness(StrEnum):
    """Why two entries may be of one organisation."""

    SIMILAR_NAME = "similar-name"
    SIMILAR_FORMER_NAME = "similar-former-name"
    SAME_HEAD = "same-head"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two entries have in common.

    Units: score is from 0 to 100.
    """

    score: int
    reasons: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A pair of entries.

    Shape: organisation is the one that is given up if they are merged, other the one that is kept.
    """

    id: UUID
    version: int
    organisation: str
    other: str
    status: DuplicateStatus
    score: int
    reasons: tuple[Likeness, ...]
    decided_by: str | None = None
    because: str | None = None

    def compared_again(self, comparison: Comparison) -> "Duplicate":
        """Take in what the entries have in common now; what was judged is not suggested again."""
        if self.status is not DuplicateStatus.SUGGESTED:
            return self
        if (self.score, self.reasons) == (comparison.score, comparison.reasons):
            return self
        return replace(self, version=self.version + 1, score=comparison.score, reasons=comparison.reasons)

    def judge_different(self, reason: str, *, by: str) -> "Duplicate":
        """Find that they are two organisations.

        Raises:
            NotAllowed: duplicate-decided.
        """
        if self.status is not DuplicateStatus.SUGGESTED:
            raise _decided()
        return self._decided(DuplicateStatus.DIFFERENT, by, reason)

    def propose(self, *, given_up: str, kept: str, reason: str, by: str) -> "Duplicate":
        """Propose, as the first officer, that one entry is given up for the other.

        Raises:
            NotAllowed: duplicate-decided, where a merge is proposed or done.
        """
        if self.status not in {DuplicateStatus.SUGGESTED, DuplicateStatus.DIFFERENT}:
            raise _decided()
        return replace(self._decided(DuplicateStatus.MERGE_PROPOSED, by, reason), organisation=given_up, other=kept)

    def confirm(self, *, by: str, reference: RuleReference | None = None) -> "Duplicate":
        """Agree, as the second officer.

        Raises:
            NotAllowed: merge-not-proposed.
            Forbidden: second-person-needed.
        """
        proposed_by = self._proposed()
        different_persons(proposed_by, by, "Merging two entries", reference)
        return self._decided(DuplicateStatus.MERGED, by, self.because)

    def reject(self, reason: str, *, by: str) -> "Duplicate":
        """Find that they are two organisations although a merge was proposed.

        Raises:
            NotAllowed: merge-not-proposed.
        """
        self._proposed()
        return self._decided(DuplicateStatus.DIFFERENT, by, reason)

    def _proposed(self) -> str:
        if self.status is not DuplicateStatus.MERGE_PROPOSED or self.decided_by is None:
            raise NotAllowed(
                "merge-not-proposed", "No merge of the two entries waits.", satisfied_by="A proposal by an officer."
            )
        return self.decided_by

    def _decided(self, status: DuplicateStatus, by: str, because: str | None) -> "Duplicate":
        return replace(self, version=self.version + 1, status=status, decided_by=by, because=because)


def compare(one: Provider, other: Provider) -> Comparison | None:
    """Say what two entries have in common; None where it is too little to be of one organisation."""
    named = best_similarity([one.name], [other.name])
    formerly = max(
        best_similarity([each.name for each in one.former_names], [other.name]),
        best_similarity(
            [one.name, *(each.name for each in one.former_names)], [each.name for each in other.former_names]
        ),
    )
    same_head = not _heads(one).isdisjoint(_heads(other))
    score, least = max(named, formerly), LEAST_ALIKE_UNDER_ONE_HEAD if same_head else LEAST_ALIKE
    if score < least:
        return None
    reasons = (
        *((Likeness.SIMILAR_NAME,) if named >= least else ()),
        *((Likeness.SIMILAR_FORMER_NAME,) if formerly >= least else ()),
        *((Likeness.SAME_HEAD,) if same_head else ()),
    )
    return Comparison(score, reasons)


def pair(one: str, other: str) -> UUID:
    """Return the id that a pair of entries always has."""
    return derived_id("duplicate", *sorted((one, other)))


def pairs(one: Provider, other: Provider) -> tuple[UUID, ...]:
    """Return the ids of all pairs of the two, with the entries that were given up for them."""
    return tuple(
        pair(left, right)
        for left in (one.organisation, *one.absorbed)
        for right in (other.organisation, *other.absorbed)
    )


def suggest(newer: Provider, older: Provider, comparison: Comparison) -> Duplicate:
    """Suggest that two entries are of one organisation."""
    return Duplicate(
        id=pair(newer.organisation, older.organisation),
        version=1,
        organisation=newer.organisation,
        other=older.organisation,
        status=DuplicateStatus.SUGGESTED,
        score=comparison.score,
        reasons=comparison.reasons,
    )


def found_by_hand(given_up: Provider, kept: Provider) -> Duplicate:
    """Begin a pair that an officer found and nothing suggested.

    Raises:
        Invalid: merge-with-itself.
    """
    if given_up.organisation == kept.organisation:
        raise Invalid("merge-with-itself", "An entry is not merged with itself.", pointer="/body/kept")
    return suggest(given_up, kept, compare(given_up, kept) or Comparison(0, ()))


def _heads(provider: Provider) -> frozenset[str]:
    return frozenset(
        normalised(one.name) for one in provider.people if one.role is PersonRole.HEAD and one.until is None
    )


def _decided() -> NotAllowed:
    return NotAllowed(
        "duplicate-decided",
        "The pair has been decided on.",
        satisfied_by="A pair that is `suggested`, or was `different`.",
    )
