"""A challenge: question, answer, complaint, decision, remedy, each in its time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from shared.kernel.clock import hasten
from shared.kernel.errors import Forbidden, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack
from tender.domain.challenge_events import (
    ChallengeAnswered,
    ChallengeClosed,
    ChallengeEvent,
    ChallengeRaised,
    ComplaintAdmitted,
    ComplaintDecided,
    ComplaintFiled,
)
from tender.domain.parts import Party, Status
from tender.domain.tender import Tender

Told = TypeVar("Told", bound=ChallengeEvent)
_INSTANT = timedelta(microseconds=1)


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
SUSPENDING = frozenset({ChallengeStatus.RAISED, ChallengeStatus.COMPLAINED, ChallengeStatus.ADMITTED})


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

    Shape: suspended_until is the latest the procedure is held up by it; due_at is what is waited for next.
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
    suspended_until: datetime
    status: ChallengeStatus = ChallengeStatus.RAISED
    answer: str | None = None
    complaint: str | None = None
    decision: str | None = None
    remedy: Remedy | None = None

    def respond(
        self, text: str, *, conceded: bool, remedy: Remedy, at: datetime, pack: RulePack
    ) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Answer as the office; who concedes says how it puts right what was wrong.

        Raises:
            NotAllowed: challenge-not-raised; remedy-without-ground, if nothing is conceded; cancellation-elsewhere,
                since a procedure's end takes the head of the office.
        """
        if remedy is not Remedy.NONE and not conceded:
            raise NotAllowed("remedy-without-ground", "Nothing is put right that is not conceded.")
        if remedy is Remedy.CANCEL_PROCEDURE:
            raise NotAllowed(
                "cancellation-elsewhere",
                "An answer does not end the procedure.",
                satisfied_by="The cancellation of the tender by the head of the office.",
            )
        outcome = ChallengeStatus.CONCEDED if conceded else ChallengeStatus.ANSWERED
        status = CHALLENGE.move("answer", self.status, outcome)
        until = pack.ends_at("complaint-window", at, self.acceleration)
        answered, event = replace(
            self, status=status, answer=text, remedy=remedy if conceded else None, due_at=None, complaint_until=until
        ).telling(ChallengeAnswered, conceded=conceded, remedy=remedy if conceded else None, complaint_until=until)
        return answered, (event,)

    def complain(self, text: str, *, at: datetime, pack: RulePack) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Take the answer, or its absence, to the body that decides complaints.

        Raises:
            NotAllowed: challenge-not-raised, answer-awaited, complaint-late.
        """
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
            suspended_until=pack.ends_at("suspension-cap", at, self.acceleration),
        ).telling(ComplaintFiled, filed_at=at, decision_due=due)
        return filed, (event,)

    def admit(self, reason: str, *, admitted: bool) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Decide whether a complaint is looked into.

        Raises:
            NotAllowed: challenge-not-complained.
        """
        outcome = ChallengeStatus.ADMITTED if admitted else ChallengeStatus.REJECTED
        status = CHALLENGE.move("admit", self.status, outcome)
        due = self.due_at if admitted else None
        looked_at, event = replace(self, status=status, due_at=due, decision=None if admitted else reason).telling(
            ComplaintAdmitted, admitted=admitted, reason=reason
        )
        return looked_at, (event,)

    def decide(self, reason: str, *, upheld: bool, remedy: Remedy) -> tuple["Challenge", tuple[ChallengeEvent, ...]]:
        """Decide a complaint, and say what follows.

        Raises:
            NotAllowed: challenge-not-admitted; remedy-without-ground, if something is ordered on a dismissed complaint.
        """
        outcome = ChallengeStatus.UPHELD if upheld else ChallengeStatus.DISMISSED
        status = CHALLENGE.move("decide", self.status, outcome)
        if not upheld and remedy is not Remedy.NONE:
            raise NotAllowed("remedy-without-ground", "Nothing is ordered on a complaint that is dismissed.")
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

    def suspends(self, lot: str | None, now: datetime) -> bool:
        """Say whether nothing may be awarded or signed because of it."""
        concerned = lot is None or self.statement.lot in {None, lot}
        return concerned and self.status in SUSPENDING and now < self.suspended_until

    def telling(self, kind: type[Told], **fields: Any) -> tuple["Challenge", Told]:
        """Make the event of what has happened, and the version that it leaves."""
        version = self.version + 1
        event = kind(aggregate=self.id, version=version, ocid=self.ocid, tender=self.tender, **fields)
        return replace(self, version=version), event


def raise_challenge(
    tender: Tender, statement: Statement, *, identifier: UUID, challenger: Party, at: datetime, pack: RulePack
) -> tuple[Challenge, tuple[ChallengeEvent, ...]]:
    """Put a question that may become a complaint, in time, by somebody whom it concerns.

    Raises:
        NotFound: lot-unknown.
        NotAllowed: matter-not-reached, question-late.
        Forbidden: not-concerned, for what follows the opening, unless the challenger bid.
    """
    if statement.lot is not None:
        tender.progress(statement.lot)
    until = window_ends_at(tender, statement, pack)
    if statement.relates_to is not Matter.DOCUMENTS and challenger.id not in {bid.bidder.id for bid in tender.bids}:
        raise Forbidden("not-concerned", "Who did not bid challenges the documents alone.")
    if at >= until:
        raise NotAllowed(
            "question-late",
            "The time to challenge this is over.",
            reference=pack.reference(_window_rule(pack)),
            satisfied_by="A challenge in time.",
        )
    due = pack.ends_at("question-answer", at, tender.acceleration)
    raised = Challenge(
        id=identifier,
        version=0,
        ocid=tender.ocid,
        tender=tender.id,
        buyer=tender.buyer,
        challenger=challenger,
        statement=statement,
        acceleration=tender.acceleration,
        pack=tender.pack,
        pack_version=tender.pack_version,
        raised_at=at,
        due_at=due,
        complaint_until=pack.ends_at("complaint-window", due - _INSTANT, tender.acceleration),
        suspended_until=pack.ends_at("suspension-cap", at, tender.acceleration),
    )
    challenge, event = raised.telling(
        ChallengeRaised,
        # Before the opening nobody learns who is interested.
        challenger=challenger if tender.opened_at else None,
        relates_to=statement.relates_to,
        lot=statement.lot,
        ground=statement.ground,
        remedies=statement.remedies,
        answer_due=due,
    )
    return challenge, (event,)


def window_ends_at(tender: Tender, statement: Statement, pack: RulePack) -> datetime:
    """Return until when a matter may be challenged: some time after it was known, the award after its notice.

    Raises:
        NotAllowed: matter-not-reached.
    """
    known, notice = _known_at(tender, statement)
    if known is None:
        raise NotAllowed("matter-not-reached", "The procedure has not come to this yet.")
    # The last instant of the notice, not the first after it, is when the time to challenge begins.
    begins = pack.ends_at("result-notice", known) - _INSTANT if notice else known
    return hasten(known, pack.ends_at(_window_rule(pack), begins), tender.acceleration)


def check_independent(tender: Tender, organisation: str, person: str, persons: Iterable[str], pack: RulePack) -> None:
    """Hold whoever decides a complaint to having no part in the procedure.

    Raises:
        Forbidden: complaint-decider-not-independent.
    """
    own = organisation == tender.buyer.id or organisation in {bid.bidder.id for bid in tender.bids}
    if own or person in {tender.author, *persons}:
        raise Forbidden(
            "complaint-decider-not-independent",
            "Whoever decides a complaint has no part in the procedure.",
            reference=pack.reference("incompatible.complaint-decider"),
            satisfied_by="A person of a body that takes no part in the procedure.",
        )


def _window_rule(pack: RulePack) -> str:
    # Where there is no question to the office first, the time is that of a claim.
    return "claim-window" if "claim-window" in pack.rules else "question-window"


def _known_at(tender: Tender, statement: Statement) -> tuple[datetime | None, bool]:
    match statement.relates_to:
        case Matter.DOCUMENTS:
            return tender.published_at, False
        case Matter.OPENING:
            return tender.opened_at, False
        case Matter.QUALIFICATION:
            return (tender.opened_at if tender.status not in {Status.ACTIVE, Status.QUALIFICATION} else None), False
        case Matter.EVALUATION:
            return tender.prices_opened_at, False
        case Matter.AWARD:
            lots = [lot for lot in tender.lots if statement.lot in {None, lot.id}]
            proposals = [proposal for lot in lots for proposal in (lot.award, lot.framework) if proposal is not None]
            return max((proposal.proposed_at for proposal in proposals), default=None), True
