"""Deductions and holds from the graded period to the payment or the forfeiture, over the API and by time."""

import asyncio
import runpy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from shared.contracts.inspection import Measurement
from shared.contracts.payment_terms import AgreedPayment

MIGRATION = Path(__file__).parents[2] / "migrations" / "versions" / "0012_holds.py"
TERMS: dict[str, Any] = {
    "grades": [
        {"grade": grade, "share": share, "reason": f"As {grade}."}
        for grade, share in (("A", "1"), ("B", "0.9"), ("C", "0.5"), ("D", "0"))
    ],
    "indicators": [
        {"kpi": "attendance", "target": "95", "direction": "higher", "step": "1", "share": "0.01", "cap": "0.10"}
    ],
    "guarantee": "0",
    "deduction_cap": "1",
    "retention_share": "0.05",
    "retention_release": {"when": "days-after", "days": 90},
    "shortcoming_release": {"when": "next-grade-at-least", "grade": "B"},
}


def agreed(**changed: Any) -> AgreedPayment:
    return AgreedPayment.model_validate({"id": "own", "version": "1", "terms": {**TERMS, **changed}})


def amount(units: int) -> dict[str, str]:
    return {"amount": f"{units}.00", "currency": "EUR"}


@dataclass
class Office:
    """The finance office, the provider and others before the budget."""

    budget: Any

    def headers(self, person: str, role: str = "finance-officer", organisation: str = "org-city") -> dict[str, str]:
        headers: dict[str, str] = self.budget.service.headers(person, organisation, role)
        return headers

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self.budget.service.client.post(path, json=body, headers=headers)

    async def propose(self, hold: str, kind: str, units: int | None = None, person: str = "p-finance") -> Any:
        body = {"reason": "It was mended.", **({} if units is None else {"amount": amount(units)})}
        return await self.post(f"/v1/holds/{hold}/{kind}", body, **self.headers(person))

    async def confirm(self, hold: str, person: str = "p-finance-2", step: str = "confirmation", **more: str) -> Any:
        return await self.post(f"/v1/holds/{hold}/{step}", None, **self.headers(person), **more)

    async def appeal(self, hold: str, organisation: str = "org-oarsmen", role: str = "provider") -> Any:
        return await self.post(
            f"/v1/holds/{hold}/appeal", {"grounds": "It was not us."}, **self.headers("p-oar", role, organisation)
        )

    async def holds(self) -> Any:
        return (await self.budget.get("/v1/holds"))["items"]

    async def kept(self) -> Any:
        """Return what a refusal must leave as it is."""
        orders = await self.budget.get("/v1/payment-orders")
        return await self.holds(), orders, [event.id for event in await self.budget.service.published()]


@pytest.fixture
def office(budget: Any) -> Office:
    return Office(budget)


async def graded(budget: Any, case: Any, grade: str, payment: AgreedPayment | None = None, **measured: str) -> str:
    """Sign a contract of two periods of 1,000 and grade the first; return the line."""
    line = await budget.appropriate(5_000)
    await budget.service.deliver("tender", case.requested(line, case.money(2_000)))
    await budget.service.deliver("tender", case.signed(1_000, 1_000, payment=payment))
    kpis = tuple(Measurement(kpi=kpi, value=Decimal(value)) for kpi, value in measured.items())
    await budget.service.deliver("evaluation", case.graded("2026-01", grade, kpis=kpis))
    return str(line)


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    problem: dict[str, Any] = response.json()
    return problem


async def test_period_is_paid_held_and_deducted_as_the_contract_says(
    budget: Any, procedure: Any, office: Office
) -> None:
    line = await graded(budget, procedure(), "C", agreed(), attendance="90")
    # 5 % deducted: 50; of 950 a twentieth retained: 47.50; of 902.50 grade C pays half: 451.25, and holds 451.25.
    shown = (await budget.get(f"/v1/lines/{line}"))["balances"]
    assert {stage: shown[stage]["amount"] for stage in ("available", "committed", "accrued", "held", "paid")} == {
        "available": "3050.00",
        "committed": "1000.00",
        "accrued": "451.25",
        "held": "498.75",
        "paid": "0.00",
    }
    retained, shortcoming = await office.holds()
    assert (retained["reason"], retained["amount"]["amount"]) == ("retention-money", "47.50")
    assert (shortcoming["reason"], shortcoming["amount"]["amount"]) == ("shortcoming", "451.25")
    # Ten working days after Monday the 2nd of March.
    assert {one["appeal_until"] for one in (retained, shortcoming)} == {"2026-03-17T00:00:00.000000Z"}
    assert (await budget.types())[-5:] == [
        "budget.accrued.v1",
        "budget.deducted.v1",
        "budget.held.v1",
        "budget.held.v1",
        "budget.payment-due.v1",
    ]
    told = {event.type: event.data for event in await budget.service.published()}
    assert told["budget.deducted.v1"]["available"] == amount(3_050)
    assert told["budget.held.v1"]["hold"] == shortcoming["id"]
    assert told["budget.held.v1"]["release"] == {"when": "next-grade-at-least", "grade": "B", "days": None}
    await budget.check_books()


async def test_later_grade_and_days_release_what_they_were_named_for(
    budget: Any, procedure: Any, office: Office
) -> None:
    case = procedure()
    line = await graded(budget, case, "C", agreed())
    await budget.service.deliver("evaluation", case.graded("2026-02", "B"))
    retained, shortcoming, later_retained, later = await office.holds()
    assert (shortcoming["state"], shortcoming["rest"]) == ("released", amount(0))
    assert [one["state"] for one in (retained, later_retained, later)] == ["held"] * 3
    orders = (await budget.get("/v1/payment-orders"))["items"]
    # Period 1: 950 * 0.5; period 2: 950 * 0.9; and what the grade of period 1 had held.
    assert [(one["kind"], one["period"], one["amount"]["amount"]) for one in orders] == [
        ("period", "2026-01", "475.00"),
        ("period", "2026-02", "855.00"),
        ("release", "2026-01", "475.00"),
    ]
    assert orders[2]["derivation"][1] == {
        "step": "released", "reason": "Period 2026-02 was graded B.", "amount": "475.00", "currency": "EUR"
    }  # fmt: skip
    budget.service.clock.advance(days=89, hours=23)
    await budget.service.let_time_act()
    assert (await office.holds())[0]["state"] == "held"
    budget.service.clock.advance(hours=2)
    await budget.service.let_time_act()
    (released, *_, last) = await office.holds()
    assert (released["state"], last["state"]) == ("released", "held")
    order = (await budget.get("/v1/payment-orders"))["items"][3]
    # It is owed from the instant at which the days had passed, not from the one at which that was noticed.
    assert (order["amount"], order["accepted_at"]) == (amount(50), released["release_at"])
    await budget.pay_all()
    balances = await budget.balances(line)
    assert (balances["paid"], balances["held"]) == (1_905, 95)
    await budget.check_books()


async def test_provider_appeals_and_two_persons_decide_on_parts(budget: Any, procedure: Any, office: Office) -> None:
    line = await graded(budget, procedure(), "C", agreed(retention_share="0"))
    (hold,) = await office.holds()
    appealed = (await office.appeal(hold["id"])).json()
    assert (appealed["state"], appealed["grounds"]) == ("appealed", "It was not us.")
    # Ten working days after Monday the 2nd of March.
    assert appealed["decision_due"] == "2026-03-17T00:00:00.000000Z"
    public = await budget.get(f"/v1/holds/{hold['id']}")
    assert (public["grounds"], public["proposal"]) == (None, None)
    proposed = await office.propose(hold["id"], "release", 200)
    assert (proposed.status_code, proposed.json()["proposal"]["amount"]) == (202, amount(200))
    assert "p-finance" not in proposed.text
    decided = await office.confirm(hold["id"], **{"If-Match": proposed.headers["ETag"]})
    assert (decided.json()["state"], decided.json()["rest"]) == ("appealed", amount(300))
    assert (await office.propose(hold["id"], "forfeiture")).status_code == 202
    assert (await office.confirm(hold["id"])).json()["state"] == "partly"
    assert (await budget.types())[-6:] == [
        "budget.hold-appealed.v1",
        "budget.hold-decided.v1",
        "budget.hold-released.v1",
        "budget.payment-due.v1",
        "budget.hold-decided.v1",
        "budget.deducted.v1",
    ]
    # 1,000: 500 payable, 200 released, 300 forfeited: available again, and never accrued.
    balances = await budget.balances(line)
    assert (balances["accrued"], balances["available"], balances.get("held")) == (700, 3_300, None)
    await budget.pay_all()
    assert (await budget.balances(line))["paid"] == 700
    await budget.check_books()
    stored = str([event.data for event in await budget.service.published()])
    assert not any(secret in stored for secret in ("p-finance", "p-oar", "It was not us."))


async def test_undecided_appeal_is_overdue(budget: Any, procedure: Any, office: Office) -> None:
    await graded(budget, procedure(), "D", agreed(retention_share="0"))
    (hold,) = await office.holds()
    await office.appeal(hold["id"])
    budget.service.clock.advance(days=14, hours=14, minutes=59)
    assert await budget.get("/v1/overdue") == []
    budget.service.clock.advance(minutes=1)
    (item,) = await budget.get("/v1/overdue")
    assert (item["kind"], item["id"], item["waiting_for"]) == ("hold", hold["id"], "the decision on the appeal")


async def test_nothing_is_changed_when_an_act_is_refused(budget: Any, procedure: Any, office: Office) -> None:
    await graded(budget, procedure(), "C", agreed(retention_share="0"))
    (one,) = await office.holds()
    hold = one["id"]
    kept = await office.kept()
    problem = refused(await office.propose(hold, "release", 501), 409, "release-above-held")
    assert problem["satisfied_by"] == "At most the rest of the hold."
    refused(await office.propose(hold, "release", 0), 422, "amount-not-positive")
    dollars = {"amount": {"amount": "1.00", "currency": "USD"}, "reason": "None."}
    release = f"/v1/holds/{hold}/release"
    refused(await office.post(release, dollars, **office.headers("p-finance")), 422, "currency-differs")
    fine = {"amount": {"amount": "0.001", "currency": "EUR"}, "reason": "None."}
    refused(await office.post(release, fine, **office.headers("p-finance")), 422, "amount-too-fine")
    problem = refused(await office.propose(hold, "forfeiture"), 409, "forfeiture-too-early")
    assert problem["rule"] == "hold-appeal"
    refused(await office.appeal(hold, "org-others"), 403, "not-own-organisation")
    refused(await office.appeal(hold, role="treasurer"), 403, "role-missing")
    refused(await office.confirm(hold), 409, "proposal-missing")
    refused(
        await office.post(release, {"reason": "Mended."}, **office.headers("p-t", "treasurer")), 403, "role-missing"
    )
    nowhere = "00000000-0000-0000-0000-000000000000"
    refused(await office.propose(nowhere, "release"), 404, "not-found")
    assert await office.kept() == kept
    proposed = await office.propose(hold, "release")
    kept = await office.kept()
    refused(await office.confirm(hold, "p-finance"), 403, "second-person-needed")
    refused(await office.confirm(hold, "p-finance", "refusal"), 403, "second-person-needed")
    refused(await office.propose(hold, "release"), 409, "proposal-pending")
    refused(await office.confirm(hold, **{"If-Match": '"1"'}), 412, "stale")
    budget.service.clock.advance(days=14, hours=15)
    refused(await office.appeal(hold), 409, "appeal-too-late")
    assert await office.kept() == kept
    assert (await office.confirm(hold, **{"If-Match": proposed.headers["ETag"]})).status_code == 200
    kept = await office.kept()
    refused(await office.confirm(hold), 409, "hold-not-held")
    refused(await office.propose(hold, "forfeiture"), 409, "hold-not-held")
    refused(await office.appeal(hold), 409, "hold-not-held")
    assert await office.kept() == kept


async def test_hold_is_decided_on_once_when_two_confirm_at_the_same_time(
    budget: Any, procedure: Any, office: Office
) -> None:
    line = await graded(budget, procedure(), "C")
    (hold,) = await office.holds()
    await office.propose(hold["id"], "release")
    answers = await asyncio.gather(*(office.confirm(hold["id"], f"p-finance-{number}") for number in range(2, 6)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"hold-not-held"}
    orders = (await budget.get("/v1/payment-orders"))["items"]
    assert [(one["kind"], one["amount"]) for one in orders] == [("period", amount(800)), ("release", amount(200))]
    assert (await budget.balances(line))["accrued"] == 1_000
    await budget.check_books()


async def test_proposal_is_dropped_by_another_person(budget: Any, procedure: Any, office: Office) -> None:
    await graded(budget, procedure(), "C")
    (hold,) = await office.holds()
    await office.propose(hold["id"], "release")
    dropped = await office.confirm(hold["id"], step="refusal")
    assert (dropped.status_code, dropped.json()["proposal"], dropped.json()["rest"]) == (200, None, amount(200))
    assert (await office.propose(hold["id"], "release", 1)).status_code == 202


async def test_measurements_wait_with_the_grade_for_the_contract(budget: Any, procedure: Any, office: Office) -> None:
    case = procedure()
    line = await budget.appropriate(5_000)
    await budget.service.deliver("tender", case.requested(line, case.money(1_000)))
    measured = (Measurement(kpi="attendance", value=Decimal(90)), Measurement(kpi="weather", value=Decimal(1)))
    await budget.service.deliver("evaluation", case.graded("2026-01", "A", kpis=measured))
    await budget.service.deliver("tender", case.signed(1_000, payment=agreed(retention_share="0")))
    assert await budget.balances(line) == {"appropriated": 5_000, "available": 4_050, "accrued": 950}
    assert await budget.parked() == []


async def test_grade_that_the_contract_does_not_know_is_parked(budget: Any, procedure: Any, office: Office) -> None:
    await graded(budget, procedure(), "E", agreed())
    assert [problem.partition(":")[2].strip() for problem in await budget.parked()] == ["grade-unknown"]
    assert await office.holds() == []


async def test_what_was_held_before_there_were_holds_can_be_decided_on(
    budget: Any, procedure: Any, office: Office
) -> None:
    line = await graded(budget, procedure(), "C")
    (before,) = await office.holds()
    await budget.service.execute_as_owner(
        "DROP TABLE holds",
        "ALTER TABLE pending_grades DROP COLUMN kpis",
        "UPDATE funds SET waiting_for = 'a decision on what is held', due_at = '2026-04-02T00:00:00Z'",
        *runpy.run_path(str(MIGRATION))["STATEMENTS"],
        f"GRANT SELECT, UPDATE ON holds TO {budget.service.runtime.engine.url.username}",
    )
    (hold,) = await office.holds()
    same = ("ocid", "line", "contract", "period", "payee", "grade", "reason", "amount", "rest", "decision_due", "state")
    assert {name: hold[name] for name in same} == {name: before[name] for name in same}
    assert hold["condition"] == {"when": "decision", "grade": None, "days": None}
    budget.service.clock.advance(days=31)
    assert {item["kind"] for item in await budget.get("/v1/overdue")} == {"hold", "payment-order"}
    assert (await office.propose(hold["id"], "release", 150)).status_code == 202
    assert (await office.confirm(hold["id"])).json()["rest"] == amount(50)
    assert (await budget.balances(line))["held"] == 50
    await budget.check_books()


@pytest.mark.parametrize(
    "wrong", ["released = amount + 1", "forfeited = -1", "amount = 0", "state = 'released'", "state = 'gone'"]
)
async def test_the_database_refuses_a_hold_that_makes_no_sense(budget: Any, procedure: Any, wrong: str) -> None:
    await graded(budget, procedure(), "C")
    with pytest.raises(IntegrityError):
        await budget.service.execute(f"UPDATE holds SET {wrong}")
