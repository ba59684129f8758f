"""By what bids are compared: what an office states is what its draft is held to, from the draft to the publication."""

from typing import Any

import pytest

from shared.testing.course import CHINA

ORDER_87 = "Ministry of Finance Order 87, art. 55"
PRICE = {"id": "price", "title": "Price", "kind": "price", "weight": "100", "levels": []}
LEVELS = [{"title": "Poor", "points": "0", "at_least": "0"}, {"title": "Good", "points": "100", "at_least": "10"}]
QUALITY = {**PRICE, "id": "quality", "title": "Quality of care", "kind": "quality", "levels": LEVELS}
SCORED = [{**PRICE, "weight": "30"}, {**QUALITY, "weight": "70"}]


def facts(method: str | None = None, **procedure: bool) -> dict[str, Any]:
    stated = {**CHINA.facts, "procedure": {**CHINA.facts["procedure"], **procedure}}
    return stated if method is None else {**stated, "evaluation": {"method": method}}


async def drafted(parties: Any, criteria: list[dict[str, Any]], stated: dict[str, Any]) -> Any:
    plan = await parties.chinese_plan()
    content = parties.chinese_content(criteria=criteria, procurement=parties.procurement(facts=stated))
    return await parties.send("POST", "/v1/tenders", parties.officer, {**content, "plan": plan["id"]})


async def verdict(parties: Any, draft: Any, rule: str) -> str:
    path = f"/v1/tenders/{draft['id']}/check"
    rules = (await parties.done("POST", path, parties.officer))["rules"]
    return next(str(one["verdict"]) for one in rules if one["rule"] == rule)


@pytest.mark.parametrize(
    ("criteria", "stated", "rule"),
    [
        ([PRICE], facts("lowest-price", standard_service=True), "evaluation-method.standard-service"),
        ([QUALITY], facts(state_priced=True), "state-price-not-scored"),
    ],
    ids=["standard-service", "state-price"],
)
async def test_tender_is_published_when_it_is_evaluated_as_its_service_asks_for(
    parties: Any, criteria: list[dict[str, Any]], stated: dict[str, Any], rule: str
) -> None:
    response = await drafted(parties, criteria, stated)
    assert response.status_code == 201, response.text
    assert await verdict(parties, response.json(), rule) == "pass"
    path = f"/v1/tenders/{response.json()['id']}/publication"
    assert (await parties.send("POST", path, parties.head)).status_code == 202


@pytest.mark.parametrize(
    ("stated", "rule", "source"),
    [
        (
            facts("comprehensive-scoring", standard_service=True),
            "evaluation-method.standard-service",
            "Implementation Regulation of the Government Procurement Law (2015), art. 34",
        ),
        (facts(state_priced=True), "state-price-not-scored", ORDER_87),
    ],
    ids=["standard-service", "state-price"],
)
async def test_publication_is_refused_when_the_price_is_scored_as_the_service_does_not_let(
    parties: Any, stated: dict[str, Any], rule: str, source: str
) -> None:
    draft = (await drafted(parties, SCORED, stated)).json()
    assert await verdict(parties, draft, rule) == "fail"
    refused = await parties.send("POST", f"/v1/tenders/{draft['id']}/publication", parties.head)
    parties.refused(refused, 409, rule.replace(".", "-"), rule, source)


async def test_price_is_left_out_of_no_draft_where_nobody_sets_it(parties: Any) -> None:
    problem = parties.refused(
        await drafted(parties, [QUALITY], facts(state_priced=False)),
        409,
        "price-criterion-not-single",
        "price-weight",
        ORDER_87,
    )
    assert problem["satisfied_by"].endswith("The price is left out only where procedure.state_priced holds.")


async def test_method_with_a_stage_before_the_bids_is_refused_where_it_is_planned_or_drafted(parties: Any) -> None:
    planned = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body(method="restricted"))
    plan = await parties.plan()
    body = {
        **parties.content_body(procurement=parties.procurement("restricted", rationale="Few can.")),
        "plan": plan["id"],
    }
    for refused in (planned, await parties.send("POST", "/v1/tenders", parties.officer, body)):
        problem = parties.refused(refused, 409, "stage-not-provided", "method.permitted")
        assert problem["satisfied_by"] == "A procedure in which everybody bids at once: another method."
