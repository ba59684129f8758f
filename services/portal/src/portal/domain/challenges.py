"""Challenges of the steps of a procedure: where each stands and what came of it, and never what was argued."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.domain import types
from portal.domain.entry import Entry, latest, of_type


class ChallengeState(StrEnum):
    """Where a challenge stands."""

    RAISED = "raised"
    CONCEDED = "conceded"
    ANSWERED = "answered"
    COMPLAINT = "complaint"
    ADMITTED = "admitted"
    NOT_ADMITTED = "not-admitted"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Hold a challenge; last is the event that its state and its remedy follow from.

    Shape: remedy is what follows, by its code; none while nothing is decided.
    """

    id: str
    raised: Entry | None
    state: ChallengeState
    remedy: str | None
    last: Entry


def challenges(entries: Sequence[Entry]) -> tuple[Challenge, ...]:
    """Find the challenges of a procedure, the one that was raised first first."""
    told: dict[str, list[Entry]] = {}
    for entry in of_type(entries, *types.OF_A_CHALLENGE):
        told.setdefault(entry.data["challenge"], []).append(entry)
    return tuple(_challenge(challenge, events) for challenge, events in told.items())


def _challenge(challenge: str, entries: Sequence[Entry]) -> Challenge:
    decided = latest(entries, types.COMPLAINT_DECIDED) or latest(entries, types.CHALLENGE_ANSWERED)
    return Challenge(
        id=challenge,
        raised=latest(entries, types.CHALLENGE_RAISED),
        state=_state(entries[-1]),
        remedy=decided.data.get("remedy") if decided else None,
        last=entries[-1],
    )


def _state(last: Entry) -> ChallengeState:
    match last.type:
        case types.CHALLENGE_ANSWERED:
            return ChallengeState.CONCEDED if last.data["conceded"] else ChallengeState.ANSWERED
        case types.COMPLAINT_FILED:
            return ChallengeState.COMPLAINT
        case types.COMPLAINT_ADMITTED:
            return ChallengeState.ADMITTED if last.data["admitted"] else ChallengeState.NOT_ADMITTED
        case types.COMPLAINT_DECIDED:
            return ChallengeState.UPHELD if last.data["upheld"] else ChallengeState.DISMISSED
        case types.CHALLENGE_CLOSED:
            return ChallengeState.CLOSED
    return ChallengeState.RAISED
