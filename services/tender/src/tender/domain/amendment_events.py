"""What happens when a published tender is amended."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.money import Money
from shared.rules.payment_formula import PaymentFormula
from tender.domain.events import ProcedureEvent
from tender.domain.parts import AwardCriterion, Delivery, Lot
from tender.domain.requirements import RequirementCriterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended(ProcedureEvent):
    amendment: UUID
    number: int
    reason: str
    changed: tuple[str, ...]
    title: str
    description: str
    value: Money
    lots: tuple[Lot, ...]
    criteria: tuple[AwardCriterion, ...]
    requirements: tuple[RequirementCriterion, ...]
    delivery: Delivery
    amended_at: datetime
    old_closes_at: datetime
    closes_at: datetime
    questions_until: datetime
    payment_terms: PaymentFormula | None = None
