from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from evaluation.api import deps
from evaluation.main import create
from evaluation.settings import Settings
from shared.contracts.contract import Milestone, Signed
from shared.contracts.event import Organisation
from shared.contracts.tender import PinnedPack, Service
from shared.kernel.money import Money
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

MIGRATIONS = Path(__file__).parents[2] / "migrations"
SEED = bytes(range(32))
CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")
KPI = {"id": "meals", "title": "Meals on time, percent", "direction": "higher", "target": "100", "observed": "95"}


@pytest.fixture(scope="session")
def evaluation_template(postgres: PostgresForTests) -> str:
    return postgres.template("evaluation", lambda url: migrate(MIGRATIONS, url))


@pytest.fixture
async def evaluation(
    postgres: PostgresForTests, evaluation_template: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningService]:
    url = postgres.new_database(evaluation_template)
    monkeypatch.setattr(deps, "new_secret", lambda: SEED)
    async with running(create, Settings, url) as service:
        yield service
    postgres.drop(url)


@pytest.fixture
def signed() -> Callable[..., Signed]:
    """Write the event of a contract with two monthly periods."""

    def make(contract: UUID = CONTRACT, **changes: Any) -> Signed:
        values: dict[str, Any] = {
            "ocid": f"ocds-test-{contract}",
            "tender": UUID(int=1),
            "award": UUID(int=2),
            "contract": contract,
            "title": "Meals on wheels",
            "buyer": Organisation(id="county", name="The County"),
            "supplier": Organisation(id="meals-coop", name="Meals Cooperative"),
            "service": Service(code="meals", title="Meals on wheels"),
            "value": Money(1_000_000, "EUR"),
            "milestones": (
                Milestone(
                    period="2026-03", start=date(2026, 3, 1), end=date(2026, 3, 31), amount=Money(500_000, "EUR")
                ),
                Milestone(
                    period="2026-04", start=date(2026, 4, 1), end=date(2026, 4, 30), amount=Money(500_000, "EUR")
                ),
            ),
            "signed_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "pack": PinnedPack(id="model", version="1.0.0"),
            "acceleration": 1,
            "handlers": (),
            **changes,
        }
        return Signed(**values)

    return make


class Office:
    """Those who act on the service, each with what they usually send."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self.officer = ("olga", "accreditation-office", "accreditation-officer")
        self.coordinator = ("carla", "supervision-office", "supervision-coordinator")
        self.supervisor = ("ines", "inspect-a", "supervisor")
        self.contract_manager = ("bruno", "county", "contract-manager")

    async def post(
        self, party: tuple[str, str, str], path: str, body: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        return await self._service.client.post(path, json=body, headers=self._service.headers(*party) | headers)

    async def accredit(self, organisation: str = "inspect-a", **changes: Any) -> httpx.Response:
        valid_until = (self._service.clock.now() + timedelta(days=365)).date().isoformat()
        body = {"organisation": organisation, "name": organisation.title(), "inspection_body_type": "A"}
        return await self.post(self.officer, "/v1/supervisors", body | {"valid_until": valid_until} | changes)

    async def assign(self, contract: UUID = CONTRACT) -> httpx.Response:
        return await self.post(self.coordinator, f"/v1/supervision-files/{contract}/assignment")

    async def report(self, **changes: Any) -> httpx.Response:
        body = {"period": "2026-03", "visited_on": "2026-03-02", "kpis": [KPI], "findings": []} | changes
        return await self.post(self.supervisor, f"/v1/supervision-files/{CONTRACT}/inspections", body)

    async def accept(self, period: str = "2026-03") -> httpx.Response:
        return await self.post(self.contract_manager, f"/v1/supervision-files/{CONTRACT}/periods/{period}/acceptance")


@pytest.fixture
def office(evaluation: RunningService) -> Office:
    return Office(evaluation)
