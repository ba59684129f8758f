"""A challenge: question, answer, complaint, decision, remedy, each in its time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from shared.kernel.errors import NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack
from tender.domain.challenge_events import (
    ChallengeAnswered,
    ChallengeClosed,
    ChallengeEvent,
    ComplaintAdmitted,
    ComplaintDecided,
    ComplaintFiled,
)
from tender.domain.challenge_suspension import is_automatic, suspends_in_time
from tender.domain.parts import Party

Told = TypeVar("Told", bound=ChallengeEvent)
_NONE_LEFT = timedelta(0)


class ChallengeStatus(StrEnum):
    """Where a challenge stands."""

    RAISED = "raised"
    ANSWERED = "answered"
    CONCEDED = "conceded"
    COMPLAINED = "complained"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Matter(StrEnum):
    """What a challenge is about."""

    DOCUMENTS = "documents"
    OPENING = "opening"
    QUALIFICATION = "qualification"
    EVALUATION = "evaluation"
    AWARD = "award"


class Ground(StrEnum):
    """Why it is challenged."""

    DISCRIMINATORY_REQUIREMENT = "discriminatory-requirement"
    UNCLEAR_DOCUMENTS = "unclear-documents"
    PERIOD_TOO_SHORT = "period-too-short"
    UNEQUAL_TREATMENT = "unequal-treatment"
    WRONG_QUALIFICATION = "wrong-qualification"
    WRONG_SCORING = "wrong-scoring"
    ABNORMALLY_LOW_PRICE = "abnormally-low-price"
    CONFLICT_OF_INTEREST = "conflict-of-interest"
    COLLUSION = "collusion"
    OTHER_BREACH = "other-breach"


class Remedy(StrEnum):
    """What is asked for, or ordered."""

    NONE = "none"
    AMEND_DOCUMENTS = "amend-documents"
    QUALIFY_AGAIN = "qualify-again"
    EVALUATE_AGAIN = "evaluate-again"
    ANNUL_AWARD = "annul-award"
    CANCEL_PROCEDURE = "cancel-procedure"


CHALLENGE = lifecycle(
    "challenge",
    "raised",
    transition("answer", "raised", "answered conceded", "purchasing office"),
    transition("complain", "answered raised", "complained", "challenger"),
    transition("admit", "complained", "admitted rejected", "complaint decider"),
    transition("decide", "admitted", "upheld dismissed", "complaint decider"),
    transition("withdraw", "raised answered complained admitted", "withdrawn", "challenger"),
    transition("lapse", "answered raised", "lapsed", "clock"),
)
_BEFORE_COMPLAINT = frozenset({ChallengeStatus.RAISED, ChallengeStatus.ANSWERED})
_DECIDED_ON = frozenset({ChallengeStatus.COMPLAINED, ChallengeStatus.ADMITTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a challenger says, structured.

    Shape: evidence are the digests of documents; lot is None where the challenge is about the whole procedure.
    """

    relates_to: Matter
    lot: str | None
    ground: Ground
    arguments: str
    evidence: tuple[str, ...]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One challenge of one procedure.

    Shape: suspended_until is the latest the procedure is held up by it, None where the pack knows no longest time;
    due_at is what is waited for next; decider is the organisation that has admitted the complaint, or has not.
    """

    id: UUID
    version: int
    ocid: str
    tender: UUID
    buyer: Party
    challenger: Party
    statement: Statement
    acceleration: int
    pack: str
    pack_version: str
    raised_at: datetime
    due_at: datetime | None
    complaint_until: datetime
    suspended_until: datetime | None
    status: ChallengeStatus = ChallengeStatus.RAISED
    answer: str | None = None
    complaint: str | None = None
    decision: str | None = None
    remedy: Remedy | None = None
    answered_at: datetime | None = None
    decider: str | None = None

    def respond(
        self, text: str, *, conceded: bool, remedy: Remedy, at: datetime, pack: RulePack
    ) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Answer as the office; who concedes says how it puts right what was wrong.

        Raises:
            NotAllowed: challenge-not-raised; remedy-without-ground, if nothing is conceded; cancellation-elsewhere,
                since a procedure's end takes the head of the office.
        """
        if remedy is not Remedy.NONE and not conceded:
            raise NotAllowed(
                "remedy-without-ground",
                "Nothing is put right that is not conceded.",
                reference=pack.reference("question-answer"),
                satisfied_by="An answer that concedes the challenge, or no remedy.",
            )
        if remedy is Remedy.CANCEL_PROCEDURE:
            raise NotAllowed(
                "cancellation-elsewhere",
                "An answer does not end the procedure.",
                reference=pack.reference("question-answer"),
                satisfied_by="The cancellation of the tender by the head of the office.",
            )
        outcome = ChallengeStatus.CONCEDED if conceded else ChallengeStatus.ANSWERED
        status = CHALLENGE.move("answer", self.status, outcome)
        until = pack.ends_at("complaint-window", at, self.acceleration)
        answered, event = replace(
            self,
            status=status,
            answer=text,
            answered_at=at,
            remedy=remedy if conceded else None,
            due_at=None,
            complaint_until=until,
        ).telling(ChallengeAnswered, conceded=conceded, remedy=remedy if conceded else None, complaint_until=until)
        return answered, (event,)

    def complain(self, text: str, *, at: datetime, pack: RulePack) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Take the answer, or its absence, to the body that decides complaints.

        Raises:
            NotAllowed: challenge-not-raised, answer-awaited, complaint-late.
        """
        # One that has lapsed is late, whether or not the clock has said so: the rule is named either way.
        if self.status is not ChallengeStatus.LAPSED:
            CHALLENGE.admit("complain", self.status)
        if self.status is ChallengeStatus.RAISED and self.due_at is not None and at < self.due_at:
            raise NotAllowed(
                "answer-awaited",
                "The office may still answer.",
                reference=pack.reference("question-answer"),
                satisfied_by="The answer, or the end of the time for it.",
            )
        if at >= self.complaint_until:
            raise NotAllowed(
                "complaint-late",
                "The time for a complaint is over.",
                reference=pack.reference("complaint-window"),
                satisfied_by="A complaint in time.",
            )
        due = pack.ends_at("complaint-decision", at, self.acceleration)
        filed, event = replace(
            self,
            status=CHALLENGE.move("complain", self.status, ChallengeStatus.COMPLAINED),
            complaint=text,
            due_at=due,
            suspended_until=self._suspended_again_until(at),
        ).telling(ComplaintFiled, filed_at=at, decision_due=due)
        return filed, (event,)

    def admit(self, reason: str, *, admitted: bool, decider: str) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Decide, as a body, whether a complaint is looked into.

        Raises:
            NotAllowed: challenge-not-complained.
        """
        outcome = ChallengeStatus.ADMITTED if admitted else ChallengeStatus.REJECTED
        status = CHALLENGE.move("admit", self.status, outcome)
        due = self.due_at if admitted else None
        looked_at, event = replace(
            self, status=status, due_at=due, decision=None if admitted else reason, decider=decider
        ).telling(ComplaintAdmitted, admitted=admitted, reason=reason)
        return looked_at, (event,)

    def decide(
        self, reason: str, *, upheld: bool, remedy: Remedy, pack: RulePack
    ) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Decide a complaint, and say what follows.

        Raises:
            NotAllowed: challenge-not-admitted; remedy-without-ground, if something is ordered on a dismissed complaint.
        """
        outcome = ChallengeStatus.UPHELD if upheld else ChallengeStatus.DISMISSED
        status = CHALLENGE.move("decide", self.status, outcome)
        if not upheld and remedy is not Remedy.NONE:
            raise NotAllowed(
                "remedy-without-ground",
                "Nothing is ordered on a complaint that is dismissed.",
                reference=pack.reference("complaint-decision"),
                satisfied_by="A complaint that is upheld, or no remedy.",
            )
        decided, event = replace(self, status=status, decision=reason, remedy=remedy, due_at=None).telling(
            ComplaintDecided, upheld=upheld, remedy=remedy, reason=reason
        )
        return decided, (event,)

    def withdraw(self) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Give up a challenge.

        Raises:
            NotAllowed: challenge-not-raised.
        """
        status = CHALLENGE.move("withdraw", self.status, ChallengeStatus.WITHDRAWN)
        withdrawn, event = replace(self, status=status, due_at=None).telling(ChallengeClosed, how=status)
        return withdrawn, (event,)

    def lapse(self, now: datetime) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Close a challenge whose time for a complaint has passed."""
        if self.status not in CHALLENGE.transitions["lapse"].before or now < self.complaint_until:
            return self, ()
        status = CHALLENGE.move("lapse", self.status, ChallengeStatus.LAPSED)
        lapsed, event = replace(self, status=status, due_at=None).telling(ChallengeClosed, how=status)
        return lapsed, (event,)

    @property
    def clock_at(self) -> datetime | None:
        """Return when time closes the challenge by itself."""
        return self.complaint_until if self.status in CHALLENGE.transitions["lapse"].before else None

    def suspends(
        self, lot: str | None, now: datetime, pack: RulePack, *, standstill_ends_at: datetime | None = None
    ) -> bool:
        """Say whether nothing may be awarded or signed because of it.

        Where a claim suspends by itself, an answer does not end that before the time for a complaint has passed, and
        nothing but the decision ends it then. Elsewhere the procedure is held up while somebody else has to act.
        Shape: standstill_ends_at is that of the lot's award, if one is proposed.
        """
        if lot is not None and self.statement.lot not in {None, lot}:
            return False
        if is_automatic(pack):
            in_time = suspends_in_time(pack, self.raised_at, standstill_ends_at)
            pending = self.status in _BEFORE_COMPLAINT and now < self.complaint_until
            return in_time and (pending or self.status in _DECIDED_ON)
        waits = self.status is ChallengeStatus.RAISED or self.status in _DECIDED_ON
        return waits and (self.suspended_until is None or now < self.suspended_until)

    def suspends_until(
        self, lot: str | None, now: datetime, pack: RulePack, *, standstill_ends_at: datetime | None = None
    ) -> datetime | None:
        """Return until when it suspends by what is known now, None if it does not."""
        if not self.suspends(lot, now, pack, standstill_ends_at=standstill_ends_at):
            return None
        pending = is_automatic(pack) and self.status in _BEFORE_COMPLAINT
        return max((self.complaint_until if pending else self.suspended_until or self.due_at) or now, now)

    def _suspended_again_until(self, at: datetime) -> datetime | None:
        # The longest suspension is one in all: what passed between the answer and the complaint alone does not count.
        if self.suspended_until is None or self.answered_at is None:
            return self.suspended_until
        return at + max(self.suspended_until - self.answered_at, _NONE_LEFT)

    def telling(self, kind: type[Told], **fields: Any) -> tuple["Challenge", Told]:
        """Make the event of what has happened, and the version that it leaves."""
        version = self.version + 1
        event = kind(aggregate=self.id, version=version, ocid=self.ocid, tender=self.tender, **fields)
        return replace(self, version=version), event
