"""Plans over HTTP: drafts, approval, changes, ends, the list, and what their tenders take of them."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

LINE, OTHER_LINE = "0190a000-0000-7000-8000-00000000000b", "0190a000-0000-7000-8000-00000000000c"
APPROVAL_NEEDED = "social-work.child-protection"


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


def worth(text: str) -> dict[str, Any]:
    return {"value": eur(text), "lots": [{"id": "lot-1", "title": "All of it", "value": eur(text)}]}


def two_lines(first: str, second: str) -> list[dict[str, Any]]:
    return [{"line": LINE, "amount": eur(first)}, {"line": OTHER_LINE, "amount": eur(second)}]


def terms(parties: Any, **changes: Any) -> dict[str, Any]:
    body = parties.plan_body(**changes)
    return {name: value for name, value in body.items() if name not in {"buyer_name", "service"}}


async def send_draft(parties: Any, plan: Any, amount: str, **changes: Any) -> Any:
    body = {**parties.content_body(**worth(amount)), "plan": plan["id"], **changes}
    return await parties.send("POST", "/v1/tenders", parties.officer, body)


async def test_draft_plan_is_not_there_for_others_when_it_is_not_public(parties: Any) -> None:
    plan = await parties.plan(draft=True)
    path = f"/v1/plans/{plan['id']}"
    assert (plan["status"], plan["scheduled_at"], await parties.events()) == ("draft", None, [])
    stranger = replace(parties.officer, organisation="county")
    for other in (None, stranger, parties.bidder("birch")):
        parties.refused(await parties.send("GET", path, other), 404, "not-found")
        assert (await parties.shown("/v1/plans", other))["items"] == []
        assert (await parties.shown("/v1/plans?status=draft", other))["items"] == []
    parties.refused(await parties.send("POST", f"{path}/schedule", stranger), 404, "not-found")
    refused = await send_draft(parties, plan, "1.00")
    parties.refused(refused, 409, "plan-not-scheduled", "tender-from-plan")
    public = await parties.done("POST", f"{path}/schedule", parties.officer)
    assert await parties.shown(path) == public
    ((kind, data),) = await parties.events()
    assert (kind, data["plan"], data["scheduled_at"]) == ("tender.planned.v1", plan["id"], public["scheduled_at"])
    assert (await send_draft(parties, plan, "1.00")).status_code == 201


async def test_plan_waits_for_a_second_person_when_its_service_needs_approval(parties: Any) -> None:
    plan = await parties.plan(service=APPROVAL_NEEDED)
    path = f"/v1/plans/{plan['id']}"
    # Ten working days after Monday the 2nd of March, to their end.
    assert (plan["status"], plan["due_at"]) == ("draft", "2026-03-17T00:00:00.000000Z")
    source = (f"catalogue.{APPROVAL_NEEDED}", "Coxswain model catalogue")
    early = await parties.send("POST", f"{path}/schedule", parties.officer)
    parties.refused(early, 409, "plan-not-approved", *source)
    alone = replace(parties.head, name=parties.officer.name)
    parties.refused(await parties.send("POST", f"{path}/approval", alone), 403, "second-person-needed", *source)
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.advance(days=15)
    assert [(item["kind"], item["id"], item["waiting_for"]) for item in await parties.shown("/v1/overdue")] == [
        ("plan", plan["id"], "its approval")
    ]
    assert (await parties.done("POST", f"{path}/approval", parties.head))["approved"]
    assert await parties.shown("/v1/overdue") == []
    assert (await parties.done("POST", f"{path}/schedule", parties.officer))["status"] == "scheduled"
    again = await parties.send("POST", f"{path}/approval", parties.head)
    parties.refused(again, 409, "plan-not-draft")


async def test_tenders_together_stay_within_the_plan_when_there_are_several(same_day: Any) -> None:
    plan = await same_day.plan(estimate=eur("100.00"))
    first = (await send_draft(same_day, plan, "60.00")).json()
    same_day.refused(await send_draft(same_day, plan, "40.01"), 409, "tender-above-plan", "tender-from-plan")
    second = (await send_draft(same_day, plan, "40.00")).json()
    more = same_day.content_body(**worth("40.01"))
    response = await same_day.send("PUT", f"/v1/tenders/{second['id']}", same_day.officer, more, version=1)
    same_day.refused(response, 409, "tender-above-plan", "tender-from-plan")
    # What came to nothing takes nothing.
    gone = {"reason": "The need has gone."}
    await same_day.done("POST", f"/v1/tenders/{first['id']}/cancellation", same_day.head, gone)
    assert (await send_draft(same_day, plan, "60.00")).status_code == 201


async def test_one_of_two_drafts_is_refused_when_both_would_take_the_rest_at_once(same_day: Any) -> None:
    plan = await same_day.plan(estimate=eur("100.00"))
    answers = await asyncio.gather(*(send_draft(same_day, plan, "60.00") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_tender_takes_from_one_line_when_the_plan_has_several(same_day: Any) -> None:
    body = same_day.plan_body(estimate=eur("100.00"), breakdown=two_lines("70.00", "30.00"))
    del body["budget_line"]
    plan = await same_day.done("POST", "/v1/plans", same_day.officer, body)
    assert (plan["budget_line"], plan["breakdown"]) == (LINE, two_lines("70.00", "30.00"))
    for line in ({}, {"budget_line": "0190a000-0000-7000-8000-0000000000ff"}):
        same_day.refused(
            await send_draft(same_day, plan, "10.00", **line), 422, "budget-line-not-of-plan", "tender-from-plan"
        )
    above = await send_draft(same_day, plan, "30.01", budget_line=OTHER_LINE)
    same_day.refused(above, 409, "tender-above-plan", "tender-from-plan")
    taken = await send_draft(same_day, plan, "30.00", budget_line=OTHER_LINE)
    path = f"/v1/tenders/{taken.json()['id']}/publication"
    asked = await same_day.done("POST", path, same_day.head)
    data = dict(await same_day.events(asked))["tender.funding-requested.v1"]
    assert (data["budget_line"], data["pack"]) == (OTHER_LINE, {"id": "model", "version": "1.0.0"})


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"breakdown": two_lines("1.00", "1.00")}, 422, "breakdown-differs-from-estimate"),
        ({"breakdown": two_lines("1249999.00", "1.00")[:1] * 2}, 422, "budget-line-repeated"),
        ({"budget_line": None}, 422, "breakdown-missing"),
        ({"expected": {"start": "2026-07-01", "end": "2026-06-30"}}, 422, "expected-dates-reversed"),
        ({"pack": "cn-services"}, 409, "currency-differs-from-pack"),
        ({"pack": "atlantis"}, 404, "pack-unknown"),
        ({"demand": {"respondents": -1}}, 422, "value-invalid"),
        ({"demand": {"written_by": "experts", "reviewed_by": "experts"}}, 409, "demand-reviewed-by-its-author"),
    ],
)
async def test_plan_is_refused_when_its_parts_contradict_each_other(
    same_day: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    kept = await same_day.kept()
    response = await same_day.send("POST", "/v1/plans", same_day.officer, same_day.plan_body(**changes))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await same_day.kept() == kept


async def test_history_is_public_when_a_public_plan_is_changed(parties: Any) -> None:
    plan = await parties.plan()
    path = f"/v1/plans/{plan['id']}"
    dearer = terms(parties, estimate=eur("1300000.00"), title="Home care, north and east")
    no_reason = await parties.send("PUT", path, parties.officer, dearer, version=1)
    parties.refused(no_reason, 422, "reason-missing")
    body = {**dearer, "reason": "The east was added."}
    parties.refused(await parties.send("PUT", path, parties.officer, body), 428, "if-match-missing")
    parties.refused(await parties.send("PUT", path, parties.officer, body, version=2), 412, "stale")
    changed = await parties.send("PUT", path, parties.officer, body, version=1)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    (revision,) = (await parties.shown(path))["history"]
    assert (revision["title"], revision["estimate"], revision["reason"]) == (
        "Home care in the north",
        eur("1250000.00"),
        "The east was added.",
    )
    kind, data = (await parties.events())[-1]
    assert (kind, data["estimate"], data["reason"]) == (
        "tender.plan-changed.v1",
        eur("1300000.00"),
        "The east was added.",
    )
    await send_draft(parties, plan, "1300000.00")
    smaller = {**terms(parties), "reason": "The east was taken out."}
    refused = await parties.send("PUT", path, parties.officer, smaller, version=2)
    parties.refused(refused, 409, "estimate-below-tenders", "tender-from-plan")


async def test_plan_ends_with_an_event_when_its_tenders_are_done(parties: Any) -> None:
    plan = await parties.plan()
    path, gone = f"/v1/plans/{plan['id']}", {"reason": "The need has gone."}
    draft = (await send_draft(parties, plan, "5.00")).json()
    for end, who, body in (("completion", parties.officer, None), ("cancellation", parties.head, gone)):
        refused = await parties.send("POST", f"{path}/{end}", who, body)
        assert parties.refused(refused, 409, "plan-has-open-tenders")["satisfied_by"]
    await parties.done("POST", f"/v1/tenders/{draft['id']}/cancellation", parties.head, gone)
    await parties.done("POST", f"{path}/completion", parties.officer)
    kind, data = (await parties.events())[-1]
    assert (kind, data["tendered"]) == ("tender.plan-completed.v1", eur("0.00"))
    parties.refused(await send_draft(parties, plan, "5.00"), 409, "plan-not-scheduled", "tender-from-plan")
    other = await parties.plan()
    await parties.done("POST", f"/v1/plans/{other['id']}/cancellation", parties.head, gone)
    kind, data = (await parties.events())[-1]
    assert (kind, data["plan"], data["reason"]) == ("tender.plan-cancelled.v1", other["id"], "The need has gone.")
    # Of a draft that is given up nobody hears.
    draft_plan, count = await parties.plan(draft=True), len(await parties.events())
    await parties.done("POST", f"/v1/plans/{draft_plan['id']}/cancellation", parties.head, gone)
    assert len(await parties.events()) == count
    parties.refused(await parties.send("GET", f"/v1/plans/{draft_plan['id']}"), 404, "not-found")
    assert draft_plan["id"] not in [item["id"] for item in (await parties.shown("/v1/plans"))["items"]]


async def test_plans_are_listed_page_by_page_when_filtered(parties: Any) -> None:
    clubs = [(await parties.plan(service="youth.clubs"))["id"] for _ in range(3)]
    await parties.plan()
    stranger = replace(parties.officer, organisation="county")
    await parties.done("POST", "/v1/plans", stranger, parties.plan_body(service="youth.clubs"))
    query = "/v1/plans?service=youth.clubs&buyer=city&status=scheduled&limit=2"
    first = await parties.shown(query)
    assert [item["id"] for item in first["items"]] == clubs[:0:-1]
    second = await parties.shown(f"{query}&cursor={first['next']}")
    assert ([item["id"] for item in second["items"]], second["next"]) == (clubs[:1], None)
    assert len((await parties.shown("/v1/plans"))["items"]) == 5
    assert (await parties.shown("/v1/plans?status=cancelled"))["items"] == []
    parties.refused(await parties.send("GET", "/v1/plans?cursor=x"), 422, "cursor-malformed")


async def test_plan_is_entered_once_when_the_request_comes_twice_or_is_only_tried(parties: Any) -> None:
    tried = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body(), dry_run=True, key="try")
    assert (tried.status_code, await parties.count("plans")) == (201, 0)
    answers = [
        await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body(), key="same") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert await parties.count("plans") == 1


async def test_operators_own_catalogue_takes_the_place_of_ours_when_set(run_tender: Any, tmp_path: Path) -> None:
    own = tmp_path / "catalogue.yaml"
    own.write_text(
        """versions:
  - version: "own-1"
    effective: {from: "2026-01-01", to: "2026-03-02"}
    entries:
      - {code: bees, title: Beekeeping, decision: allow, source: Bee Act}
  - version: "own-2"
    effective: {from: "2026-03-03", to: null}
    entries:
      - {code: bees, title: Beekeeping, decision: deny, source: Bee Amendment Act}
""",
        "utf-8",
    )
    async with run_tender(catalogue=own) as parties:
        missing = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body())
        parties.refused(missing, 409, "service-not-in-catalogue", "service-in-catalogue")
        plan = await parties.plan(service="bees")
        tender = (await send_draft(parties, plan, "5.00")).json()
        parties.service.clock.advance(days=1)
        refused = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body(service="bees"))
        parties.refused(refused, 409, "service-on-negative-list", "service-not-on-negative-list", "Bee Amendment Act")
        # What was planned under the version before goes on.
        asked = await parties.send("POST", f"/v1/tenders/{tender['id']}/publication", parties.head)
        assert asked.status_code == 202
        today, yesterday = await parties.shown("/v1/catalogue"), await parties.shown("/v1/catalogue?on=2026-03-02")
        assert (today["version"], yesterday["version"]) == ("own-2", "own-1")
        assert [item["version"] for item in today["versions"]] == ["own-1", "own-2"]
        assert [entry["code"] for entry in today["negative"]] == ["bees"]
        parties.refused(await parties.send("GET", "/v1/catalogue?on=2025-12-31"), 409, "catalogue-not-in-force")
