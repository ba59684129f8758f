"""A need, entered in the procurement plan."""

from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import Invalid
from shared.kernel.money import Money
from tender.domain.catalogue import Service
from tender.domain.events import Planned
from tender.domain.parts import Party


@dataclass(frozen=True, slots=True)
class Plan:
    """What an office means to buy, from which budget line, for how much at the most."""

    id: UUID
    version: int
    buyer: Party
    title: str
    service: Service
    estimate: Money
    budget_line: UUID


def make_plan(
    *, identifier: UUID, buyer: Party, title: str, service: Service, estimate: Money, budget_line: UUID
) -> tuple[Plan, tuple[Planned, ...]]:
    """Enter a need.

    Raises:
        Invalid: estimate-not-positive.
    """
    if estimate.minor <= 0:
        raise Invalid("estimate-not-positive", "An estimate is above zero.")
    plan = Plan(identifier, 1, buyer, title, service, estimate, budget_line)
    event = Planned(
        aggregate=plan.id,
        version=1,
        title=title,
        buyer=buyer,
        service=service,
        estimate=estimate,
        budget_line=budget_line,
    )
    return plan, (event,)
