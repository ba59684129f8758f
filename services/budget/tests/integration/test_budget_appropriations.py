"""What is granted, by whom it is paid and in which quarters, and how two persons revise it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.kernel.ids import derived_id

UNKNOWN = str(derived_id("no-such-line"))


def eur(units: int) -> dict[str, str]:
    return {"amount": f"{units}.00", "currency": "EUR"}


def moves(**units: int) -> list[dict[str, Any]]:
    return [{"line": line, "amount": eur(each)} for line, each in units.items()]


async def two_lines(budget: Any) -> tuple[str, str]:
    return await budget.appropriate(1_000, code="care"), await budget.appropriate(500, code="roads")


async def test_a_line_shows_its_programme_and_each_sources_share_when_a_donor_pays_a_part(budget: Any) -> None:
    sources = [
        {"kind": "own", "funder": "City of Kingston", "amount": eur(600)},
        {"kind": "transfer", "funder": "State", "amount": eur(300)},
        {"kind": "donor", "funder": "Fund for Ageing Well", "amount": eur(100)},
    ]
    line = await budget.appropriate(1_000, programme="10.2", sources=sources)
    shown = await budget.get(f"/v1/lines/{line}")
    assert shown["programme"] == "10.2"
    assert [(one["kind"], one["share"]) for one in shown["sources"]] == [
        ("own", "0.6000"),
        ("transfer", "0.3000"),
        ("donor", "0.1000"),
    ]
    (event,) = await budget.service.published()
    assert (event.data["programme"], event.data["sources"]) == ("10.2", sources)


async def test_sources_are_those_of_all_that_was_granted_when_a_supplementary_budget_names_its_own(
    budget: Any,
) -> None:
    city, donor = {"kind": "own", "funder": "City"}, {"kind": "donor", "funder": "Fund for Ageing Well"}
    line = await budget.appropriate(1_000, sources=[{**city, "amount": eur(1_000)}])
    bare = [{"line": line, "amount": eur(500)}]
    without = await budget.propose("supplementary", moves=bare)
    assert (without.status_code, without.json()["code"]) == (409, "sources-missing")
    sources = [{**city, "amount": eur(100)}, {**donor, "amount": eur(400)}]
    proposed = await budget.propose("supplementary", moves=[{**bare[0], "sources": sources}])
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["moves"][0]["sources"] == sources
    approved = await budget.decide(proposed, "approval", budget.second_officer())
    assert approved.status_code == 200, approved.text
    # 1,100 and 400 of 1,500; what is taken later is of no source's.
    shown = await budget.get(f"/v1/lines/{line}")
    assert [(one["funder"], one["amount"], one["share"]) for one in shown["sources"]] == [
        ("City", eur(1_100), "0.7333"),
        ("Fund for Ageing Well", eur(400), "0.2667"),
    ]
    await budget.revise("reduction", **{line: -300})
    assert (await budget.get(f"/v1/lines/{line}"))["sources"] == shown["sources"]
    told = {event.type: event.data for event in await budget.service.published()}
    assert told["budget.revised.v1"]["sources"] is None
    (revised,) = (
        event.data
        for event in await budget.service.published()
        if event.type == "budget.revised.v1" and event.data["kind"] == "supplementary"
    )
    assert revised["sources"] == sources
    await budget.check_books()


@pytest.mark.parametrize(
    ("kind", "units", "sources", "code"),
    [
        ("supplementary", 500, [499], "sources-differ-from-amount"),
        ("supplementary", 500, [501, -1], None),
        ("reduction", -500, [500], "sources-not-supplementary"),
    ],
)
async def test_revision_is_refused_when_its_sources_contradict_it(
    budget: Any, kind: str, units: int, sources: list[int], code: str | None
) -> None:
    line = await budget.appropriate(1_000)
    named = [{"kind": "own", "funder": "City", "amount": eur(each)} for each in sources]
    answer = await budget.propose(kind, moves=[{"line": line, "amount": eur(units), "sources": named}])
    assert answer.status_code == 422, answer.text
    assert code is None or (answer.json()["code"], answer.json()["pointer"]) == (code, "/body/moves/0/sources")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"programme": "11"}, "programme-unknown"),
        ({"sources": [{"kind": "own", "funder": "City", "amount": eur(999)}]}, "sources-differ-from-amount"),
        (
            {"sources": [{"kind": "own", "funder": "City", "amount": {"amount": "1000.00", "currency": "USD"}}]},
            "currencies-differ",
        ),
        ({"quarters": [eur(1_000), eur(0), eur(0)]}, "quarters-not-four"),
        ({"quarters": [eur(250), eur(250), eur(250), eur(249)]}, "quarters-differ-from-amount"),
        ({"quarters": [eur(1_001), eur(-1), eur(0), eur(0)]}, "quarter-negative"),
    ],
)
async def test_nothing_is_granted_when_the_grant_contradicts_itself(
    budget: Any, told: dict[str, Any], code: str
) -> None:
    body = {"code": "care", "title": "Care", "fiscal_year": 2026, "amount": eur(1_000), **told}
    answer = await budget.service.client.post("/v1/appropriations", json=body, headers=budget.officer())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await budget.get("/v1/lines"))["items"] == []
    assert await budget.types() == []


async def test_a_quarters_part_is_available_when_its_quarter_begins(budget: Any, procedure: Any) -> None:
    line = await budget.appropriate(1_000, quarters=[eur(100), eur(200), eur(0), eur(700)])
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 100, "unallotted": 900}
    await budget.service.deliver("tender", procedure().requested(line, procedure.money(101)))
    assert (await budget.types())[-1] == "budget.refused.v1"
    assert await budget.service.let_time_act() == 0
    budget.service.clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    assert await budget.service.let_time_act() == 1
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 300, "unallotted": 700}
    opened = (await budget.service.published())[-1]
    assert (opened.type, opened.data) == (
        "budget.quarter-opened.v1",
        {"line": line, "quarter": 2, "amount": eur(200), "available": eur(300)},
    )
    await budget.check_books()
    # A clock that slept over two quarters writes what a punctual one would have.
    budget.service.clock.set(datetime(2026, 11, 5, tzinfo=UTC))
    assert await budget.service.let_time_act() == 1
    assert await budget.service.let_time_act() == 0
    assert await budget.balances(line) == {"appropriated": 1_000, "available": 1_000}
    last = (await budget.get(f"/v1/lines/{line}/transfers"))["items"][-1]
    assert (last["at"], last["from_stage"]) == ("2026-10-01T00:00:00.000000Z", "unallotted")
    assert (await budget.get(f"/v1/lines/{line}"))["quarters_opened"] == 4
    await budget.check_books()


async def test_the_original_budget_stands_when_a_line_is_revised(budget: Any) -> None:
    care, roads = await two_lines(budget)
    await budget.revise("supplementary", **{care: 200})
    await budget.revise("reallocation", **{care: -300, roads: 300})
    await budget.revise("reduction", **{roads: -50})
    assert await budget.balances(care) == {"appropriated": 900, "available": 900}
    assert await budget.balances(roads) == {"appropriated": 750, "available": 750}
    shown = await budget.get(f"/v1/lines/{care}")
    assert shown["original"] == eur(1_000)
    adjustments = await budget.get(f"/v1/lines/{care}/adjustments")
    assert [(one["kind"], one["amount"]["amount"]) for one in adjustments] == [
        ("supplementary", "200.00"),
        ("reallocation", "-300.00"),
    ]
    revised = [event for event in await budget.service.published() if event.type == "budget.revised.v1"]
    assert [(event.subject, event.data["amount"], event.data["available"]) for event in revised] == [
        (care, eur(200), eur(1_200)),
        (care, eur(-300), eur(900)),
        (roads, eur(300), eur(800)),
        (roads, eur(-50), eur(750)),
    ]
    with pytest.raises(DBAPIError, match="original budget of a line stands"):
        await budget.service.execute("UPDATE budget_lines SET original = jsonb_set(original, '{programme}', '\"01\"')")
    await budget.check_books()


async def test_nothing_moves_while_a_revision_is_only_proposed_and_it_is_overdue_when_nobody_decides(
    budget: Any,
) -> None:
    care, roads = await two_lines(budget)
    proposed = await budget.propose("reallocation", moves=moves(**{care: -300, roads: 300}))
    assert (proposed.status_code, proposed.json()["state"]) == (201, "proposed")
    assert await budget.balances(care) == {"appropriated": 1_000, "available": 1_000}
    assert await budget.get("/v1/overdue") == []
    budget.service.clock.set(datetime(2026, 3, 16, 9, tzinfo=UTC))
    (late,) = await budget.get("/v1/overdue")
    assert (late["kind"], late["waiting_for"]) == ("revision", "the decision of a second person")
    rejected = await budget.decide(proposed, "rejection", budget.officer(), reason="Not needed.")
    assert (rejected.json()["state"], rejected.json()["rejection"]) == ("rejected", "Not needed.")
    assert await budget.get("/v1/overdue") == []
    assert (await budget.types())[-2:] == ["budget.revision-proposed.v1", "budget.revision-rejected.v1"]
    assert "p-finance" not in str([event.data for event in await budget.service.published()])
    assert "p-finance" not in rejected.text


@pytest.mark.parametrize(
    ("kind", "units", "status", "code"),
    [
        ("reallocation", {"care": -300, "roads": 299}, 422, "reallocation-not-balanced"),
        ("supplementary", {"care": -1}, 422, "revision-sign-wrong"),
        ("reduction", {"care": 1}, 422, "revision-sign-wrong"),
        ("supplementary", {UNKNOWN: 1}, 409, "line-unknown"),
        ("reallocation", {"care": -1, "later": 1}, 409, "fiscal-years-differ"),
        ("supplementary", {"dollars": 1}, 409, "currency-differs"),
    ],
)
async def test_a_revision_is_not_proposed_when_it_could_not_be_in_force(
    budget: Any, kind: str, units: dict[str, int], status: int, code: str
) -> None:
    care, roads = await two_lines(budget)
    later = await budget.appropriate(10, code="care", fiscal_year=2027)
    dollars = await budget.appropriate(code="aid", amount={"amount": "10.00", "currency": "USD"})
    known = {"care": care, "roads": roads, "later": later, "dollars": dollars}
    answer = await budget.propose(kind, moves=moves(**{known.get(one, one): each for one, each in units.items()}))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await budget.get("/v1/revisions"))["items"] == []
    assert len(await budget.types()) == 4


async def test_a_line_is_named_once_when_a_revision_is_proposed(budget: Any) -> None:
    care, _ = await two_lines(budget)
    answer = await budget.propose("supplementary", moves=[*moves(**{care: 1}), *moves(**{care: 1})])
    assert (answer.status_code, answer.json()["code"]) == (422, "line-repeated")


async def test_all_lines_of_a_revision_stay_when_one_has_too_little(budget: Any, procedure: Any) -> None:
    care, roads = await two_lines(budget)
    proposed = await budget.propose("reallocation", moves=moves(**{care: 450, roads: -450}))
    await budget.service.deliver("tender", procedure().requested(roads, procedure.money(51)))
    refused = await budget.decide(proposed, "approval", budget.second_officer())
    assert (refused.status_code, refused.json()["code"]) == (409, "reduction-above-available")
    assert await budget.balances(care) == {"appropriated": 1_000, "available": 1_000}
    assert await budget.balances(roads) == {"appropriated": 500, "available": 449, "reserved": 51}
    assert (await budget.get(f"/v1/revisions/{proposed.json()['id']}"))["state"] == "proposed"
    await budget.check_books()


async def test_a_revision_is_approved_once_and_by_another_person_who_read_it(budget: Any) -> None:
    care, _ = await two_lines(budget)
    proposed = await budget.propose("supplementary", moves=moves(**{care: 1}))
    refused = await budget.decide(proposed, "approval", budget.officer())
    assert (refused.status_code, refused.json()["code"]) == (403, "second-person-needed")
    path = f"/v1/revisions/{proposed.json()['id']}/approval"
    unread = await budget.service.client.post(path, headers=budget.second_officer())
    assert (unread.status_code, unread.json()["code"]) == (428, "if-match-missing")
    stale = await budget.service.client.post(path, headers={**budget.second_officer(), "If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert (await budget.balances(care))["appropriated"] == 1_000
    approved = await budget.decide(proposed, "approval", budget.second_officer())
    assert approved.json()["state"] == "approved"
    again = await budget.decide(approved, "approval", budget.second_officer())
    assert (again.status_code, again.json()["code"]) == (409, "revision-decided")
    assert (await budget.balances(care))["appropriated"] == 1_001


@pytest.mark.parametrize(
    ("method", "path", "read"),
    [
        ("POST", "/v1/revisions", {}),
        ("POST", f"/v1/revisions/{UNKNOWN}/approval", {"If-Match": '"1"'}),
        ("POST", f"/v1/revisions/{UNKNOWN}/rejection", {"If-Match": '"1"'}),
        ("PUT", "/v1/fiscal-years/2026", {}),
    ],
)
@pytest.mark.parametrize("role", ["provider", "operator", "procurement-head", "treasurer"])
async def test_only_a_finance_officer_is_let_in_when_the_budget_is_changed(
    budget: Any, method: str, path: str, read: dict[str, str], role: str
) -> None:
    headers = {**budget.service.headers("p-other", "org-city", role), **read}
    answer = await budget.service.client.request(method, path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")


async def declare(budget: Any, year: int, headers: dict[str, str] | None = None, **told: str) -> Any:
    body = {"starts": f"{year}-01-01", "ends": f"{year}-12-31", "policy": "lapse", **told}
    headers = {**budget.officer(), **(headers or {})}
    return await budget.service.client.put(f"/v1/fiscal-years/{year}", json=body, headers=headers)


async def test_a_year_is_the_calendar_year_when_nobody_declared_it(budget: Any) -> None:
    shown = await budget.get("/v1/fiscal-years/2026")
    assert (shown["starts"], shown["ends"], shown["state"]) == ("2026-01-01", "2026-12-31", "open")
    assert await budget.get("/v1/fiscal-years") == []
    declared = await declare(budget, 2026, ends="2027-03-31", starts="2026-04-01", policy="carry-forward")
    assert declared.status_code == 200, declared.text
    assert await budget.get("/v1/fiscal-years") == [declared.json()]
    assert declared.json()["quarters"][0] == "2026-04-01T00:00:00.000000Z"
    assert (await budget.service.published())[-1].data["policy"] == "carry-forward"


async def test_a_year_is_changed_by_whoever_read_it_and_its_days_stand_once_money_was_granted(budget: Any) -> None:
    first = await declare(budget, 2026)
    assert (await declare(budget, 2026)).headers["ETag"] == first.headers["ETag"]
    unread = await declare(budget, 2026, policy="carry-forward")
    assert (unread.status_code, unread.json()["code"]) == (409, "fiscal-year-declared")
    stale = await declare(budget, 2026, {"If-Match": '"9"'}, policy="carry-forward")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    await budget.appropriate(100)
    read = {"If-Match": first.headers["ETag"]}
    in_use = await declare(budget, 2026, read, ends="2026-11-30")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "fiscal-year-in-use")
    changed = await declare(budget, 2026, read, policy="carry-forward")
    assert changed.json()["policy"] == "carry-forward"
    overlapping = await declare(budget, 2027, starts="2026-12-28", ends="2027-12-27")
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "fiscal-years-overlap")
    assert (await budget.types()).count("budget.fiscal-year-declared.v1") == 2
