"""How a challenge begins: of what the procedure has come to, in time, by whom it concerns."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.clock import hasten
from shared.kernel.errors import Forbidden, NotAllowed
from shared.rules.pack import RulePack
from tender.domain.challenge import Challenge, Matter, Statement
from tender.domain.challenge_events import ChallengeEvent, ChallengeRaised
from tender.domain.challenge_suspension import suspension_ends_at
from tender.domain.parts import Party, Status
from tender.domain.tender import Tender

_INSTANT = timedelta(microseconds=1)
_CLAIM, _QUESTION = "claim-window", "question-window"
# What was sent back is not known again until it is done again.
_BEFORE_PRICES = frozenset({Status.QUALIFICATION, Status.EVALUATION})


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
        raise Forbidden(
            "not-concerned",
            "Who did not bid challenges the documents alone.",
            reference=pack.reference(_window_rule(pack)),
            satisfied_by="A challenge of the documents.",
        )
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
        suspended_until=suspension_ends_at(pack, at, tender.acceleration),
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
    """Return until when a matter may be challenged: some time after it was known.

    Where the office is asked first the time for the award begins with the end of its notice; a claim is counted from
    the day on which the notice told of it.

    Raises:
        NotAllowed: matter-not-reached.
    """
    known, notice = _known_at(tender, statement)
    if known is None:
        raise NotAllowed(
            "matter-not-reached",
            "The procedure has not come to this yet.",
            reference=pack.reference(_window_rule(pack)),
            satisfied_by="A challenge once this is done.",
        )
    rule, begins = _window_rule(pack), known
    if notice and rule == _QUESTION:
        # The last instant of the notice, not the first after it, is when the time to challenge begins.
        begins = pack.ends_at("result-notice", known) - _INSTANT
    return hasten(known, pack.ends_at(rule, begins), tender.acceleration)


def _window_rule(pack: RulePack) -> str:
    # Where there is no question to the office first, the time is that of a claim.
    return _CLAIM if _CLAIM in pack.rules else _QUESTION


def _known_at(tender: Tender, statement: Statement) -> tuple[datetime | None, bool]:
    match statement.relates_to:
        case Matter.DOCUMENTS:
            return tender.amended_at or tender.published_at, False
        case Matter.OPENING:
            return tender.opened_at, False
        case Matter.QUALIFICATION:
            return (None if tender.status is Status.QUALIFICATION else tender.qualified_at), False
        case Matter.EVALUATION:
            return (None if tender.status in _BEFORE_PRICES else tender.prices_opened_at), False
        case Matter.AWARD:
            lots = [lot for lot in tender.lots if statement.lot in {None, lot.id}]
            proposals = [proposal for lot in lots for proposal in (lot.award, lot.framework) if proposal is not None]
            return max((proposal.proposed_at for proposal in proposals), default=None), True
