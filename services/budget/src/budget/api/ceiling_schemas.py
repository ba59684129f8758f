"""Ceilings over the wire."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from budget.api.appropriation_schemas import Year
from budget.domain.ceiling import Ceilings
from budget.domain.ceiling_events import Limit
from shared.contracts.fields import Amount, Instant
from shared.kernel.money import Money


class CeilingBody(BaseModel):
    """Up to how much contracts may promise of a later year's budget."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    year: Year
    amount: Amount


class CeilingsBody(BaseModel):
    """Ceilings that are proposed; `total` is of all later years together, beside those of the years."""

    model_config = ConfigDict(extra="forbid")

    ceilings: Annotated[list[CeilingBody], Field(max_length=50)] = []
    total: Amount | None = None

    def limits(self) -> tuple[Limit, ...]:
        """Return what is proposed."""
        return tuple(Limit(one.year, one.amount) for one in self.ceilings)


class CeilingView(BaseModel):
    """A year's ceiling, and what contracts promise under it until the year is opened."""

    year: int
    ceiling: Amount
    promised: Amount


class TotalView(BaseModel):
    """What contracts promise of all later years together; `ceiling` is null where only the years have theirs."""

    ceiling: Amount | None
    promised: Amount


class CeilingsView(BaseModel):
    """The ceilings of a line's code; what is `proposed` waits for another person until `decision_due`."""

    code: str
    currency: str
    ceilings: list[CeilingView]
    total: TotalView
    proposed: list[CeilingBody]
    proposed_total: Amount | None
    decision_due: Instant | None


def ceilings_view(state: Ceilings, limits: Sequence[tuple[Limit, Money]], promised: Money) -> CeilingsView:
    return CeilingsView(
        code=state.code,
        currency=state.currency,
        ceilings=[CeilingView(year=limit.year, ceiling=limit.amount, promised=promised) for limit, promised in limits],
        total=TotalView(ceiling=state.total, promised=promised),
        proposed=[CeilingBody.model_validate(limit) for limit in state.proposed],
        proposed_total=state.proposed_total,
        decision_due=state.due_at,
    )
