"""Who is invited to bid: drawn by a public beacon from a pool that is fixed before, before witnesses."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from shared.kernel.beacon import Beacon
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.checks import check_rule
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.draw_parts import Closing, Draw, NumbersEntered, Randomness
from tender.domain.invitation_events import CandidatesPooled, InviteesDrawn
from tender.domain.parts import Party, Status
from tender.domain.public_draw import draw_first, expect_ahead, expect_spoken, numbers_entered
from tender.domain.tender import Tender

_WITNESSES = "method.invited.draw-witnesses"
_DRAW_FACTS = frozenset({"procedure.invitee_pool", "procedure.draw_witnesses"})


class InvitationStatus(StrEnum):
    """Whether the draw has been."""

    POOLED = "pooled"
    DRAWN = "drawn"


LIFECYCLE = lifecycle(
    "invitation",
    InvitationStatus.POOLED,
    transition("witness", "pooled", "pooled", "procurement-officer"),
    transition("enter-numbers", "pooled", "pooled", "procurement-officer"),
    transition("draw", "pooled", "drawn", "procurement-officer"),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The pool of a tender and who was drawn from it.

    The names stay with the office and those invited until the opening, so that bidders do not learn of each other. What
    is drawn are labels that tell nothing: with them anybody can draw again at once, and the salted digest, which is
    public before the beacon, holds fast which label is whose.
    Shape: candidates are in the order of their ids, labels in the order of the candidates; order is the whole drawn
    order of which the first are invited. Without labels, salt and closing it was made before there were beacons.
    """

    id: UUID
    version: int
    tender: UUID
    ocid: str
    buyer: Party
    candidates: tuple[Party, ...]
    number: int
    author: str
    pooled_at: datetime
    status: InvitationStatus = InvitationStatus.POOLED
    witnesses: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    randomness: str | None = None
    drawn_at: datetime | None = None
    labels: tuple[UUID, ...] = ()
    salt: str = ""
    closing: Closing | None = None
    entered: tuple[NumbersEntered, ...] = ()
    draw: Draw | None = None

    @property
    def drawn(self) -> bool:
        """Say whether the draw has been."""
        return self.status is InvitationStatus.DRAWN

    @property
    def invitees(self) -> tuple[str, ...]:
        """Return the organisations that are invited, once they are drawn."""
        return self.order[: self.number]

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the salt, the tender's id and each label with its candidate's id, a line each.

        Without the salt anybody could try out who is in the pool.
        """
        ids = [candidate.id for candidate in self.candidates]
        held = [f"{label} {whose}" for label, whose in zip(self.labels, ids, strict=True)] if self.labels else ids
        salt = [self.salt] if self.salt else []
        return hashlib.sha256("\n".join([*salt, str(self.tender), *held]).encode()).hexdigest()

    def witness(self, *, by: str, pack: RulePack) -> "Invitation":
        """Witness the draw, as somebody who did not make the pool.

        Raises:
            NotAllowed: invitation-not-pooled, already-witness.
            Forbidden: witness-not-independent.
        """
        LIFECYCLE.admit("witness", self.status)
        if by == self.author:
            raise Forbidden(
                "witness-not-independent",
                "Whoever made the pool does not witness the draw.",
                reference=pack.reference(_WITNESSES),
                satisfied_by="The same request from another person of the staff.",
            )
        if by in self.witnesses:
            raise NotAllowed(
                "already-witness",
                "A person witnesses a draw once.",
                reference=pack.reference(_WITNESSES),
                satisfied_by="The same request from another person of the staff.",
            )
        return replace(self, version=self.version + 1, witnesses=(*self.witnesses, by))

    def may_be_drawn(self, *, method: str, at: datetime, pack: RulePack) -> Closing:
        """Admit the draw.

        Raises:
            NotAllowed: invitation-not-pooled, beacon-missing, beacon-not-yet; what the pack's rules on the pool and the
                witnesses refuse.
        """
        LIFECYCLE.admit("draw", self.status)
        if self.closing is None:
            raise NotAllowed(
                "beacon-missing",
                "The pool was made without a beacon.",
                reference=pack.reference("method.invited.drawn-at-random"),
                satisfied_by="Another tender.",
            )
        facts: dict[str, FactValue] = {
            "procedure.method": method,
            "procedure.invitee_pool": Fraction(len(self.candidates)),
            "procedure.invitees": Fraction(self.number),
            "procedure.draw_witnesses": Fraction(len(self.witnesses)),
        }
        for rule_id in sorted(pack.rules):
            rule = pack.rules[rule_id]
            if rule.check is not None and rule.check.fact in _DRAW_FACTS:
                require(check_rule(rule, facts, pack.calendar).result)
        expect_spoken(self.closing.beacon, at=at, pack=pack)
        return self.closing

    def enter_numbers(self, randomness: Randomness, person: str) -> tuple["Invitation", bool]:
        """Note what a person read in the public records; return also whether two persons have read the same.

        Raises:
            NotAllowed: numbers-entered, if the same person enters the same again.
        """
        LIFECYCLE.admit("enter-numbers", self.status)
        entered, agreed = numbers_entered(self.entered, randomness, person)
        return replace(self, version=self.version + 1, entered=entered), agreed

    def draw_invitees(
        self, randomness: Randomness, code: bytes, *, method: str, at: datetime, pack: RulePack
    ) -> tuple["Invitation", tuple[InviteesDrawn, ...]]:
        """Reveal the code and draw, once.

        Raises:
            NotAllowed: what may_be_drawn() refuses.
        """
        closing = self.may_be_drawn(method=method, at=at, pack=pack)
        drawn = draw_first(closing, randomness, code, at=at)
        whose = dict(zip(self.labels, self.candidates, strict=True))
        after = replace(
            self,
            version=self.version + 1,
            status=LIFECYCLE.move("draw", self.status, InvitationStatus.DRAWN),
            order=tuple(whose[label].id for label in drawn.order),
            randomness=drawn.randomness,
            drawn_at=at,
            entered=(),
            draw=drawn,
        )
        event = InviteesDrawn(
            aggregate=self.id,
            version=after.version,
            ocid=self.ocid,
            tender=self.tender,
            candidates=len(self.candidates),
            invitees=self.number,
            witnesses=len(self.witnesses),
            digest=self.digest,
            draw=drawn,
        )
        return after, (event,)


def pool_candidates(
    identifier: UUID,
    tender: Tender,
    candidates: tuple[Party, ...],
    number: int,
    beacon: Beacon,
    *,
    labels: tuple[UUID, ...],
    salt: str,
    commitment: str,
    by: str,
    at: datetime,
    pack: RulePack,
) -> tuple[Invitation, tuple[CandidatesPooled, ...]]:
    """Fix the pool, the commitment and the beacon that invitees are drawn by; the salted digest is public from now on.

    Shape: as many labels as candidates.

    Raises:
        NotAllowed: tender-not-draft, beacon-too-early.
        Invalid: candidate-repeated, invitees-more-than-candidates.
    """
    tender.expect(Status.DRAFT)
    if len({candidate.id for candidate in candidates}) < len(candidates):
        raise Invalid("candidate-repeated", "A candidate is in the pool once.", pointer="/body/candidates")
    if not 1 <= number <= len(candidates):
        raise Invalid(
            "invitees-more-than-candidates",
            "At least one and at most all candidates are drawn.",
            pointer="/body/number",
        )
    expect_ahead(beacon, at=at, acceleration=tender.acceleration, pack=pack)
    closing = Closing(
        pool=tuple(sorted(labels, key=str)),
        commitment=commitment,
        iteration=1,
        beacon=beacon,
        places=number,
        closed_at=at,
    )
    invitation = Invitation(
        id=identifier,
        version=1,
        tender=tender.id,
        ocid=tender.ocid,
        buyer=tender.buyer,
        candidates=tuple(sorted(candidates, key=lambda candidate: candidate.id)),
        number=number,
        author=by,
        pooled_at=at,
        labels=labels,
        salt=salt,
        closing=closing,
    )
    event = CandidatesPooled(
        aggregate=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        candidates=len(candidates),
        number=number,
        digest=invitation.digest,
        closing=closing,
    )
    return invitation, (event,)
