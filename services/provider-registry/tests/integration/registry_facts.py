"""What other services tell the registry."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.contract import Milestone, Signed
from shared.contracts.event import Organisation
from shared.contracts.inspection import PeriodGraded
from shared.contracts.tender import PinnedPack, Service
from shared.kernel.ids import derived_id
from shared.kernel.money import Money


def contract(number: int) -> UUID:
    return derived_id("contract", number)


def signed(number: int = 1, supplier: str = "oarsmen", **changes: Any) -> Signed:
    return Signed(
        ocid=f"ocds-test-{number}",
        tender=derived_id("tender", number),
        award=derived_id("award", number),
        contract=contract(number),
        title="Meals on wheels",
        buyer=Organisation(id="county", name="The County"),
        supplier=Organisation(id=supplier, name=supplier.title()),
        service=Service(code="meals", title="Meals on wheels"),
        value=Money(100_000, "EUR"),
        milestones=(
            Milestone(period="1", start=date(2026, 3, 1), end=date(2026, 3, 31), amount=Money(100_000, "EUR")),
        ),
        signed_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        pack=PinnedPack(id="model", version="1.0.0"),
        acceleration=1,
    ).model_copy(update=changes)


def graded(
    period: str = "1", score: str = "90.00", grade: str = "A", number: int = 1, provider: str = "oarsmen"
) -> PeriodGraded:
    return PeriodGraded(
        ocid=f"ocds-test-{number}",
        contract=contract(number),
        period=period,
        provider=provider,
        score=score,
        grade=grade,
        derivation=(),
    )
