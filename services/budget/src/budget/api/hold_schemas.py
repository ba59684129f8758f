"""What goes over the wire of amounts that are withheld; who proposed and who decided is shown to nobody."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from budget.domain.hold import Hold, HoldState
from shared.contracts.fields import Amount, Instant, LongText, ShortText
from shared.contracts.payment_terms import ReleaseCondition
from shared.kernel.access import Actor


class ProposalView(BaseModel):
    """What is proposed, and waits for a second person."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["release", "forfeiture"]
    amount: Amount
    reason: str
    at: Instant


class HoldView(BaseModel):
    """An amount that is withheld: `released` and `forfeited` are parts of it, `rest` is what is still withheld.

    `grounds` of an appeal are shown to the provider and the finance office, `proposal` to the finance office alone.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: HoldState
    line: UUID
    ocid: str
    contract: UUID
    period: str
    payee: str
    grade: str
    reason: str
    text: str
    amount: Amount
    released: Amount
    forfeited: Amount
    rest: Amount
    condition: ReleaseCondition
    notified_at: Instant
    appeal_until: Instant
    release_at: Instant | None
    appealed_at: Instant | None
    decision_due: Instant
    grounds: str | None
    proposal: ProposalView | None


class AppealBody(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")

    grounds: LongText


class DecisionBody(BaseModel):
    """What is to become of `amount` of a hold; without it, of all that is still withheld."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount | None = None
    reason: ShortText


def hold_view(hold: Hold, actor: Actor | None) -> HoldView:
    """Show a hold to whoever asks."""
    shown = HoldView.model_validate(hold)
    of_office = actor is not None and "finance-officer" in actor.roles
    of_payee = actor is not None and actor.organisation == hold.payee
    hidden = {
        **({} if of_office or of_payee else {"grounds": None}),
        **({} if of_office else {"proposal": None}),
    }
    return shown.model_copy(update=hidden)
