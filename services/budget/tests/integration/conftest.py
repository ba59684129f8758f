from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from budget.main import create
from budget.settings import Settings
from budget.usecases.verification import verify
from shared.contracts.contract import Assigned, Milestone, Signed
from shared.contracts.event import Organisation
from shared.contracts.fields import money_text
from shared.contracts.inspection import PeriodGraded
from shared.contracts.tender import Cancelled, FundingRequested, PinnedPack, Service, Unsuccessful
from shared.kernel.ids import derived_id, opaque_id
from shared.kernel.money import Money, money
from shared.platform.database import migrate
from shared.testing.postgres import PostgresForTests
from shared.testing.services import RunningService, running

MIGRATIONS = Path(__file__).parents[2] / "migrations"
OFFICE = Organisation(id="org-city", name="City of Kingston")
SUPPLIER = Organisation(id="org-oarsmen", name="Oarsmen Care")
ADJUSTED = """
    SELECT count(*) FROM balances JOIN budget_lines ON budget_lines.id = line_id
    WHERE stage = 'appropriated' AND amount <> coalesce((original #>> '{amount,minor}')::bigint, 0) + coalesce((
        SELECT sum(CASE from_stage WHEN 'appropriated' THEN amount ELSE -amount END) FROM transfers
        WHERE transfers.line_id = budget_lines.id AND cause_event IS NOT NULL
            AND 'appropriated' IN (from_stage, to_stage)
    ), 0)
"""
UNALLOTTED = """
    SELECT count(*) FROM balances JOIN budget_lines ON budget_lines.id = line_id
    WHERE stage = 'unallotted' AND amount <> coalesce((
        SELECT sum((quarter ->> 'minor')::bigint)
        FROM jsonb_array_elements(original -> 'quarters') WITH ORDINALITY AS kept (quarter, number)
        WHERE number > opened AND closed_at IS NULL
    ), 0)
"""
# What was paid stays on the line it was paid from, whatever line the process is on now.
PAID = """
    SELECT count(*) FROM funds WHERE paid <> coalesce((
        SELECT sum(CASE to_stage WHEN 'paid' THEN amount ELSE -amount END) FROM transfers
        WHERE transfers.ocid = funds.ocid AND 'paid' IN (from_stage, to_stage)
    ), 0)
"""
# What is owed and what is withheld is on the line of its process.
ORDERED = """
    SELECT count(*) FROM funds JOIN (
        SELECT ocid, line_id FROM payment_orders WHERE state IN ('due', 'approved')
        UNION ALL SELECT ocid, line_id FROM holds WHERE released + forfeited < amount
    ) AS owed USING (ocid) WHERE owed.line_id <> funds.line_id
"""

HELD = """
    SELECT count(*) FROM funds WHERE held <> coalesce((
        SELECT sum(amount - released - forfeited) FROM holds WHERE holds.ocid = funds.ocid
    ), 0)
"""


def eur(units: int) -> Money:
    return Money(units * 100, "EUR")


@dataclass
class Procedure:
    """One contracting process as the other services tell of it."""

    number: int = 1

    @staticmethod
    def money(units: int) -> Money:
        return eur(units)

    @property
    def ocid(self) -> str:
        return f"ocds-test-{self.number}"

    @property
    def tender(self) -> UUID:
        return derived_id("test-tender", self.number)

    @property
    def contract(self) -> UUID:
        return derived_id("test-contract", self.number)

    def requested(self, line: str, amount: Money, pack: PinnedPack | None = None) -> FundingRequested:
        return FundingRequested(
            ocid=self.ocid,
            tender=self.tender,
            plan=derived_id("test-plan"),
            title="Meals on wheels",
            buyer=OFFICE,
            budget_line=UUID(line),
            amount=amount,
            answer_due=datetime(2026, 3, 4, tzinfo=UTC),
            pack=pack,
        )

    def cancelled(self) -> Cancelled:
        return Cancelled(ocid=self.ocid, tender=self.tender, reason="The need is gone.")

    def unsuccessful(self) -> Unsuccessful:
        return Unsuccessful(ocid=self.ocid, tender=self.tender, bids=1, reason="One bid.", rule="gate", source="Model")

    def signed(self, *units: int, **changed: Any) -> Signed:
        """Sign a contract of periods worth so many euros."""
        milestones = tuple(
            Milestone(
                period=f"2026-{month:02}", start=date(2026, month, 1), end=date(2026, month, 28), amount=eur(each)
            )
            for month, each in enumerate(units, 1)
        )
        values = {
            "ocid": self.ocid,
            "tender": self.tender,
            "award": derived_id("test-award", self.number),
            "contract": self.contract,
            "title": "Meals on wheels",
            "buyer": OFFICE,
            "supplier": SUPPLIER,
            "service": Service(code="85300000", title="Social work"),
            "value": eur(sum(units)),
            "milestones": milestones,
            "signed_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
            "pack": PinnedPack(id="model", version="1.0.0"),
            "acceleration": 1,
        }
        return Signed(**{**values, **changed})

    def assigned(self) -> Assigned:
        """Tell that the contract went over to another provider."""
        return Assigned(
            ocid=self.ocid, contract=self.contract, before=SUPPLIER, supplier=Organisation(id="heir", name="Heir"),
            ground="succession", reason="A merger.", rule="contract-assignment.grounds", source="An act",
            assigned_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        )  # fmt: skip

    def graded(self, period: str, grade: str, **changed: Any) -> PeriodGraded:
        values = {
            "ocid": self.ocid,
            "contract": self.contract,
            "period": period,
            "provider": SUPPLIER.id,
            "score": "88.00",
            "grade": grade,
            "derivation": (),
        }
        return PeriodGraded(**{**values, **changed})


@dataclass
class Budget:
    """The service under test, with what its tests do over and over."""

    service: RunningService

    def officer(self) -> dict[str, str]:
        return self.service.headers("p-finance", "org-city", "finance-officer")

    async def appropriate(self, units: int = 5_000_000, code: str = "social-care", **changed: Any) -> str:
        """Grant an amount and return the line's id."""
        body = {
            "code": code,
            "title": "Social care",
            "fiscal_year": 2026,
            "amount": {"amount": f"{units}.00", "currency": "EUR"},
        }
        response = await self.service.client.post(
            "/v1/appropriations", json={**body, **changed}, headers=self.officer()
        )
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def second_officer(self) -> dict[str, str]:
        return self.service.headers("p-finance-2", "org-city", "finance-officer")

    async def propose(self, kind: str, **told: Any) -> Any:
        """Propose a revision."""
        body = {"kind": kind, "reason": "Demand has changed.", "decision": "Council 2026/114", **told}
        return await self.service.client.post("/v1/revisions", json=body, headers=self.officer())

    async def decide(self, revision: Any, step: str, headers: dict[str, str], **body: Any) -> Any:
        headers = {"If-Match": revision.headers["ETag"], **headers}
        path = f"/v1/revisions/{revision.json()['id']}/{step}"
        return await self.service.client.post(path, json=body or None, headers=headers)

    async def revise(self, kind: str, **units: int) -> None:
        """Put a revision of lines into force, by two persons."""
        proposed = await self.propose(kind, moves=moves(**units))
        assert proposed.status_code == 201, proposed.text
        approved = await self.decide(proposed, "approval", self.second_officer())
        assert approved.status_code == 200, approved.text

    async def close_year(self, year: int, policy: str) -> None:
        """Declare a calendar year and close its books, by two persons."""
        path = f"/v1/fiscal-years/{year}"
        body = {"starts": f"{year}-01-01", "ends": f"{year}-12-31", "policy": policy}
        assert (await self.service.client.put(path, json=body, headers=self.officer())).status_code == 200
        for step, headers in (("closing", self.officer()), ("closing/approval", self.second_officer())):
            read = {"If-Match": (await self.service.client.get(path)).headers["ETag"]}
            answer = await self.service.client.post(f"{path}/{step}", headers={**headers, **read})
            assert answer.status_code == 200, answer.text

    async def get(self, path: str) -> Any:
        response = await self.service.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def balances(self, line: str) -> dict[str, int]:
        """Return a line's balances in whole euros, without those that are nothing."""
        shown = (await self.get(f"/v1/lines/{line}"))["balances"]
        return {stage: int(Decimal(each["amount"])) for stage, each in shown.items() if each["amount"] != "0.00"}

    async def approve(self, order: str, person: str = "p-finance") -> Any:
        headers = self.service.headers(person, "org-city", "finance-officer")
        return await self.service.client.post(f"/v1/payment-orders/{order}/approval", headers=headers)

    async def pay(
        self, order: str, amount: Money, payment: UUID | None = None, person: str = "p-treasurer", **changed: Any
    ) -> Any:
        """Pay on an order under an id of the payer's own."""
        body = {"order": order, "amount": money_text(amount), **changed}
        headers = self.service.headers(person, "org-city", "treasurer")
        return await self.service.client.put(f"/v1/payments/{payment or opaque_id()}", json=body, headers=headers)

    async def pay_all(self) -> None:
        """Approve and pay everything that is owed."""
        for order in (await self.get("/v1/payment-orders?limit=200"))["items"]:
            if order["state"] == "due":
                assert (await self.approve(order["id"])).status_code == 200
                owed = money(Decimal(order["amount"]["amount"]), order["amount"]["currency"])
                assert (await self.pay(order["id"], owed)).status_code == 201

    async def parked(self) -> list[str]:
        rows = await self.service.execute("SELECT problem FROM parked ORDER BY position")
        return [row.problem for row in rows]

    async def types(self) -> list[str]:
        return [event.type for event in await self.service.published()]

    async def check_books(self) -> None:
        """The ledger holds together: nothing lost, balances as the transfers, processes as the balances."""
        async with self.service.runtime.engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
            assert (await verify(snapshot)).differences == ()
        for statement in (ADJUSTED, UNALLOTTED, PAID, ORDERED):
            assert (await self.service.execute(statement)).scalar_one() == 0


def moves(**units: int) -> list[dict[str, Any]]:
    """Write what each line gets or gives, in euros."""
    return [{"line": line, "amount": {"amount": f"{each}.00", "currency": "EUR"}} for line, each in units.items()]


@pytest.fixture(scope="session")
def budget_template(postgres: PostgresForTests) -> str:
    return postgres.template("budget", lambda url: migrate(MIGRATIONS, url))


@pytest.fixture
async def budget(postgres: PostgresForTests, budget_template: str) -> AsyncIterator[Budget]:
    url = postgres.new_database(budget_template)
    async with running(create, Settings, url) as service:
        yield Budget(service)
    postgres.drop(url)


@pytest.fixture
def procedure() -> type[Procedure]:
    return Procedure
