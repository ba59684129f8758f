"""Who is invited to bid: drawn from a pool whose digest is public before the draw, before witnesses."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from shared.kernel import draw
from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.checks import check_rule
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.invitation_events import CandidatesPooled, InviteesDrawn
from tender.domain.parts import Party, Status
from tender.domain.tender import Tender

METHOD = "vrs"
_DRAW_FACTS = frozenset({"procedure.invitee_pool", "procedure.draw_witnesses"})


class InvitationStatus(StrEnum):
    """Whether the draw has been."""

    POOLED = "pooled"
    DRAWN = "drawn"


LIFECYCLE = lifecycle(
    "invitation",
    InvitationStatus.POOLED,
    transition("witness", "pooled", "pooled", "procurement-officer"),
    transition("draw", "pooled", "drawn", "procurement-officer"),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The pool of a tender and who was drawn from it.

    The names stay with the office and those invited until the opening, so that bidders do not learn of each other;
    the digest of the pool is public before the draw, and afterwards anybody can work the draw out again.
    Shape: candidates are in the order of their ids; order is the whole drawn order of which the first are invited.
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
        """Return the SHA-256 of the tender's id and the candidates' ids, a line each."""
        lines = [str(self.tender), *(candidate.id for candidate in self.candidates)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def witness(self, *, by: str) -> "Invitation":
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
                satisfied_by="The same request from another person of the staff.",
            )
        if by in self.witnesses:
            raise NotAllowed("already-witness", "A person witnesses a draw once.")
        return replace(self, version=self.version + 1, witnesses=(*self.witnesses, by))

    def draw(
        self, randomness: bytes, *, method: str, at: datetime, pack: RulePack
    ) -> tuple["Invitation", tuple[InviteesDrawn, ...]]:
        """Draw, once; the code of the order is the pool's digest.

        Raises:
            NotAllowed: invitation-not-pooled; what the pack's rules on the pool and the witnesses refuse.
        """
        status = LIFECYCLE.move("draw", self.status, InvitationStatus.DRAWN)
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
        order = tuple(draw.order(self.digest.encode(), randomness, [candidate.id for candidate in self.candidates]))
        version = self.version + 1
        event = InviteesDrawn(
            aggregate=self.id,
            version=version,
            ocid=self.ocid,
            tender=self.tender,
            candidates=len(self.candidates),
            invitees=self.number,
            witnesses=len(self.witnesses),
            method=METHOD,
            digest=self.digest,
            randomness=randomness.hex(),
            drawn_at=at,
        )
        drawn = replace(self, version=version, status=status, order=order, randomness=randomness.hex(), drawn_at=at)
        return drawn, (event,)


def pool_candidates(
    identifier: UUID, tender: Tender, candidates: tuple[Party, ...], number: int, *, by: str, at: datetime
) -> tuple[Invitation, tuple[CandidatesPooled, ...]]:
    """Make the pool that invitees are drawn from; its digest is public from now on.

    Raises:
        NotAllowed: tender-not-draft.
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
    )
    event = CandidatesPooled(
        aggregate=identifier,
        version=1,
        ocid=tender.ocid,
        tender=tender.id,
        candidates=len(candidates),
        number=number,
        digest=invitation.digest,
        pooled_at=at,
    )
    return invitation, (event,)
