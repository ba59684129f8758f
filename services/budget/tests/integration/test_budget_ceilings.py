"""Contracts over years: this year's part is bound, the rest is promised under ceilings and bound year by year."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from shared.contracts.contract import Changed, ChangeRequested, Milestone, Term
from shared.kernel.ids import derived_id

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNKNOWN = derived_id("no-such-line")


def eur(units: int) -> dict[str, str]:
    return {"amount": f"{units}.00", "currency": "EUR"}


async def propose(budget: Any, line: Any, years: dict[int, int], **headers: str) -> Any:
    body = {"ceilings": [{"year": year, "amount": eur(units)} for year, units in years.items()]}
    path = f"/v1/lines/{line}/ceilings"
    return await budget.service.client.put(path, json=body, headers={**budget.officer(), **headers})


async def decide(budget: Any, line: str, step: str, read: Any, headers: dict[str, str], **body: Any) -> Any:
    headers = {**headers, "If-Match": read.headers["ETag"]}
    return await budget.service.client.post(f"/v1/lines/{line}/ceilings/{step}", json=body or None, headers=headers)


async def set_ceilings(budget: Any, line: str, **years: int) -> Any:
    read = await budget.service.client.get(f"/v1/lines/{line}/ceilings")
    known = {int(year[1:]): units for year, units in years.items()}
    proposed = await propose(budget, line, known, **{"If-Match": read.headers["ETag"]})
    assert proposed.status_code == 200, proposed.text
    return await decide(budget, line, "approval", proposed, budget.second_officer())


async def total(budget: Any, path: str, units: int) -> Any:
    """Set the ceiling of all later years together, by two persons; return the first answer that refuses it."""
    read = {"If-Match": (await budget.service.client.get(path)).headers["ETag"]}
    proposed = await budget.service.client.put(path, json={"total": eur(units)}, headers={**budget.officer(), **read})
    if proposed.status_code != 200:
        return proposed
    read = {"If-Match": proposed.headers["ETag"]}
    return await budget.service.client.post(f"{path}/approval", headers={**budget.second_officer(), **read})


def over_years(case: Any, **months: int) -> Any:
    """Sign a contract of periods that end in months of several years, each worth so many euros."""
    milestones = tuple(
        Milestone(
            period=month[1:].replace("_", "-"),
            start=date(int(month[1:5]), int(month[6:]), 1),
            end=date(int(month[1:5]), int(month[6:]), 28),
            amount=case.money(units),
        )
        for month, units in months.items()
    )
    return case.signed(value=case.money(sum(months.values())), milestones=milestones)


async def promised(budget: Any, line: str) -> dict[int, str]:
    shown = await budget.get(f"/v1/lines/{line}/ceilings")
    return {one["year"]: one["promised"]["amount"] for one in shown["ceilings"]}


async def open_year(budget: Any, year: int) -> Any:
    answer = await budget.service.client.post(f"/v1/fiscal-years/{year}/opening", headers=budget.officer())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def check_promises(budget: Any) -> None:
    """What is promised under ceilings is what the contracts say, and the books hold together."""
    await budget.check_books()
    differing = """
        SELECT count(*) FROM ceilings_by_year WHERE promised <> coalesce((
            SELECT sum((memo #>> '{amount,minor}')::bigint)
            FROM funds, jsonb_array_elements(document -> 'contracts') AS contract,
                 jsonb_array_elements(contract -> 'memos') AS memo
            WHERE (memo ->> 'under_ceiling')::boolean AND (memo ->> 'year')::integer = ceilings_by_year.year
        ), 0)
    """
    assert (await budget.service.execute(differing)).scalar_one() == 0
    differing = """
        SELECT count(*) FROM ceilings_in_total WHERE promised <> (
            SELECT sum(promised) FROM ceilings_by_year AS each WHERE each.ceilings_id = ceilings_in_total.ceilings_id
        )
    """
    assert (await budget.service.execute(differing)).scalar_one() == 0


async def test_each_year_binds_its_part_when_a_contract_goes_over_three_years(budget: Any, procedure: Any) -> None:
    line, case = await budget.appropriate(1_000), procedure()
    assert (await set_ceilings(budget, line, y2027=300, y2028=200)).status_code == 200
    await budget.service.deliver("tender", case.requested(line, case.money(600)))
    assert (await budget.balances(line))["reserved"] == 600
    contract = over_years(case, m2026_11=100, m2027_02=120, m2027_08=80, m2028_02=200)
    await budget.service.deliver("tender", contract)
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 900, "committed": 100}
    assert await promised(budget, line) == {2027: "200.00", 2028: "200.00"}
    committed = next(event for event in await budget.service.published() if event.type == "budget.committed.v1")
    assert (committed.data["amount"], committed.data["later"]) == (eur(100), eur(400))
    (shown,) = (await budget.get(f"/v1/procedures/{case.ocid}"))["contracts"]
    assert [(memo["year"], memo["amount"]) for memo in shown["later"]] == [(2027, eur(200)), (2028, eur(200))]
    await check_promises(budget)
    # A period of a later year that is graded early waits for its year's budget.
    await budget.service.deliver("evaluation", case.graded("2026-11", "A"), case.graded("2027-02", "A"))
    await budget.pay_all()
    assert (await budget.balances(line))["paid"] == 100
    onto = await budget.appropriate(150, fiscal_year=2027)
    budget.service.clock.set(datetime(2027, 1, 8, tzinfo=UTC))
    await budget.close_year(2026, "carry-forward")
    # The new year's budget lacks 50: nothing of the contract is bound until somebody adds to it.
    assert (await open_year(budget, 2027))["refused"] == [{"ocid": case.ocid, "amount": eur(200)}]
    assert await budget.balances(onto) == {"appropriated": 150, "available": 150}
    await budget.revise("supplementary", **{onto: 60})
    assert (await open_year(budget, 2027))["funded"] == [{"ocid": case.ocid, "amount": eur(200)}]
    assert await budget.balances(onto) == {"appropriated": 210, "available": 10, "committed": 80, "accrued": 120}
    assert await promised(budget, onto) == {2027: "0.00", 2028: "200.00"}
    await check_promises(budget)
    await budget.service.deliver("evaluation", case.graded("2027-08", "A"))
    await budget.pay_all()
    budget.service.clock.set(datetime(2028, 1, 8, tzinfo=UTC))
    last = await budget.appropriate(200, fiscal_year=2028)
    await budget.close_year(2027, "carry-forward")
    assert (await open_year(budget, 2028))["refused"] == []
    await budget.service.deliver("evaluation", case.graded("2028-02", "A"))
    await budget.pay_all()
    assert [await budget.balances(each) for each in (line, onto, last)] == [
        {"appropriated": 1_000, "paid": 100, "released": 900},
        {"appropriated": 210, "paid": 200, "released": 10},
        {"appropriated": 200, "paid": 200},
    ]
    assert await promised(budget, last) == {2027: "0.00", 2028: "0.00"}
    await check_promises(budget)


async def test_all_is_bound_at_once_when_the_line_has_no_ceilings(budget: Any, procedure: Any) -> None:
    line, case = await budget.appropriate(1_000), procedure()
    await budget.service.deliver(
        "tender", case.requested(line, case.money(600)), over_years(case, m2026_11=100, m2027_02=500)
    )
    assert (await budget.balances(line))["committed"] == 600
    await check_promises(budget)


@pytest.mark.parametrize(
    ("ceilings", "code"), [({"y2027": 499}, "ceiling-exceeded"), ({"y2028": 900}, "ceiling-missing")]
)
async def test_a_contract_is_parked_when_it_promises_more_than_its_ceiling(
    budget: Any, procedure: Any, ceilings: dict[str, int], code: str
) -> None:
    line, case = await budget.appropriate(1_000), procedure()
    await set_ceilings(budget, line, **ceilings)
    await budget.service.deliver(
        "tender", case.requested(line, case.money(600)), over_years(case, m2026_11=100, m2027_02=500)
    )
    assert await budget.parked() == [f"NotAllowed: {code}"]
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 400, "reserved": 600}
    assert set((await promised(budget, line)).values()) == {"0.00"}
    await check_promises(budget)


async def test_total_holds_beside_the_ceilings_of_the_years(budget: Any, procedure: Any) -> None:
    line, case, other = await budget.appropriate(2_000), procedure(), procedure(2)
    path = f"/v1/lines/{line}/ceilings"
    alone = await budget.service.client.put(path, json={"total": eur(700)}, headers=budget.officer())
    assert (alone.status_code, alone.json()["code"]) == (422, "ceilings-missing")
    await set_ceilings(budget, line, y2027=500, y2028=500)
    await budget.service.deliver(
        "tender", case.requested(line, case.money(700)), over_years(case, m2026_11=100, m2027_02=400, m2028_02=200)
    )
    for units, code in ((-1, "ceiling-negative"), (599, "ceiling-below-promised")):
        refused = await total(budget, path, units)
        assert (refused.json()["code"], (await budget.get(path))["total"]["ceiling"]) == (code, None)
    assert (await total(budget, path, 700)).json()["total"] == {"ceiling": eur(700), "promised": eur(600)}
    # Each year would have room for it, all together have not.
    signed = over_years(other, m2026_11=50, m2027_02=50, m2028_02=51)
    await budget.service.deliver("tender", other.requested(line, case.money(151)), signed)
    assert await budget.parked() == ["NotAllowed: ceiling-exceeded"]
    assert await promised(budget, line) == {2027: "400.00", 2028: "200.00"}
    await check_promises(budget)
    assert (await total(budget, path, 701)).status_code == 200
    set_events = [event for event in await budget.service.published() if event.type == "budget.ceilings-set.v1"]
    assert [event.data["total"] for event in set_events] == [None, eur(700), eur(701)]
    with pytest.raises(IntegrityError):
        await budget.service.execute("UPDATE ceilings_in_total SET promised = ceiling + 1")


async def test_promises_are_given_back_when_a_change_takes_them_away(budget: Any, procedure: Any) -> None:
    line, case = await budget.appropriate(1_000), procedure()
    await set_ceilings(budget, line, y2027=500)
    contract = over_years(case, m2026_11=100, m2027_02=500)
    await budget.service.deliver("tender", case.requested(line, case.money(600)), contract)
    lower = over_years(case, m2026_11=100, m2027_02=300)
    told = {
        "ocid": case.ocid,
        "contract": case.contract,
        "change": derived_id("test-change"),
        "ground": "needs-changed",
        "reason": "Fewer people.",
        "difference": case.money(-200),
        "value": lower.value,
        "term": Term(start=date(2026, 1, 1), end=date(2027, 12, 31)),
        "milestones": lower.milestones,
        "documents": (),
    }
    await budget.service.deliver(
        "tender", ChangeRequested(**told, answer_due=AT), Changed(**told, option=None, signed_at=AT)
    )
    assert await budget.parked() == []
    (shown,) = (await budget.get(f"/v1/procedures/{case.ocid}"))["contracts"]
    assert (shown["committed"], [memo["amount"] for memo in shown["later"]]) == (eur(100), [eur(300)])
    await check_promises(budget)


@pytest.mark.parametrize(
    ("years", "code"),
    [
        ({2026: 1}, "ceiling-not-later"),
        ({2025: 1}, "ceiling-not-later"),
        ({2027: -1}, "ceiling-negative"),
    ],
)
async def test_ceilings_are_not_proposed_when_they_make_no_sense(budget: Any, years: dict[int, int], code: str) -> None:
    line = await budget.appropriate(1_000)
    answer = await propose(budget, line, years)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    unknown = await propose(budget, UNKNOWN, {2027: 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    twice = {"ceilings": [{"year": 2027, "amount": eur(1)}] * 2}
    path = f"/v1/lines/{line}/ceilings"
    repeated = await budget.service.client.put(path, json=twice, headers=budget.officer())
    assert (repeated.status_code, repeated.json()["code"]) == (422, "ceiling-repeated")
    dollars = {"ceilings": [{"year": 2027, "amount": {"amount": "1.00", "currency": "USD"}}]}
    foreign = await budget.service.client.put(path, json=dollars, headers=budget.officer())
    assert (foreign.status_code, foreign.json()["code"]) == (422, "currencies-differ")
    assert (await budget.get(path))["proposed"] == []


async def test_ceilings_are_set_by_two_persons_and_never_below_what_is_promised(budget: Any, procedure: Any) -> None:
    line, case = await budget.appropriate(1_000), procedure()
    proposed = await propose(budget, line, {2027: 500})
    alone = await decide(budget, line, "approval", proposed, budget.officer())
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    assert (await budget.get(f"/v1/lines/{line}/ceilings"))["ceilings"] == []
    stale = await propose(budget, line, {2027: 400}, **{"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    budget.service.clock.set(datetime(2026, 3, 16, 9, tzinfo=UTC))
    assert [one["kind"] for one in await budget.get("/v1/overdue")] == ["ceilings"]
    approved = await decide(budget, line, "approval", proposed, budget.second_officer())
    assert approved.status_code == 200, approved.text
    again = await decide(budget, line, "approval", approved, budget.second_officer())
    assert (again.status_code, again.json()["code"]) == (409, "ceilings-not-proposed")
    await budget.service.deliver(
        "tender", case.requested(line, case.money(600)), over_years(case, m2026_11=100, m2027_02=500)
    )
    refused = await set_ceilings(budget, line, y2027=499)
    assert (refused.status_code, refused.json()["code"]) == (409, "ceiling-below-promised")
    read = await budget.service.client.get(f"/v1/lines/{line}/ceilings")
    rejected = await decide(budget, line, "rejection", read, budget.officer(), reason="Too low.")
    assert (rejected.json()["proposed"], rejected.json()["ceilings"][0]["ceiling"]) == ([], eur(500))
    with pytest.raises(IntegrityError):
        await budget.service.execute("UPDATE ceilings_by_year SET promised = ceiling + 1")
    assert [one for one in await budget.types() if "ceilings" in one] == [
        "budget.ceilings-proposed.v1",
        "budget.ceilings-set.v1",
        "budget.ceilings-proposed.v1",
        "budget.ceilings-rejected.v1",
    ]
    await check_promises(budget)


@pytest.mark.parametrize(("method", "step"), [("PUT", ""), ("POST", "/approval"), ("POST", "/rejection")])
async def test_only_a_finance_officer_is_let_in_when_ceilings_are_set(budget: Any, method: str, step: str) -> None:
    headers = {**budget.service.headers("p-other", "org-city", "treasurer"), "If-Match": '"1"'}
    body = {"": {"ceilings": [{"year": 2027, "amount": eur(1)}]}, "/rejection": {"reason": "Why."}}.get(step)
    path = f"/v1/lines/{UNKNOWN}/ceilings{step}"
    answer = await budget.service.client.request(method, path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
