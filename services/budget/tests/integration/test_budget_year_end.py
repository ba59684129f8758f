"""The end of a fiscal year: what lapses, what goes over to the next year, and that nothing enters a closed book."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from budget.domain.funds_data import FundingRequest
from budget.domain.ledger import Cause
from budget.messaging.publish import published
from budget.usecases import commands
from shared.contracts.contract import Changed, ChangeRequested, Term
from shared.contracts.inspection import Measurement
from shared.contracts.payment_terms import AgreedPayment
from shared.kernel.ids import derived_id, opaque_id
from shared.platform.database import is_passing
from shared.platform.work import Work
from shared.rules.pack import load_pack

YEAR = "/v1/fiscal-years/2026"
NEXT_YEAR = datetime(2027, 1, 8, 9, tzinfo=UTC)


def eur(units: int) -> dict[str, str]:
    return {"amount": f"{units}.00", "currency": "EUR"}


async def declare(budget: Any, policy: str, year: int = 2026) -> Any:
    body = {"starts": f"{year}-01-01", "ends": f"{year}-12-31", "policy": policy}
    answer = await budget.service.client.put(f"/v1/fiscal-years/{year}", json=body, headers=budget.officer())
    assert answer.status_code == 200, answer.text
    return answer


async def ask(budget: Any, path: str, headers: dict[str, str], **body: Any) -> Any:
    """Ask for a step of the year that has just been read."""
    read = await budget.service.client.get(path.rpartition("/closing")[0] or path)
    headers = {"If-Match": read.headers["ETag"], **headers}
    return await budget.service.client.post(path, json=body or None, headers=headers)


async def close(budget: Any, year: int = 2026) -> Any:
    path = f"/v1/fiscal-years/{year}/closing"
    proposed = await ask(budget, path, budget.officer())
    assert proposed.status_code == 200, proposed.text
    closed = await ask(budget, f"{path}/approval", budget.second_officer())
    assert closed.status_code == 200, closed.text
    return closed.json()


async def reopen(budget: Any, year: int = 2027) -> Any:
    """Let the new year's budget fund what was left to it."""
    path = f"/v1/fiscal-years/{year}/opening"
    answer = await budget.service.client.post(path, headers=budget.officer())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def next_line(budget: Any, line: str) -> str:
    (found,) = [one for one in (await budget.get("/v1/lines"))["items"] if one["fiscal_year"] == 2027]
    assert found["id"] != line
    return str(found["id"])


DEDUCTING = AgreedPayment.model_validate(
    {
        "id": "own",
        "version": "1",
        "terms": {
            "grades": [
                {"grade": "A", "share": "1", "reason": "As agreed."},
                {"grade": "B", "share": "0.95", "reason": "B."},
            ],
            "indicators": [
                {"kpi": "attendance", "target": "95", "direction": "higher", "step": "1", "share": "0.01", "cap": "0.1"}
            ],
            "guarantee": "0",
            "deduction_cap": "1",
            "retention_share": "0",
            "retention_release": {"when": "days-after", "days": 90},
            "shortcoming_release": {"when": "decision"},
        },
    }
)


def raised(case: Any) -> dict[str, Any]:
    """Write the change that adds 105,000 to the contract's last period."""
    contract = case.signed(300_000, 500_000, 355_000)
    return {
        "ocid": case.ocid,
        "contract": case.contract,
        "change": derived_id("test-change"),
        "ground": "needs-changed",
        "reason": "More people.",
        "difference": case.money(105_000),
        "value": contract.value,
        "term": Term(start=date(2026, 1, 1), end=date(2026, 12, 31)),
        "milestones": contract.milestones,
        "documents": (),
    }


async def of_the_vector(budget: Any, procedure: Any) -> tuple[str, Any]:
    """Go through the fiscal year of rules.md section 10, to the unit, and come to its end."""
    line, case = await budget.appropriate(5_000_000), procedure()

    async def stands(available: int, **more: int) -> None:
        expected = {"appropriated": 5_000_000, "available": available, **more}
        assert await budget.balances(line) == expected

    await budget.service.deliver("tender", case.requested(line, case.money(1_200_000)))
    await stands(3_800_000, reserved=1_200_000)
    await budget.service.deliver("tender", case.signed(300_000, 500_000, 250_000, payment=DEDUCTING))
    await stands(3_950_000, committed=1_050_000)
    more = raised(case)
    await budget.service.deliver(
        "tender", ChangeRequested(**more, answer_due=NEXT_YEAR), Changed(**more, option=None, signed_at=NEXT_YEAR)
    )
    await stands(3_845_000, committed=1_155_000)
    low = (Measurement(kpi="attendance", value=Decimal(90)),)
    await budget.service.deliver("evaluation", case.graded("2026-01", "A", kpis=low))
    await stands(3_860_000, committed=855_000, accrued=285_000)
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    await stands(3_860_000, committed=355_000, accrued=785_000)
    await budget.pay_all()
    await stands(3_860_000, committed=355_000, paid=785_000)
    budget.service.clock.set(NEXT_YEAR)
    return line, case


async def test_what_is_bound_goes_over_with_a_grant_to_match_when_the_policy_carries_it_forward(
    budget: Any, procedure: Any
) -> None:
    await declare(budget, "carry-forward")
    line, case = await of_the_vector(budget, procedure)
    assert (await close(budget))["state"] == "closed"
    assert await budget.balances(line) == {"appropriated": 5_000_000, "paid": 785_000, "released": 4_215_000}
    onto = await next_line(budget, line)
    assert await budget.balances(onto) == {"appropriated": 355_000, "committed": 355_000}
    (carried,) = await budget.get(f"/v1/lines/{onto}/adjustments")
    assert (carried["kind"], carried["amount"]) == ("carried-over", eur(355_000))
    shown = await budget.get(f"/v1/lines/{onto}")
    assert (shown["original"], shown["closed_at"]) == (None, None)
    told = {event.type: event.data for event in await budget.service.published()}
    assert told["budget.line-closed.v1"] == {
        "line": line,
        "onto": onto,
        "lapsed": eur(3_860_000),
        "carried": eur(355_000),
    }
    assert told["budget.carried-over.v1"]["available"] == eur(0)
    assert told["budget.carried-forward.v1"]["committed"] == eur(355_000)
    await budget.check_books()
    # The contract goes on from the new line, beside the new year's own budget.
    assert await budget.appropriate(1_000_000, fiscal_year=2027) == onto
    await budget.service.deliver("evaluation", case.graded("2026-03", "B"))
    await budget.pay_all()
    funds = await budget.get(f"/v1/procedures/{case.ocid}")
    assert (funds["line"], funds["paid"]) == (onto, eur(785_000 + 337_250))
    assert await budget.balances(onto) == {
        "appropriated": 1_355_000,
        "available": 1_000_000,
        "paid": 337_250,
        "held": 17_750,
    }
    await budget.check_books()


async def test_what_is_bound_is_free_and_lapses_when_the_policy_lets_it_lapse(budget: Any, procedure: Any) -> None:
    await declare(budget, "lapse")
    line, case = await of_the_vector(budget, procedure)
    await close(budget)
    assert await budget.balances(line) == {"appropriated": 5_000_000, "paid": 785_000, "released": 4_215_000}
    freed = [one for one in (await budget.get(f"/v1/lines/{line}/transfers"))["items"] if one["ocid"] == case.ocid]
    assert [flat(one) for one in freed[-1:]] == [("committed", "available", "355000.00")]
    onto = await next_line(budget, line)
    assert await budget.balances(onto) == {}
    await budget.check_books()
    # The contract waits for the new year's budget, and so does whoever delivers.
    await budget.service.deliver("evaluation", case.graded("2026-03", "A"))
    assert await budget.service.published()
    assert await budget.balances(onto) == {}
    assert await reopen(budget) == {"funded": [], "refused": [{"ocid": case.ocid, "amount": eur(355_000)}]}
    assert (await budget.types())[-1] == "budget.renewal-refused.v1"
    budget.service.clock.advance(days=14)
    assert "the opening of the fiscal year" in {one["waiting_for"] for one in await budget.get("/v1/overdue")}
    await budget.appropriate(400_000, fiscal_year=2027)
    assert await reopen(budget) == {"funded": [{"ocid": case.ocid, "amount": eur(355_000)}], "refused": []}
    assert await reopen(budget) == {"funded": [], "refused": []}
    assert not {one["kind"] for one in await budget.get("/v1/overdue")} & {"funds", "pending-grade"}
    await budget.pay_all()
    assert await budget.balances(onto) == {"appropriated": 400_000, "available": 45_000, "paid": 355_000}
    await budget.check_books()


def flat(transfer: dict[str, Any]) -> tuple[str, str, str]:
    return transfer["from_stage"], transfer["to_stage"], transfer["amount"]["amount"]


@pytest.mark.parametrize("policy", ["lapse", "carry-forward"])
async def test_liabilities_go_over_when_a_year_is_closed_whatever_the_policy(
    budget: Any, procedure: Any, policy: str
) -> None:
    await declare(budget, policy)
    line, case = await budget.appropriate(1_000), procedure()
    await budget.service.deliver("tender", case.requested(line, case.money(800)), case.signed(100, 200, 300))
    await budget.service.deliver("evaluation", case.graded("2026-01", "C"), case.graded("2026-02", "D"))
    budget.service.clock.set(NEXT_YEAR)
    await close(budget)
    onto = await next_line(budget, line)
    kept = {"committed": 300} if policy == "carry-forward" else {}
    owed = {"accrued": 80, "held": 220, **kept}
    assert await budget.balances(onto) == {"appropriated": sum(owed.values()), **owed}
    assert await budget.balances(line) == {"appropriated": 1_000, "released": 1_000}
    await budget.check_books()
    await budget.pay_all()
    assert (await budget.balances(onto))["paid"] == 80
    (payment,) = (await budget.get("/v1/payments"))["items"]
    assert payment["line"] == onto
    await budget.check_books()


@pytest.mark.parametrize("policy", ["lapse", "carry-forward"])
async def test_a_published_tender_has_its_money_again_when_the_next_year_is_opened(
    budget: Any, procedure: Any, policy: str
) -> None:
    await declare(budget, policy)
    line, case, ended = await budget.appropriate(1_000), procedure(), procedure(2)
    await budget.service.deliver("tender", case.requested(line, case.money(300)), ended.requested(line, case.money(50)))
    await budget.appropriate(500, fiscal_year=2027)
    budget.service.clock.set(NEXT_YEAR)
    await close(budget)
    onto = await next_line(budget, line)
    if policy == "lapse":
        assert await budget.balances(onto) == {"appropriated": 500, "available": 500}
        await budget.service.deliver("tender", ended.cancelled())
        assert (await reopen(budget))["funded"] == [{"ocid": case.ocid, "amount": eur(300)}]
    else:
        assert await budget.balances(onto) == {"appropriated": 850, "available": 500, "reserved": 350}
        await budget.service.deliver("tender", ended.cancelled())
    await budget.service.deliver("tender", case.signed(100, 150))
    assert (await budget.balances(onto))["committed"] == 250
    assert await budget.parked() == []
    await budget.check_books()


async def test_nothing_enters_when_the_books_are_closed(budget: Any, procedure: Any) -> None:
    await declare(budget, "lapse")
    line, other = await budget.appropriate(1_000), await budget.appropriate(1_000, code="roads")
    proposed = await budget.propose("supplementary", moves=[{"line": line, "amount": eur(1)}])
    budget.service.clock.set(NEXT_YEAR)
    await close(budget)
    before = {each: await budget.balances(each) for each in (line, other)}
    refused = await budget.decide(proposed, "approval", budget.second_officer())
    assert (refused.status_code, refused.json()["code"]) == (409, "fiscal-year-closed")
    body = {"code": "parks", "title": "Parks", "fiscal_year": 2026, "amount": eur(5)}
    refused = await budget.service.client.post("/v1/appropriations", json=body, headers=budget.officer())
    assert (refused.status_code, refused.json()["code"]) == (409, "fiscal-year-closed")
    earlier = {**body, "fiscal_year": 2025}
    refused = await budget.service.client.post("/v1/appropriations", json=earlier, headers=budget.officer())
    assert (refused.status_code, refused.json()["code"]) == (409, "fiscal-year-closed")
    await budget.service.deliver("tender", procedure().requested(line, procedure.money(1)))
    told = (await budget.service.published())[-1]
    assert (told.type, told.data["code"]) == ("budget.refused.v1", "fiscal-year-closed")
    direct = f"/v1/reservations/{derived_id('direct')}"
    asked = {"line": line, "amount": eur(1), "purpose": "Stamps"}
    refused = await budget.service.client.put(direct, json=asked, headers=budget.officer())
    assert (refused.status_code, refused.json()["code"]) == (409, "fiscal-year-closed")
    again = await ask(budget, f"{YEAR}/closing", budget.officer())
    assert (again.status_code, again.json()["code"]) == (409, "fiscal-year-closed-for-good")
    undone = await ask(budget, f"{YEAR}/closing/rejection", budget.officer(), reason="A mistake.")
    assert (undone.status_code, undone.json()["code"]) == (409, "fiscal-year-closed-for-good")
    assert {each: await budget.balances(each) for each in (line, other)} == before
    for statement, why in (
        ("UPDATE fiscal_years SET state = 'open'", "closed for good"),
        ("UPDATE budget_lines SET closed_at = NULL", "closed for good"),
        (
            (
                "INSERT INTO transfers (id, line_id, from_stage, to_stage, amount, reason, at) "
                f"SELECT gen_random_uuid(), '{line}', 'appropriated', 'available', 1, 'Planted.', now()"
            ),
            "books of the line are closed",
        ),
    ):
        with pytest.raises(DBAPIError, match=why):
            await budget.service.execute(statement)
    await budget.check_books()


async def test_a_reservation_of_a_finance_system_ends_when_its_year_is_closed(budget: Any) -> None:
    await declare(budget, "carry-forward")
    line = await budget.appropriate(1_000)
    asked = {"line": line, "amount": eur(10), "purpose": "Stamps"}
    path = f"/v1/reservations/{derived_id('direct')}"
    assert (await budget.service.client.put(path, json=asked, headers=budget.officer())).status_code == 201
    budget.service.clock.set(NEXT_YEAR)
    await close(budget)
    assert (await budget.get(path))["state"] == "released"
    assert await budget.balances(line) == {"appropriated": 1_000, "released": 1_000}
    await budget.check_books()


async def test_nothing_is_lost_when_tenders_ask_while_a_year_is_closed(budget: Any, procedure: Any) -> None:
    await declare(budget, "carry-forward")
    line = await budget.appropriate(1_000)
    budget.service.clock.set(NEXT_YEAR)
    await ask(budget, f"{YEAR}/closing", budget.officer())
    now, engine = budget.service.clock.now(), budget.service.runtime.engine

    async def reserve(number: int) -> None:
        case = procedure(number)
        request = FundingRequest(case.ocid, case.tender, UUID(line), case.money(10))
        async with engine.begin() as connection:
            work = Work(connection, now, sandbox=False, publish=published)
            await commands.answer_request(work, request, load_pack("model"), Cause(opaque_id(), now))

    closing, *answers = await asyncio.gather(
        ask(budget, f"{YEAR}/closing/approval", budget.second_officer()),
        *(reserve(number) for number in range(8)),
        return_exceptions=True,
    )
    # Whoever has to wait for each other for good is asked to come again; nothing was changed then.
    assert all(answer is None or is_passing(answer) for answer in answers)
    if closing.status_code == 503:
        closing = await ask(budget, f"{YEAR}/closing/approval", budget.second_officer())
    assert closing.status_code == 200, closing.text
    assert await budget.balances(line) == {"appropriated": 1_000, "released": 1_000}
    kept = (await budget.types()).count("budget.reserved.v1")
    onto = await next_line(budget, line)
    assert await budget.balances(onto) == ({"appropriated": 10 * kept, "reserved": 10 * kept} if kept else {})
    await budget.check_books()


async def test_what_later_quarters_kept_lapses_when_a_year_is_closed_before_they_opened(budget: Any) -> None:
    await declare(budget, "lapse")
    line = await budget.appropriate(1_000, quarters=[eur(100), eur(200), eur(300), eur(400)])
    budget.service.clock.set(NEXT_YEAR)
    await close(budget)
    assert await budget.balances(line) == {"appropriated": 1_000, "released": 1_000}
    assert await budget.service.let_time_act() == 0
    await budget.check_books()


async def test_a_year_is_closed_by_two_persons_once_it_is_over_and_after_the_years_before(budget: Any) -> None:
    undeclared = await ask(budget, f"{YEAR}/closing", budget.officer())
    assert (undeclared.status_code, undeclared.json()["code"]) == (409, "fiscal-year-not-declared")
    await declare(budget, "lapse")
    await budget.appropriate(10)
    early = await ask(budget, f"{YEAR}/closing", budget.officer())
    assert (early.status_code, early.json()["code"]) == (409, "fiscal-year-not-over")
    unproposed = await ask(budget, f"{YEAR}/closing/approval", budget.officer())
    assert (unproposed.status_code, unproposed.json()["code"]) == (409, "closing-not-proposed")
    budget.service.clock.set(datetime(2028, 1, 8, tzinfo=UTC))
    await declare(budget, "lapse", 2027)
    later = await ask(budget, "/v1/fiscal-years/2027/closing", budget.officer())
    assert (later.status_code, later.json()["code"]) == (409, "earlier-year-open")
    assert (await ask(budget, f"{YEAR}/closing", budget.officer())).json()["state"] == "closing"
    twice = await ask(budget, f"{YEAR}/closing", budget.officer())
    assert (twice.status_code, twice.json()["code"]) == (409, "closing-proposed")
    stale = await budget.service.client.post(
        f"{YEAR}/closing/approval", headers={**budget.second_officer(), "If-Match": '"1"'}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    alone = await ask(budget, f"{YEAR}/closing/approval", budget.officer())
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    rejected = await ask(budget, f"{YEAR}/closing/rejection", budget.officer(), reason="Too early.")
    assert rejected.json()["state"] == "open"
    await ask(budget, f"{YEAR}/closing", budget.officer())
    budget.service.clock.set(datetime(2028, 1, 22, tzinfo=UTC))
    assert [one["kind"] for one in await budget.get("/v1/overdue")] == ["fiscal-year"]
    assert (await ask(budget, f"{YEAR}/closing/approval", budget.second_officer())).json()["state"] == "closed"
    assert await budget.get("/v1/overdue") == []
    types = await budget.types()
    assert types.count("budget.fiscal-year-closed.v1") == types.count("budget.closing-rejected.v1") == 1


@pytest.mark.parametrize("step", ["closing", "closing/approval", "closing/rejection", "opening"])
async def test_only_a_finance_officer_is_let_in_when_a_year_ends(budget: Any, step: str) -> None:
    headers = budget.service.headers("p-other", "org-city", "treasurer", "auditor")
    read = {} if step == "opening" else {"If-Match": '"1"'}
    body = {"reason": "Why."} if step == "closing/rejection" else None
    answer = await budget.service.client.post(f"{YEAR}/{step}", json=body, headers={**headers, **read})
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
