"""Needs, and what may not be outsourced."""

from typing import Any

import pytest

LINE = "0190a000-0000-7000-8000-00000000000b"
NEGATIVE = "FAR 7.503(c), inherently governmental functions"


async def test_plan_is_public_when_a_need_was_entered(parties: Any) -> None:
    response = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body(service="youth.clubs"))
    plan = response.json()
    assert (response.status_code, response.headers["location"]) == (201, f"../v1/plans/{plan['id']}")
    assert await parties.shown(f"/v1/plans/{plan['id']}") == plan
    assert plan == {
        "id": plan["id"],
        "title": "Home care in the north",
        "buyer": {"id": "city", "name": "City social office"},
        "service": {"code": "youth.clubs", "title": "Youth clubs"},
        "estimate": {"amount": "1250000.00", "currency": "EUR"},
        "budget_line": LINE,
        "breakdown": [{"line": LINE, "amount": {"amount": "1250000.00", "currency": "EUR"}}],
        "method": "open",
        "expected": None,
        "demand": None,
        "in_house_cost": None,
        "status": "scheduled",
        "pack": "model",
        "catalogue": "2026.1",
        "approval_needed": False,
        "approved": False,
        "scheduled_at": "2026-03-02T09:00:00.000000Z",
        "due_at": None,
        "ended_because": None,
        "history": [],
    }
    private = {"id", "demand", "in_house_cost", "status", "approval_needed", "approved", "due_at", "ended_because"}
    public = plan.keys() - private - {"history"}
    expected = {key: plan[key] for key in public} | {"plan": plan["id"]}
    assert await parties.events() == [("tender.planned.v1", expected)]


@pytest.mark.parametrize(
    "service", ["adjudication", "policing", "policing.patrol", "licensing", "procurement.award", "budget.decisions"]
)
async def test_need_is_refused_with_its_source_when_it_is_on_the_negative_list(same_day: Any, service: str) -> None:
    response = await same_day.send("POST", "/v1/plans", same_day.officer, same_day.plan_body(service=service))
    same_day.refused(response, 409, "service-on-negative-list", "service-not-on-negative-list", NEGATIVE)


@pytest.mark.parametrize("service", ["procurement", "elder-care", "elder-care.home.night", "policing-advice"])
async def test_need_is_refused_when_the_catalogue_does_not_have_its_service(same_day: Any, service: str) -> None:
    response = await same_day.send("POST", "/v1/plans", same_day.officer, same_day.plan_body(service=service))
    problem = same_day.refused(response, 409, "service-not-in-catalogue", "service-in-catalogue")
    assert problem["satisfied_by"] == "A code of the catalogue."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"estimate": 1250000}, "amount-as-number"),
        ({"estimate": 1250000.5}, "amount-as-number"),
        ({"estimate": "1250000"}, "amount-malformed"),
        ({"estimate": {"amount": 1250000, "currency": "EUR"}}, "amount-as-number"),
        ({"estimate": {"amount": 12.5, "currency": "EUR"}}, "amount-as-number"),
        ({"estimate": {"amount": "1e6", "currency": "EUR"}}, "amount-malformed"),
        ({"estimate": {"amount": "12.345", "currency": "EUR"}}, "amount-too-fine"),
        ({"estimate": {"amount": "12.00", "currency": "euro"}}, "currency-unknown"),
        ({"estimate": {"amount": "12.00", "currency": "EUR", "vat": "0"}}, "amount-malformed"),
        ({"estimate": {"amount": "0.00", "currency": "EUR"}}, "amount-not-positive"),
        ({"estimate": {"amount": "-1.00", "currency": "EUR"}}, "amount-not-positive"),
        ({"buyer": "another-office"}, "unknown-field"),
        ({"title": ""}, "value-invalid"),
        ({"title": " " * 5}, "value-invalid"),
        ({"title": "x" * 201}, "value-invalid"),
        ({"service": "Elder-Care"}, "value-invalid"),
        ({"budget_line": "7"}, "value-invalid"),
    ],
)
async def test_plan_makes_no_sense_when_a_field_is_malformed(same_day: Any, changes: dict[str, Any], code: str) -> None:
    response = await same_day.send("POST", "/v1/plans", same_day.officer, same_day.plan_body(**changes))
    problem = same_day.refused(response, 422, code)
    assert [item["pointer"].split("/")[2] for item in problem["errors"]] == list(changes)


async def test_plan_makes_no_sense_when_a_field_is_missing(same_day: Any) -> None:
    body = same_day.plan_body()
    del body["estimate"]
    response = await same_day.send("POST", "/v1/plans", same_day.officer, body)
    same_day.refused(response, 422, "field-missing")


async def test_plan_is_not_found_when_there_is_none(same_day: Any) -> None:
    response = await same_day.send("GET", "/v1/plans/00000000-0000-0000-0000-000000000000")
    same_day.refused(response, 404, "not-found")
