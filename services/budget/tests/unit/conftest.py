from datetime import UTC, datetime
from typing import Any

import pytest

from budget.domain.funds import Funds, unfunded
from budget.domain.funds_data import Contract, FundingRequest, GradedPeriod, Milestone
from budget.domain.ledger import Cause
from budget.domain.line import Line, new_line
from shared.kernel.errors import RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Case:
    """One contracting process with the figures of the fiscal example: 1,200,000 reserved, 1,050,000 signed, EUR."""

    at = AT
    ocid = "ocds-test-1"
    contract_id = derived_id("test-contract", 1)
    reference = RuleReference("funds-reserved-before-publication", "Coxswain model pack")

    def eur(self, units: int) -> Money:
        return Money(units * 100, "EUR")

    def cause(self, number: int = 0) -> Cause:
        return Cause(derived_id("test-cause", number), AT)

    def line(self) -> Line:
        return new_line(code="social-care", title="Social care", fiscal_year=2026, currency="EUR")

    def request(self, amount: Money | None = None) -> FundingRequest:
        return FundingRequest(self.ocid, derived_id("test-tender"), self.line().id, amount or self.eur(1_200_000))

    def reserved(self) -> Funds:
        return unfunded(self.request()).reserve(self.request(), self.line(), self.cause(1))[0]

    def contract(self, **changed: Any) -> Contract:
        values = {
            "id": self.contract_id,
            "payee": "org-oarsmen",
            "value": self.eur(1_050_000),
            "pack": "model",
            "pack_version": "1.0.0",
            "acceleration": 1,
        }
        return Contract(**{**values, **changed})

    def milestones(self, *units: int) -> tuple[Milestone, ...]:
        """Return periods worth so many euros; by default 300,000, 500,000 and 250,000."""
        amounts = units or (300_000, 500_000, 250_000)
        return tuple(Milestone(f"2026-{number:02}", self.eur(each)) for number, each in enumerate(amounts, 1))

    def committed(self) -> Funds:
        return self.reserved().commit(self.contract(), self.milestones(), self.reference, self.cause(2))[0]

    def graded(self, period: str, grade: str, **changed: Any) -> GradedPeriod:
        values = {
            "ocid": self.ocid,
            "contract": self.contract_id,
            "period": period,
            "provider": "org-oarsmen",
            "grade": grade,
        }
        return GradedPeriod(**{**values, **changed})


@pytest.fixture
def case() -> Case:
    return Case()
