"""Drafts: what a tender must say, and who sees it before it is published."""

from dataclasses import replace
from typing import Any

import pytest


def criteria(*weights: str) -> dict[str, Any]:
    return {
        "criteria": [
            {"id": f"c{n}", "title": "Criterion", "kind": "quality" if n else "price", "weight": weight}
            for n, weight in enumerate(weights)
        ]
    }


def worth(amount: str, currency: str = "EUR") -> dict[str, Any]:
    value = {"amount": amount, "currency": currency}
    return {"value": value, "lots": [{"id": "lot-1", "title": "All of it", "value": value}]}


def written(content: dict[str, Any]) -> dict[str, Any]:
    """Return a content as it is shown: what was left out is there, and empty."""
    securities = {"bid_security": None, "performance_security": None}
    terms = {**securities, "options": [], "stable_for_years": False, "regime": None, "threshold": None}
    return {**content, "framework": None, "terms": terms, "payment_terms": None}


async def test_draft_is_pinned_to_the_pack_of_its_day_when_it_is_made(same_day: Any) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(), "plan": plan["id"]}
    response = await same_day.send("POST", "/v1/tenders", same_day.officer, body)
    draft = response.json()
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert response.headers["location"] == f"../v1/tenders/{draft['id']}"
    assert (draft["status"], draft["pack"], draft["pack_version"]) == ("draft", "model", "1.0.0")
    assert draft["ocid"] == f"ocds-coxswn-{draft['id']}"
    assert draft["content"] == written(same_day.content_body())
    # Nobody else has to know of it yet.
    assert await same_day.events(draft) == []


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        (criteria("30", "69"), "weights-total-wrong", "weights-total"),
        (criteria("30", "71"), "weights-total-wrong", "weights-total"),
        (criteria("30", "70.01"), "weights-total-wrong", "weights-total"),
        (criteria("9.99", "90.01"), "price-weight-out-of-bounds", "price-weight"),
        (criteria("60.01", "39.99"), "price-weight-out-of-bounds", "price-weight"),
        (worth("1250000.01"), "tender-above-plan", "tender-from-plan"),
        (worth("1000.00", "USD"), "tender-above-plan", "tender-from-plan"),
    ],
)
async def test_draft_is_refused_by_a_rule_when_its_content_breaks_it(
    same_day: Any, changes: dict[str, Any], code: str, rule: str
) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(**changes), "plan": plan["id"]}
    response = await same_day.send("POST", "/v1/tenders", same_day.officer, body)
    assert same_day.refused(response, 409, code, rule)["satisfied_by"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"criteria": [{"id": "price", "title": "Price", "kind": "price", "weight": 30}]}, "number-not-text"),
        ({"criteria": [{"id": "price", "title": "Price", "kind": "price", "weight": "3e1"}]}, "decimal-malformed"),
        ({"criteria": [{"id": "price", "title": "Price", "kind": "cheapness", "weight": "30"}]}, "value-invalid"),
        ({"criteria": []}, "value-invalid"),
        ({"lots": []}, "value-invalid"),
        ({"lots": worth("625000.00")["lots"] * 2}, "lot-repeated"),
        ({"lots": worth("1250000.00", "USD")["lots"]}, "currencies-differ"),
        ({"lots": worth("1249999.99")["lots"]}, "lots-differ-from-value"),
        ({"delivery": {"start": "2026-07-02", "end": "2026-07-01", "periods": 1}}, "delivery-reversed"),
        ({"delivery": {"start": "2026-07-01", "end": "2026-07-02", "periods": 3}}, "delivery-too-short"),
        ({"delivery": {"start": "2026-07-01", "end": "2026-07-02", "periods": "1"}}, "value-invalid"),
        ({"delivery": {"start": "2026-07-01", "end": "2026-07-02", "periods": 0}}, "value-invalid"),
        ({"acceleration": 0}, "value-invalid"),
        ({"acceleration": 8_640_001}, "value-invalid"),
        ({"acceleration": 2.0}, "value-invalid"),
        ({"status": "active"}, "unknown-field"),
        ({"pack": "another"}, "unknown-field"),
    ],
)
async def test_draft_makes_no_sense_when_a_field_is_malformed(
    same_day: Any, changes: dict[str, Any], code: str
) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(), "plan": plan["id"], **changes}
    response = await same_day.send("POST", "/v1/tenders", same_day.officer, body)
    same_day.refused(response, 422, code)


async def test_draft_is_refused_when_it_has_no_plan_of_its_own_office(same_day: Any) -> None:
    plan = await same_day.plan()
    stranger = replace(same_day.officer, organisation="county")
    unknown = {**same_day.content_body(), "plan": "00000000-0000-0000-0000-000000000000"}
    response = await same_day.send("POST", "/v1/tenders", same_day.officer, unknown)
    same_day.refused(response, 409, "tender-without-plan", "tender-from-plan")
    response = await same_day.send("POST", "/v1/tenders", stranger, {**unknown, "plan": plan["id"]})
    same_day.refused(response, 409, "tender-without-plan", "tender-from-plan")


async def test_acceleration_is_refused_when_the_service_runs_in_earnest(run_tender: Any) -> None:
    async with run_tender(sandbox=False) as parties:
        plan = await parties.plan()
        body = {**parties.content_body(), "plan": plan["id"], "acceleration": 2}
        response = await parties.send("POST", "/v1/tenders", parties.officer, body)
        parties.refused(response, 409, "acceleration-outside-sandbox", "sandbox-acceleration", "Coxswain sandbox")
        tender = await parties.active(acceleration=1)
        assert tender["acceleration"] == 1
        assert not any(event.sandbox for event in await parties.service.published())


async def test_draft_is_not_there_when_another_office_or_nobody_in_particular_looks(same_day: Any) -> None:
    draft = await same_day.draft()
    path = f"/v1/tenders/{draft['id']}"
    await same_day.verify("birch")
    others = [None, same_day.bidder("birch"), replace(same_day.officer, organisation="county")]
    absent = [await same_day.send("GET", "/v1/tenders/00000000-0000-0000-0000-000000000000", other) for other in others]
    for other, nothing in zip(others, absent, strict=True):
        response = await same_day.send("GET", path, other)
        same_day.refused(response, 404, "not-found")
        assert (response.content, dict(response.headers)) == (nothing.content, dict(nothing.headers))
        same_day.refused(await same_day.send("GET", f"{path}/bids", other), 404, "not-found")
        assert draft["id"] not in (await same_day.send("GET", "/v1/tenders", other)).text
        assert (await same_day.shown("/v1/tenders?status=draft", other))["items"] == []
    same_day.refused(await same_day.send_bid(draft, "birch", b"{}"), 404, "not-found")
    assert await same_day.shown(path, same_day.officer) == draft
    assert await same_day.shown(path, same_day.panel) == draft


async def test_draft_is_rewritten_when_the_one_that_was_read_is_named(same_day: Any) -> None:
    draft = await same_day.draft()
    path = f"/v1/tenders/{draft['id']}"
    content = same_day.content_body(**worth("900000.00"), title="Home care in the south")
    response = await same_day.send("PUT", path, same_day.officer, content, version=1)
    assert (response.status_code, response.headers["etag"]) == (200, '"2"')
    assert response.json() == {**draft, "content": written(content)}
    assert await same_day.shown(path, same_day.officer) == response.json()


async def test_change_is_refused_when_it_is_stale_or_names_no_version(same_day: Any) -> None:
    draft = await same_day.draft()
    path, content = f"/v1/tenders/{draft['id']}", same_day.content_body()
    await same_day.done("PUT", path, same_day.officer, content, version=1)
    kept = await same_day.kept()
    same_day.refused(await same_day.send("PUT", path, same_day.officer, content, version=1), 412, "stale")
    same_day.refused(await same_day.send("PUT", path, same_day.officer, content, version=3), 412, "stale")
    same_day.refused(await same_day.send("PUT", path, same_day.officer, content), 428, "if-match-missing")
    assert await same_day.kept() == kept


async def test_change_is_held_to_plan_and_pack_when_a_draft_is_rewritten(same_day: Any) -> None:
    draft = await same_day.draft()
    path = f"/v1/tenders/{draft['id']}"
    dearer = same_day.content_body(**worth("1250000.01"))
    response = await same_day.send("PUT", path, same_day.officer, dearer, version=1)
    same_day.refused(response, 409, "tender-above-plan", "tender-from-plan")
    heavier = same_day.content_body(**criteria("30", "71"))
    response = await same_day.send("PUT", path, same_day.officer, heavier, version=1)
    same_day.refused(response, 409, "weights-total-wrong", "weights-total")
    assert await same_day.shown(path, same_day.officer) == draft


async def test_change_is_refused_when_the_tender_is_no_draft_any_more(same_day: Any) -> None:
    tender = await same_day.active()
    path = f"/v1/tenders/{tender['id']}"
    response = await same_day.send("PUT", path, same_day.officer, same_day.content_body(), version=3)
    same_day.refused(response, 409, "tender-not-draft")
