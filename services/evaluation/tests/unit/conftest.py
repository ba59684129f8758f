from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from evaluation.domain.agreement import Milestone, Party, PinnedPack
from evaluation.domain.supervision_file import SupervisionFile, open_file
from evaluation.domain.supervisor import Supervisor, accredit
from evaluation.domain.supervisor_data import InspectionBodyType
from shared.kernel.money import Money
from shared.rules.grading import KpiObservation
from shared.rules.pack import load_pack

SIGNED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday


@pytest.fixture
def supervisor() -> Callable[..., Supervisor]:
    """Make a supervisor on the register."""

    def make(
        organisation: str = "inspect-a",
        kind: str = "A",
        valid_until: date = date(2027, 1, 1),
        conflicts: tuple[str, ...] = (),
    ) -> Supervisor:
        made, _ = accredit(
            organisation=organisation,
            name=organisation.title(),
            inspection_body_type=InspectionBodyType(kind),
            valid_until=valid_until,
            on=date(2026, 1, 1),
        )
        for conflict in conflicts:
            made, _ = made.declare_conflict(conflict)
        return made

    return make


@pytest.fixture
def signed_file() -> Callable[..., SupervisionFile]:
    """Open the file of a contract with two monthly periods."""

    def make(acceleration: int = 1, milestones: tuple[Milestone, ...] | None = None) -> SupervisionFile:
        return open_file(
            contract=UUID("0195a000-0000-7000-8000-000000000001"),
            ocid="ocds-test-1",
            title="Meals on wheels",
            buyer=Party("county", "The County"),
            provider=Party("meals-coop", "Meals Cooperative"),
            milestones=milestones
            if milestones is not None
            else (
                Milestone("2026-03", date(2026, 3, 1), date(2026, 3, 31), Money(500_000, "EUR")),
                Milestone("2026-04", date(2026, 4, 1), date(2026, 4, 30), Money(500_000, "EUR")),
            ),
            pinned=PinnedPack("model", "1.0.0"),
            acceleration=acceleration,
            sandbox=acceleration > 1,
            signed_at=SIGNED_AT,
            pack=load_pack("model"),
            handlers=(),
        )

    return make


@pytest.fixture
def kpis() -> tuple[KpiObservation, ...]:
    """Two indicators, attained to 95 % and to 50 %."""
    return (
        KpiObservation("meals", "Meals delivered on time, percent", Decimal(100), Decimal(95), "higher"),
        KpiObservation("complaints", "Complaints", Decimal(2), Decimal(4), "lower"),
    )
