"""Single sources, the panel, challenges and framework agreements of a procedure over the wire."""

from pydantic import BaseModel

from portal.api.facts import Fact, Origin, fact, made, origin
from portal.api.links import Links
from portal.domain.challenges import Challenge, ChallengeState
from portal.domain.frameworks import Framework
from portal.domain.panels import Panel
from portal.domain.publicity import Publicity
from shared.contracts.framework import CalledOff, CallOffReturned, FrameworkConcluded, FrameworkEnded, FrameworkProposed
from shared.contracts.panel import PanelMemberReplaced, PanelPoolClosed, PanelRoundOpened, ScoresLocked
from shared.contracts.preparation import ObjectionRaised, ObjectionReviewed, SingleSourcePublicised


class ObjectionView(BaseModel):
    """An objection to a single source, and its review."""

    objection: str
    raised: Fact[ObjectionRaised] | None
    reviewed: Fact[ObjectionReviewed] | None


class PublicityView(BaseModel):
    """A single source that was made public before anybody is asked."""

    publicity: str
    publicised: Fact[SingleSourcePublicised] | None
    objections: list[ObjectionView]


class PanelView(BaseModel):
    """The panel that scores; its members are known by their labels alone."""

    experts: int | None
    representatives: int | None
    pool: Fact[PanelPoolClosed] | None
    filled: Origin | None
    members: list[str]
    replaced: list[Fact[PanelMemberReplaced]]
    rounds: list[Fact[PanelRoundOpened]]
    revealed: Origin | None
    locked: list[Fact[ScoresLocked]]


class ChallengeView(BaseModel):
    """A challenge and what came of it; what was argued is not public."""

    challenge: str
    relates_to: str | None
    lot: str | None
    ground: str | None
    state: ChallengeState
    remedy: str | None
    raised: Origin | None
    last: Origin


class OrderView(BaseModel):
    """An order under a framework agreement; `returned` is there if its contract was not signed."""

    contract: str
    called_off: Fact[CalledOff]
    returned: Fact[CallOffReturned] | None


class FrameworkView(BaseModel):
    """The framework agreement of a lot, with its ranking and its orders."""

    lot: str
    proposed: Fact[FrameworkProposed] | None
    concluded: Fact[FrameworkConcluded] | None
    ended: Fact[FrameworkEnded] | None
    orders: list[OrderView]


def publicity_view(found: Publicity, links: Links) -> PublicityView:
    return PublicityView(
        publicity=found.id,
        publicised=fact(SingleSourcePublicised, found.publicised, links),
        objections=[
            ObjectionView(
                objection=one.id,
                raised=fact(ObjectionRaised, one.raised, links),
                reviewed=fact(ObjectionReviewed, one.reviewed, links),
            )
            for one in found.objections
        ],
    )


def panel_view(found: Panel, links: Links) -> PanelView:
    return PanelView(
        experts=found.experts,
        representatives=found.representatives,
        pool=fact(PanelPoolClosed, found.pool, links),
        filled=origin(found.filled, links) if found.filled else None,
        members=list(found.members),
        replaced=[made(PanelMemberReplaced, entry, links) for entry in found.replaced],
        rounds=[made(PanelRoundOpened, entry, links) for entry in found.rounds],
        revealed=origin(found.revealed, links) if found.revealed else None,
        locked=[made(ScoresLocked, entry, links) for entry in found.locked],
    )


def challenge_view(found: Challenge, links: Links) -> ChallengeView:
    raised = found.raised.data if found.raised else {}
    return ChallengeView(
        challenge=found.id,
        relates_to=raised.get("relates_to"),
        lot=raised.get("lot"),
        ground=raised.get("ground"),
        state=found.state,
        remedy=found.remedy,
        raised=origin(found.raised, links) if found.raised else None,
        last=origin(found.last, links),
    )


def framework_view(found: Framework, links: Links) -> FrameworkView:
    return FrameworkView(
        lot=found.lot,
        proposed=fact(FrameworkProposed, found.proposed, links),
        concluded=fact(FrameworkConcluded, found.concluded, links),
        ended=fact(FrameworkEnded, found.ended, links),
        orders=[
            OrderView(
                contract=one.contract,
                called_off=made(CalledOff, one.called_off, links),
                returned=fact(CallOffReturned, one.returned, links),
            )
            for one in found.orders
        ],
    )
