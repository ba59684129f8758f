"""Topic `budget`: what of an accepted period is deducted, and what becomes of what is withheld."""

from typing import Literal
from uuid import UUID

from shared.contracts.fields import Amount, Instant, LongText, OrganisationId, ShortText
from shared.contracts.subject import OfContract

OWNER = "budget"


class Deducted(OfContract, type="budget.deducted.v1", owner=OWNER):
    """An amount of a period is not paid for good, and is available again."""

    period: ShortText
    line: UUID
    payee: OrganisationId
    amount: Amount
    reason: LongText
    hold: UUID | None
    available: Amount


class _OfHold(OfContract):
    hold: UUID
    period: ShortText
    payee: OrganisationId
    amount: Amount
    rest: Amount


class HoldAppealed(_OfHold, type="budget.hold-appealed.v1", owner=OWNER):
    """The provider contests that an amount is withheld."""

    appealed_at: Instant
    decision_due: Instant


class HoldReleased(_OfHold, type="budget.hold-released.v1", owner=OWNER):
    """An amount that was withheld is owed."""

    because: Literal["condition", "decision"]
    reason: LongText
    released_at: Instant


class HoldDecided(_OfHold, type="budget.hold-decided.v1", owner=OWNER):
    """Two persons decided on an amount that is withheld; if it was appealed, that decides the appeal."""

    outcome: Literal["released", "forfeited"]
    appealed: bool
    reason: LongText
    decided_at: Instant
