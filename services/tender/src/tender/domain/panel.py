"""An evaluation panel: the pool is closed, the panel drawn, its members accept, and whoever leaves is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.kernel.errors import Forbidden, Invalid, NotAllowed, RuleReference
from shared.rules.pack import RulePack
from tender.domain.draw_parts import Closing, Draw, NumbersEntered, Skip
from tender.domain.expert import Expert
from tender.domain.panel_events import MemberReplaced
from tender.domain.panel_obstacles import Candidates, expect_free, walk
from tender.domain.panel_parts import (
    LIFECYCLE,
    Agreed,
    FinalScore,
    MemberScore,
    PanelStatus,
    Seat,
    SeatStatus,
    Signature,
    Substitution,
)
from tender.domain.parts import Status
from tender.domain.roles import Part, parts, take_part
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel of one tender.

    Shape: closing is what was fixed for the draw that is to come or came last, none where the experts are appointed;
    entered are the numbers that single persons have read so far. Scores, agreed scores and signatures are those of the
    round.
    """

    id: UUID
    version: int
    ocid: str
    tender: UUID
    experts: int
    representatives: int
    closing: Closing | None
    status: PanelStatus = PanelStatus.POOL_CLOSED
    due_at: datetime | None = None
    entered: tuple[NumbersEntered, ...] = ()
    draws: tuple[Draw, ...] = ()
    seats: tuple[Seat, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    chair: UUID | None = None
    round: int = 1
    scores: tuple[MemberScore, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    signatures: tuple[Signature, ...] = ()
    final: tuple[FinalScore, ...] = ()

    @property
    def members(self) -> tuple[Seat, ...]:
        """Return the seats of those who have accepted."""
        return tuple(seat for seat in self.seats if seat.status is SeatStatus.ACCEPTED)

    @property
    def places_left(self) -> int:
        """Return how many experts are still to be found."""
        return self.experts - sum(seat.held for seat in self.seats if seat.kind == "expert")

    def seat_of(self, person: str) -> Seat:
        """Find the seat that a person holds.

        Raises:
            Forbidden: not-on-panel.
        """
        for seat in self.seats:
            if seat.person == person and seat.held:
                return seat
        raise Forbidden("not-on-panel", "Only a member of the panel may do this.")

    def member(self, person: str) -> Seat:
        """Find the seat of a person who has accepted it.

        Raises:
            Forbidden: not-on-panel.
        """
        seat = self.seat_of(person)
        if seat.status is not SeatStatus.ACCEPTED:
            raise Forbidden("not-on-panel", "Only a member of the panel may do this.", satisfied_by="Your acceptance.")
        return seat

    def of(self, version: int) -> dict[str, Any]:
        """Return what every event of this panel begins with."""
        return {"aggregate": self.id, "version": version, "ocid": self.ocid, "tender": self.tender}

    def parts(self, tender: Tender) -> tuple[Part, ...]:
        """Return who has which part in the procedure, the panel's members among them."""
        return parts(tender, *(part for seat in self.seats if seat.held for part in _seat_parts(self, seat)))


def accept(panel: Panel, person: str, *, at: datetime, tender: Tender, pack: RulePack, candidates: Candidates) -> Panel:
    """Accept a seat; with the last one the panel is complete.

    Raises:
        Forbidden: not-on-panel.
        NotAllowed: tender-not-active, seat-taken, panel-not-forming; expert-kept-away, for an expert whom a rule keeps
            from the panel by now, as one who has left the pool since the draw.
    """
    expect_procedure(tender)
    seat = _invited(panel, person)
    if seat.kind == "expert":
        expect_free(seat.label, known=panel.parts(tender), tender=tender, pack=pack, candidates=candidates)
    after = changed(panel, seat, replace(seat, status=SeatStatus.ACCEPTED))
    return settled(panel, after, "accept", at=at, tender=tender, pack=pack)


def refuse(
    panel: Panel, person: str, reason: str, *, at: datetime, tender: Tender, pack: RulePack, candidates: Candidates
) -> tuple[Panel, tuple[MemberReplaced, ...]]:
    """Refuse a seat; the next in the order takes it.

    Raises:
        Forbidden: not-on-panel.
        NotAllowed: tender-not-active, seat-taken, panel-not-forming.
    """
    expect_procedure(tender)
    seat = _invited(panel, person)
    after = changed(panel, seat, replace(seat, status=SeatStatus.REFUSED, reason=reason))
    after, event = _replaced(after, seat, "refused", None, tender=tender, pack=pack, candidates=candidates)
    return settled(panel, after, "refuse", at=at, tender=tender, pack=pack), (event,)


def recuse(
    panel: Panel,
    seat: Seat,
    rule: RuleReference,
    *,
    at: datetime,
    tender: Tender,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[MemberReplaced, ...]]:
    """Take a conflicted member out; the next in the order takes the place."""
    after = changed(panel, seat, replace(seat, status=SeatStatus.RECUSED))
    if panel.chair == seat.label:
        after = replace(after, chair=None)
    after, event = _replaced(after, seat, "recused", rule, tender=tender, pack=pack, candidates=candidates)
    return settled(panel, after, "declare", at=at, tender=tender, pack=pack), (event,)


def release_seat(
    panel: Panel,
    label: UUID,
    reason: str,
    scored: Sequence[str],
    *,
    at: datetime,
    tender: Tender,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[MemberReplaced, ...]]:
    """Take the seat of somebody who is silent beyond the term; the next in the order takes it.

    Shape: scored are the persons whose sheets of this round are there.

    Raises:
        NotAllowed: tender-not-active, panel-not-forming, seat-not-silent, seat-term-running.
        Invalid: seat-unknown.
    """
    expect_procedure(tender)
    LIFECYCLE.admit("release-seat", panel.status)
    seat = next((one for one in panel.seats if one.label == label and one.held), None)
    if seat is None:
        raise Invalid("seat-unknown", "Nobody holds a seat by this label.", pointer="/body/member")
    invited_only = seat.status is SeatStatus.INVITED
    rule = pack.reference("committee.acceptance" if invited_only else "scoring")
    idle = panel.status is PanelStatus.SEATED and (seat.ties is None or seat.person not in scored)
    if not (invited_only or idle):
        raise NotAllowed(
            "seat-not-silent",
            "The member has done what the panel waits for.",
            reference=rule,
            satisfied_by="A member who has not answered, or whose declaration or sheet the panel waits for.",
        )
    due = panel.due_at or (tender.due_at if tender.status is Status.EVALUATION else None)
    if due is None or at < due:
        raise NotAllowed(
            "seat-term-running", "The member still has time.", reference=rule, satisfied_by="The end of the term."
        )
    after = changed(panel, seat, replace(seat, status=SeatStatus.RELEASED, reason=reason))
    if panel.chair == seat.label:
        after = replace(after, chair=None)
    after, event = _replaced(
        after, seat, "silent", rule, tender=tender, pack=pack, candidates=candidates, reason=reason
    )
    return settled(panel, after, "release-seat", at=at, tender=tender, pack=pack), (event,)


def represent(panel: Panel, seat: Seat, *, at: datetime, tender: Tender, pack: RulePack) -> Panel:
    """Let the office appoint one of its own people.

    Raises:
        NotAllowed: tender-not-active, panel-not-pool-closed, representatives-complete, seat-taken.
        Invalid: representative-of-another-organisation.
        Forbidden: roles-incompatible.
    """
    expect_procedure(tender)
    LIFECYCLE.admit("appoint", panel.status)
    if seat.organisation != tender.buyer.id:
        raise Invalid("representative-of-another-organisation", "A representative belongs to the purchaser.")
    if sum(one.held for one in panel.seats if one.kind == "representative") >= panel.representatives:
        raise NotAllowed("representatives-complete", "The panel has all the representatives that it was to have.")
    if any(one.person == seat.person for one in panel.seats):
        raise NotAllowed("seat-taken", "The person has or had a seat in this panel.")
    for role in ("committee-member", "purchaser-representative"):
        take_part(Part(seat.person, seat.organisation, role), panel.parts(tender), tender, pack)
    after = replace(panel, version=panel.version + 1, seats=(*panel.seats, seat))
    if panel.status is PanelStatus.POOL_CLOSED:
        return after
    return settled(panel, after, "appoint", at=at, tender=tender, pack=pack)


def name_chair(panel: Panel, label: UUID, *, tender: Tender, pack: RulePack) -> Panel:
    """Name who chairs.

    Raises:
        NotAllowed: tender-not-active, panel-not-forming.
        Invalid: chair-not-member.
        Forbidden: roles-incompatible, for the purchaser's representative.
    """
    expect_procedure(tender)
    LIFECYCLE.admit("name-chair", panel.status)
    seat = next((one for one in panel.members if one.label == label), None)
    if seat is None:
        raise Invalid("chair-not-member", "The chair is one of the members.", pointer="/body/member")
    unchaired = replace(panel, chair=None)
    take_part(Part(seat.person, seat.organisation, "committee-chair"), unchaired.parts(tender), tender, pack)
    return replace(panel, version=panel.version + 1, chair=label)


def seats_for(
    panel: Panel, order: Sequence[UUID], places: int, *, tender: Tender, pack: RulePack, candidates: Candidates
) -> tuple[tuple[Seat, ...], tuple[Skip, ...], int]:
    """Walk an order until so many places are filled; return the seats, whom was passed over, and how far it went."""
    found, skipped, walked = walk(
        order, places, candidates=candidates, known=panel.parts(tender), tender=tender, pack=pack
    )
    return tuple(invited(candidates.experts[label]) for label in found), skipped, walked


def invited(expert: Expert) -> Seat:
    """Offer an expert a seat."""
    return Seat(expert.id, "expert", expert.person, expert.name, expert.organisation, SeatStatus.INVITED)


def changed(panel: Panel, before: Seat, after: Seat) -> Panel:
    """Put a seat in the place of what it was."""
    return replace(
        panel, version=panel.version + 1, seats=tuple(after if seat is before else seat for seat in panel.seats)
    )


def settled(before: Panel, after: Panel, action: str, *, at: datetime, tender: Tender, pack: RulePack) -> Panel:
    """Move to what the seats make of the panel, and say until when it waits."""
    complete = len(after.members) == after.experts + after.representatives
    status = LIFECYCLE.move(action, before.status, PanelStatus.SEATED if complete else PanelStatus.FORMING)
    if status is PanelStatus.SEATED:
        due = scoring_due(tender, at, pack)
    else:
        due = pack.ends_at("committee.acceptance", at, tender.acceleration)
    return replace(after, status=status, due_at=due)


def scoring_due(tender: Tender, at: datetime, pack: RulePack) -> datetime | None:
    """Return until when a panel scores; one that is complete only after that has as long as a seat takes to accept."""
    if tender.status is not Status.EVALUATION or tender.due_at is None or at < tender.due_at:
        return tender.due_at if tender.status is Status.EVALUATION else None
    return pack.ends_at("committee.acceptance", at, tender.acceleration)


def expect_procedure(tender: Tender) -> None:
    """Hold a step to a procedure that is open for bids or in evaluation.

    Raises:
        NotAllowed: tender-not-active.
    """
    if tender.status not in {Status.QUALIFICATION, Status.EVALUATION}:
        tender.expect(Status.ACTIVE)


def _invited(panel: Panel, person: str) -> Seat:
    seat = panel.seat_of(person)
    if seat.status is not SeatStatus.INVITED:
        raise NotAllowed("seat-taken", "The seat is accepted already.")
    LIFECYCLE.admit("accept", panel.status)
    return seat


def _replaced(
    panel: Panel,
    left: Seat,
    because: Any,
    rule: RuleReference | None,
    *,
    tender: Tender,
    pack: RulePack,
    candidates: Candidates,
    reason: str | None = None,
) -> tuple[Panel, MemberReplaced]:
    seats: tuple[Seat, ...] = ()
    skipped: tuple[Skip, ...] = ()
    draws, iteration = panel.draws, None
    if left.kind == "expert" and draws:
        last = draws[-1]
        iteration = last.closing.iteration
        seats, skipped, walked = seats_for(
            panel, last.order[last.walked :], 1, tender=tender, pack=pack, candidates=candidates
        )
        draws = (*draws[:-1], replace(last, walked=last.walked + walked))
    substitution = Substitution(
        left=left.label,
        because=because,
        rule=rule.rule if rule else None,
        source=rule.source if rule else None,
        substitute=seats[0].label if seats else None,
        iteration=iteration,
        skipped=skipped,
        reason=reason,
    )
    after = replace(
        panel,
        draws=draws,
        seats=(*panel.seats, *seats),
        substitutions=(*panel.substitutions, substitution),
    )
    return after, MemberReplaced(**panel.of(panel.version), substitution=substitution)


def _seat_parts(panel: Panel, seat: Seat) -> tuple[Part, ...]:
    roles = ["committee-member"]
    if seat.kind == "representative":
        roles.append("purchaser-representative")
    if panel.chair == seat.label:
        roles.append("committee-chair")
    return tuple(Part(seat.person, seat.organisation, role) for role in roles)
