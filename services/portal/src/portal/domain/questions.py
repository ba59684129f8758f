"""Questions about a tender, and what was answered to everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain import types
from portal.domain.entry import Entry, of_type


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a question; of several answers the last one counts."""

    id: str
    asked: Entry | None
    answers: tuple[Entry, ...]


def questions(entries: Sequence[Entry]) -> tuple[Question, ...]:
    """Find the questions of a procedure, the one that was asked first first."""
    told: dict[str, list[Entry]] = {}
    for entry in of_type(entries, types.QUESTION_ASKED, types.QUESTION_ANSWERED):
        told.setdefault(entry.data["question"], []).append(entry)
    return tuple(
        Question(
            id=question,
            asked=next(iter(of_type(events, types.QUESTION_ASKED)), None),
            answers=tuple(of_type(events, types.QUESTION_ANSWERED)),
        )
        for question, events in told.items()
    )
