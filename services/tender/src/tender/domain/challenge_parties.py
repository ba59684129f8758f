"""Who decides a challenge, and who reads what of it."""

from dataclasses import dataclass

from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden
from shared.rules.pack import RulePack
from tender.domain.challenge import Challenge, ChallengeStatus
from tender.domain.panel import Panel
from tender.domain.panel_parts import SeatStatus
from tender.domain.roles import parts
from tender.domain.tender import Tender

DECIDER = "complaint-decider"


@dataclass(frozen=True, slots=True)
class Case:
    """A procedure that is challenged, with all who have a part in it.

    Shape: panel is None while nobody was asked to score.
    """

    tender: Tender
    panel: Panel | None

    @property
    def persons(self) -> frozenset[str]:
        """Return who wrote, proposed or scored something; who refused a seat did not."""
        known = parts(self.tender) if self.panel is None else self.panel.parts(self.tender)
        seats = () if self.panel is None else self.panel.seats
        seated = (seat.person for seat in seats if seat.status is not SeatStatus.REFUSED)
        return frozenset({*(part.person for part in known), *seated})

    def is_independent(self, actor: Actor, challenge: Challenge) -> bool:
        """Say whether an actor has no part in the procedure, and does not challenge it either."""
        parties = {self.tender.buyer.id, challenge.challenger.id, *(bid.bidder.id for bid in self.tender.bids)}
        return actor.organisation not in parties and actor.person not in self.persons


@dataclass(frozen=True, slots=True)
class Insight:
    """What somebody may read of a challenge: who raised it, and what is argued."""

    challenger: bool
    arguments: bool


def check_decider(case: Case, challenge: Challenge, actor: Actor, pack: RulePack) -> None:
    """Hold whoever decides a complaint to having no part in the procedure, and to the body that has admitted it.

    Raises:
        Forbidden: complaint-decider-not-independent, complaint-of-another-body.
    """
    reference = pack.reference("incompatible.complaint-decider")
    if not case.is_independent(actor, challenge):
        raise Forbidden(
            "complaint-decider-not-independent",
            "Whoever decides a complaint has no part in the procedure.",
            reference=reference,
            satisfied_by="A person of a body that takes no part in the procedure.",
        )
    if challenge.decider not in {None, actor.organisation}:
        raise Forbidden(
            "complaint-of-another-body",
            "Another body has admitted the complaint.",
            reference=reference,
            satisfied_by="The decision of the body that has admitted it.",
        )


def insight(challenge: Challenge, actor: Actor | None, case: Case) -> Insight:
    """Say what may be read: everything by the parties and whoever decides, the challenger by all after the opening.

    Before the opening nobody else learns who is interested in the tender.
    """
    party = actor is not None and _is_party(challenge, actor, case)
    return Insight(challenger=party or case.tender.opened_at is not None, arguments=party)


def _is_party(challenge: Challenge, actor: Actor, case: Case) -> bool:
    return actor.organisation in {challenge.challenger.id, challenge.buyer.id} or decides(challenge, actor, case)


def decides(challenge: Challenge, actor: Actor, case: Case) -> bool:
    """Say whether somebody decides a complaint, or is of a body that could."""
    if DECIDER not in actor.roles:
        return False
    if challenge.decider is not None:
        return actor.organisation == challenge.decider
    # Until one body has admitted it, each that could needs to read what it is about.
    return challenge.status is ChallengeStatus.COMPLAINED and case.is_independent(actor, challenge)
