"""An amount that was accepted and is withheld: told to the provider, who may appeal, until it is paid or forfeited."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from budget.domain.hold_events import HoldAppealed, HoldDecided, HoldEvent, HoldReleased
from shared.kernel.access import different_persons
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.lifecycle import lifecycle, transition
from shared.kernel.money import Money, zero
from shared.rules.pack import RulePack
from shared.rules.payment_formula import PaymentFormula, ReleaseCondition
from shared.rules.payment_split import HeldPart

APPEAL, DECISION, SECOND_PERSON = "hold-appeal", "hold-appeal-decision", "second-person.hold"


class HoldState(StrEnum):
    """Where a hold stands; partly says that one part was released and the other forfeited."""

    HELD = "held"
    APPEALED = "appealed"
    RELEASED = "released"
    FORFEITED = "forfeited"
    PARTLY = "partly"


_OPEN = "held appealed"
HOLD = lifecycle(
    "hold",
    HoldState.HELD,
    transition("appeal", "held", "appealed", "provider", rule=APPEAL, events="budget.hold-appealed.v1"),
    transition("propose", _OPEN, _OPEN, "finance-officer", rule=SECOND_PERSON),
    transition("refuse", _OPEN, _OPEN, "another finance-officer", rule=SECOND_PERSON),
    transition(
        "release",
        _OPEN,
        f"{_OPEN} released partly",
        "another finance-officer, or time and grade by the contract",
        events="budget.hold-decided.v1 budget.hold-released.v1",
    ),
    transition(
        "forfeit",
        _OPEN,
        f"{_OPEN} forfeited partly",
        "another finance-officer",
        rule=APPEAL,
        events="budget.hold-decided.v1",
    ),
    events="budget.held.v1",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person proposes to do with a part of what is withheld, or with all of it."""

    kind: Literal["release", "forfeiture"]
    amount: Money
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One amount that is withheld for one reason.

    Units: amount is what was withheld at first; released and forfeited are parts of it. grade and share are those of
    the period.
    """

    id: UUID
    version: int
    ocid: str
    line: UUID
    contract: UUID
    period: str
    payee: str
    reason: str
    text: str
    amount: Money
    released: Money
    forfeited: Money
    condition: ReleaseCondition
    grade: str
    share: Decimal
    notified_at: datetime
    appeal_until: datetime
    decision_due: datetime
    release_at: datetime | None
    state: HoldState = HoldState.HELD
    appealed_at: datetime | None = None
    grounds: str | None = None
    proposal: Proposal | None = None

    @property
    def rest(self) -> Money:
        """What is still withheld."""
        return self.amount - self.released - self.forfeited

    @property
    def waiting(self) -> tuple[str, datetime] | None:
        """What it waits for, and until when; what time or a grade will end waits for nobody."""
        if not self.rest.minor:
            return None
        if self.state is HoldState.APPEALED:
            return "the decision on the appeal", self.decision_due
        return None if self.release_at is not None else ("a decision on what is held", self.decision_due)

    @property
    def clock_at(self) -> datetime | None:
        """When time ends it by itself."""
        return self.release_at if self.rest.minor else None

    def met_by(self, formula: PaymentFormula, period: str, grade: str) -> bool:
        """Whether the grade of another period ends it."""
        least = self.condition.grade
        return bool(self.rest.minor and least and period != self.period and formula.reaches(grade, least))


Change = tuple[Hold, tuple[HoldEvent, ...]]


def new_hold(
    part: HeldPart,
    pack: RulePack,
    *,
    ocid: str,
    line: UUID,
    contract: UUID,
    period: str,
    payee: str,
    grade: str,
    share: Decimal,
    at: datetime,
    acceleration: int,
) -> Hold:
    """Withhold a part of what was accepted; the notice to the provider is the event of the acceptance."""
    days = part.release.days
    return Hold(
        id=derived_id("hold", contract, period, part.reason),
        version=1,
        ocid=ocid,
        line=line,
        contract=contract,
        period=period,
        payee=payee,
        reason=part.reason,
        text=part.text,
        amount=part.amount,
        released=zero(part.amount.currency),
        forfeited=zero(part.amount.currency),
        condition=part.release,
        grade=grade,
        share=share,
        notified_at=at,
        appeal_until=pack.ends_at(APPEAL, at, acceleration),
        decision_due=pack.ends_at("payment", at, acceleration),
        release_at=None if days is None else hasten(at, at + timedelta(days=days), acceleration),
    )


def appeal(hold: Hold, grounds: str, *, at: datetime, pack: RulePack, acceleration: int) -> Change:
    """Contest as the provider that an amount is withheld; the decision is due within the pack's term.

    Raises:
        NotAllowed: hold-not-held, appeal-too-late.
    """
    state = HOLD.move("appeal", hold.state, HoldState.APPEALED, pack)
    if at >= hold.appeal_until:
        raise NotAllowed(
            "appeal-too-late",
            "The time to appeal against the hold is over.",
            reference=pack.reference(APPEAL),
            satisfied_by="An appeal before the end of the term that the notice names.",
        )
    due = pack.ends_at(DECISION, at, acceleration)
    after = replace(hold, version=hold.version + 1, state=state, appealed_at=at, grounds=grounds, decision_due=due)
    return after, (HoldAppealed(**_of(after, hold.rest), appealed_at=at, decision_due=due),)


def propose(hold: Hold, proposal: Proposal, pack: RulePack) -> Change:
    """Propose to release or to forfeit a part of what is withheld, or all of it; a second person decides.

    Raises:
        NotAllowed: hold-not-held, proposal-pending, release-above-held, forfeiture-above-held, forfeiture-too-early.
        Invalid: amount-not-positive, currency-differs.
    """
    HOLD.admit("propose", hold.state, pack)
    if hold.proposal is not None:
        raise NotAllowed(
            "proposal-pending",
            "What to do with the hold is proposed already.",
            reference=pack.reference(SECOND_PERSON),
            satisfied_by="The confirmation or refusal of what is proposed.",
        )
    _check(hold, proposal, pack)
    return replace(hold, version=hold.version + 1, proposal=proposal), ()


def refuse(hold: Hold, *, by: str, pack: RulePack) -> Change:
    """Drop as a second person what was proposed.

    Raises:
        NotAllowed: hold-not-held, proposal-missing.
        Forbidden: second-person-needed.
    """
    HOLD.admit("refuse", hold.state, pack)
    _decided_by_another(hold, by, pack)
    return replace(hold, version=hold.version + 1, proposal=None), ()


def confirm(hold: Hold, *, by: str, at: datetime, pack: RulePack) -> tuple[Hold, Proposal, tuple[HoldEvent, ...]]:
    """Carry out as a second person what was proposed; of an appealed hold this is the decision on the appeal.

    Raises:
        NotAllowed: hold-not-held, proposal-missing, and what propose() refuses of the amount.
        Forbidden: second-person-needed.
    """
    HOLD.admit("propose", hold.state, pack)
    proposal = _decided_by_another(hold, by, pack)
    # A grade may have come since it was proposed.
    _check(hold, proposal, pack)
    releases = proposal.kind == "release"
    after = _release(hold, proposal.amount) if releases else _forfeit(hold, proposal.amount, pack)
    decided = HoldDecided(
        **_of(after, proposal.amount),
        outcome="released" if releases else "forfeited",
        appealed=hold.state is HoldState.APPEALED,
        reason=proposal.reason,
        decided_at=at,
    )
    if not releases:
        return after, proposal, (decided,)
    released = replace(after, version=after.version + 1)
    told = HoldReleased(**_of(released, proposal.amount), because="decision", reason=proposal.reason, released_at=at)
    return released, proposal, (decided, told)


def release_by_condition(hold: Hold, reason: str, *, at: datetime) -> Change:
    """Release all that is still withheld, as what the contract named has come.

    Raises:
        NotAllowed: hold-not-held.
    """
    amount = hold.rest
    after = _release(hold, amount)
    return after, (HoldReleased(**_of(after, amount), because="condition", reason=reason, released_at=at),)


def _release(hold: Hold, amount: Money) -> Hold:
    left = hold.rest - amount
    ended = HoldState.PARTLY if hold.forfeited.minor else HoldState.RELEASED
    state = HOLD.move("release", hold.state, hold.state if left.minor else ended)
    released = hold.released + amount
    return replace(hold, version=hold.version + 1, state=state, released=released, proposal=None)


def _forfeit(hold: Hold, amount: Money, pack: RulePack) -> Hold:
    left = hold.rest - amount
    ended = HoldState.PARTLY if hold.released.minor else HoldState.FORFEITED
    state = HOLD.move("forfeit", hold.state, hold.state if left.minor else ended, pack)
    forfeited = hold.forfeited + amount
    return replace(hold, version=hold.version + 1, state=state, forfeited=forfeited, proposal=None)


def _check(hold: Hold, proposal: Proposal, pack: RulePack) -> None:
    amount = proposal.amount
    if amount.currency != hold.amount.currency:
        raise Invalid("currency-differs", "The hold is in another currency.", pointer="/body/amount")
    if amount.minor <= 0:
        raise Invalid("amount-not-positive", "An amount above zero is decided on.", pointer="/body/amount")
    if amount > hold.rest:
        raise NotAllowed(
            f"{proposal.kind}-above-held",
            "More would be decided on than is still withheld.",
            satisfied_by="At most the rest of the hold.",
        )
    # Once it is appealed the decision itself is the answer that the provider waits for.
    if proposal.kind == "forfeiture" and hold.state is HoldState.HELD and proposal.at < hold.appeal_until:
        raise NotAllowed(
            "forfeiture-too-early",
            "The provider may still appeal.",
            reference=pack.reference(APPEAL),
            satisfied_by="A forfeiture after the term to appeal that the notice names.",
        )


def _decided_by_another(hold: Hold, by: str, pack: RulePack) -> Proposal:
    reference = pack.reference(SECOND_PERSON)
    if hold.proposal is None:
        raise NotAllowed(
            "proposal-missing",
            "Nothing is proposed for the hold.",
            reference=reference,
            satisfied_by="A proposal by another person.",
        )
    if pack.flag(SECOND_PERSON):
        different_persons(hold.proposal.by, by, "Deciding on what is held", reference)
    return hold.proposal


def _of(hold: Hold, amount: Money) -> dict[str, Any]:
    return {
        "aggregate": hold.id,
        "version": hold.version,
        "ocid": hold.ocid,
        "contract": hold.contract,
        "hold": hold.id,
        "period": hold.period,
        "payee": hold.payee,
        "amount": amount,
        "rest": hold.rest,
    }
