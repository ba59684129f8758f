"""Requirements and levels over HTTP: optional, bounded, published as they were written."""

from typing import Any

import pytest

LEVELS = [
    {"title": "Poor", "points": "0", "at_least": "0"},
    {"title": "Good", "points": "62.5", "at_least": "0.5"},
]
ANSWER = {
    "id": "similar",
    "title": "Similar contracts within three years",
    "data_type": "integer",
    "subject": "similar-contracts",
    "expected": None,
    "minimum": "1",
    "maximum": None,
    "options": [],
    "evidence": ["contract"],
}


def requirements(**changes: Any) -> list[dict[str, Any]]:
    group = {"id": "contracts", "title": "By contracts", "requirements": [{**ANSWER, **changes}]}
    return [{"id": "experience", "title": "Experience", "kind": "qualification", "groups": [group]}]


def criteria(parties: Any, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    price, quality = parties.content_body()["criteria"]
    return [price, {**quality, "levels": levels}]


async def test_requirements_and_levels_are_published_as_they_were_written(same_day: Any) -> None:
    tender = await same_day.active(criteria=criteria(same_day, LEVELS), requirements=requirements())
    assert tender["content"]["criteria"][1]["levels"] == LEVELS
    assert tender["content"]["requirements"] == requirements()
    data = dict(await same_day.events(tender))["tender.published.v1"]
    assert data["criteria"][1]["levels"] == LEVELS
    (group,) = data["requirements"][0]["groups"]
    told = {key: value for key, value in ANSWER.items() if key != "evidence"}
    assert group["requirements"] == [{**told, "eligible_evidence": ["contract"]}]
    assert data["questions_until"] == "2026-03-19T00:00:00.000000Z"


async def test_draft_stays_valid_when_it_says_nothing_of_them(same_day: Any) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(), "plan": plan["id"]}
    del body["requirements"]
    body["criteria"] = [{key: value for key, value in item.items() if key != "levels"} for item in body["criteria"]]
    draft = await same_day.done("POST", "/v1/tenders", same_day.officer, body)
    said = same_day.content_body()
    assert {name: draft["content"][name] for name in said} == said


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"minimum": "3", "maximum": "2"}, "requirement-contradicts-itself"),
        ({"data_type": "number"}, "value-invalid"),
        ({"minimum": 1}, "value-invalid"),
        ({"title": "x" * 201}, "value-invalid"),
        ({"options": ["1"] * 21}, "value-invalid"),
        ({"weight": "1"}, "unknown-field"),
    ],
)
async def test_requirement_makes_no_sense_when_a_field_is_malformed(
    same_day: Any, changes: dict[str, Any], code: str
) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(requirements=requirements(**changes)), "plan": plan["id"]}
    same_day.refused(await same_day.send("POST", "/v1/tenders", same_day.officer, body), 422, code)


@pytest.mark.parametrize(
    ("changes", "code", "rule", "source"),
    [
        ({}, None, None, None),
        (
            {"minimum": "3"},
            "similar-contracts-too-many",
            "qualification.similar-contracts",
            "Cai Ku [2021] 22 (demand management), art. 18",
        ),
        (
            {"subject": "registered-capital"},
            "condition-banned",
            "qualification.banned-conditions",
            "Ministry of Finance Order 87, art. 17",
        ),
    ],
)
async def test_condition_is_held_to_the_chinese_pack_when_that_is_pinned(
    parties: Any, changes: dict[str, Any], code: str | None, rule: str | None, source: str
) -> None:
    plan = await parties.chinese_plan()
    content = parties.chinese_content(criteria=criteria(parties, LEVELS), requirements=requirements(**changes))
    response = await parties.send("POST", "/v1/tenders", parties.officer, {**content, "plan": plan["id"]})
    if code is None:
        assert response.status_code == 201
    else:
        assert parties.refused(response, 409, code, rule, source)["satisfied_by"]


async def test_draft_is_refused_without_levels_when_the_chinese_pack_is_pinned(parties: Any) -> None:
    plan = await parties.chinese_plan()
    body = {**parties.chinese_content(criteria=criteria(parties, [])), "plan": plan["id"]}
    response = await parties.send("POST", "/v1/tenders", parties.officer, body)
    source = "Cai Ku [2021] 22 (demand management), arts. 9, 21"
    parties.refused(response, 409, "levels-not-quantified", "criteria.levels-quantified", source)
