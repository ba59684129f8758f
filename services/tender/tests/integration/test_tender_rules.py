"""The rules as anybody can ask them: packs, and questions that are answered without a token and change nothing."""

import json
from typing import Any

import pytest

from shared.rules.pack import load_pack, pack_document
from shared.rules.questions import abnormally_low, checks, deadlines, scoring

SCORE: dict[str, Any] = {
    "formula": "min_max",
    "price_weight": "30",
    "bids": [
        {"id": "A", "price": "900000.00", "quality": "78"},
        {"id": "B", "price": "1000000.00", "quality": "88"},
        {"id": "C", "price": "1200000.00", "quality": "93"},
    ],
}
BIDS = [{"id": name, "price": price} for name, price in (("A", "600000"), ("B", "500000"), ("C", "249999.99"))]
QUESTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "score": (scoring, SCORE),
    "abnormally-low": (abnormally_low, {"pack": "cn-services", "bids": BIDS}),
    "deadline": (deadlines, {"pack": "uk-2023", "rule": "standstill", "start": "2026-03-02"}),
    "check": (checks, {"pack": "cn-services", "on": "2026-03-02", "facts": {"bids": {"received": 2}}}),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_question_is_answered_as_without_a_server_when_anybody_asks(same_day: Any, question: str) -> None:
    module, document = QUESTIONS[question]
    kept = await same_day.kept()
    response = await same_day.service.client.post(f"/v1/rules/{question}", json=document)
    assert response.status_code == 200, response.text
    assert response.json() == module.answer(document)
    assert await same_day.kept() == kept


async def test_ranking_is_the_published_one_when_it_is_asked_for(same_day: Any) -> None:
    answered = (await same_day.service.client.post("/v1/rules/score", json=SCORE)).json()
    # Vector F3: 30 + 54.6, 20 + 61.6 and 0 + 65.1.
    assert [(place["id"], place["total"]) for place in answered["ranking"]] == [
        ("A", "84.6000"),
        ("B", "81.6000"),
        ("C", "65.1000"),
    ]
    assert len(answered["warnings"]) == 2


async def test_earliest_next_day_is_left_out_when_the_rule_names_no_next_step(same_day: Any) -> None:
    asked = {"pack": "cn-services", "rule": "tender-period", "start": "2026-03-02"}
    answered = (await same_day.service.client.post("/v1/rules/deadline", json=asked)).json()
    assert (answered["date"], "earliest_next" in answered) == ("2026-03-23", False)
    _, standstill = QUESTIONS["deadline"]
    answered = (await same_day.service.client.post("/v1/rules/deadline", json=standstill)).json()
    assert (answered["date"], answered["earliest_next"]) == ("2026-03-11", "2026-03-12")


@pytest.mark.parametrize(
    ("question", "document", "code", "pointer"),
    [
        ("score", [], "value-invalid", "/body"),
        ("score", {**SCORE, "formula": "cheapest"}, "price-formula-unknown", "/body/formula"),
        ("score", {**SCORE, "price_weight": 30}, "number-not-text", "/body/price_weight"),
        ("score", {**SCORE, "bids": [SCORE["bids"][0]] * 2}, "bid-repeated", "/body/bids/1/id"),
        ("abnormally-low", {"pack": "atlantis", "bids": BIDS}, "pack-unknown", "/body/pack"),
        ("abnormally-low", {"pack": "model", "bids": [{"id": "A", "price": 1}]}, "number-not-text",
         "/body/bids/0/price"),
        ("deadline", {"pack": "uk-2023", "rule": "standstil", "start": "2026-03-02"}, "rule-unknown", "/body/rule"),
        ("deadline", {"pack": "uk-2023", "rule": "standstill"}, "field-missing", "/body/start"),
        ("check", {"pack": "model", "facts": {"bids": {"received": 2.5}}}, "fact-of-another-type",
         "/body/facts/bids/received"),
    ],
)  # fmt: skip
async def test_question_is_refused_with_a_pointer_when_it_makes_no_sense(
    same_day: Any, question: str, document: Any, code: str, pointer: str
) -> None:
    response = await same_day.service.client.post(f"/v1/rules/{question}", json=document)
    assert same_day.refused(response, 422, code)["pointer"] == pointer


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b'{"formula": "qcbs", "formula": "min_max"}', "application/json", 400, "json-malformed"),
        (b"{", "application/json", 400, "json-malformed"),
        (b"", "application/json", 400, "json-malformed"),
        (b'{"price_weight": NaN}', "application/json", 400, "json-malformed"),
        (b"null", "application/json", 422, "value-invalid"),
        (b"{}", "text/plain", 415, "media-type-unsupported"),
        (b" " * (1024 * 1024 + 1), "application/json", 413, "body-too-large"),
    ],
    ids=["ambiguous", "cut-off", "empty", "nan", "null", "text", "too-large"],
)
async def test_body_is_refused_when_it_is_not_json(
    same_day: Any, body: bytes, media_type: str, status: int, code: str
) -> None:
    headers = {"Content-Type": media_type}
    response = await same_day.service.client.post("/v1/rules/score", content=body, headers=headers)
    same_day.refused(response, status, code)


async def test_thousand_bids_are_ranked_and_no_more_when_they_are_asked_about(same_day: Any) -> None:
    bids = [{"id": f"{n:0100}", "price": f"{n + 1}.123456", "quality": "50.5"} for n in range(1001)]
    document = {"formula": "mean_deviation", "price_weight": "30", "bids": bids[:1000]}
    response = await same_day.service.client.post("/v1/rules/score", json=document)
    assert (response.status_code, len(response.json()["ranking"])) == (200, 1000)
    response = await same_day.service.client.post("/v1/rules/score", json={**document, "bids": bids})
    assert same_day.refused(response, 422, "bids-too-many")["pointer"] == "/body/bids"


async def test_every_rule_has_its_source_and_mark_when_a_pack_is_shown(same_day: Any) -> None:
    for pack_id in await same_day.shown("/v1/packs"):
        shown, pack = await same_day.shown(f"/v1/packs/{pack_id}"), load_pack(pack_id)
        assert [rule["id"] for rule in shown["rules"]] == list(pack.rules)
        for rule in shown["rules"]:
            known = pack.rule(rule["id"])
            assert (rule["source"], rule["mark"], rule["unit"]) == (known.source, known.mark, known.unit)
            assert rule["shown_as"] == ("read" if known.verified else "to be verified")
        assert shown["document"] == json.loads(json.dumps(pack_document(pack_id)))


async def test_pack_is_that_of_the_day_when_a_day_is_given(same_day: Any) -> None:
    async def version(on: str) -> tuple[str, bool]:
        shown = await same_day.shown(f"/v1/packs/cn-services?on={on}")
        return shown["version"], "abnormally-low.mean" in {rule["id"] for rule in shown["rules"]}

    # Notice 2 of 2026 is in effect from the first of February.
    assert await version("2026-01-31") == ("1.0.0", False)
    assert await version("2026-02-01") == ("1.1.0", True)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("atlantis", 404, "not-found"),
        ("model?on=1999-01-01", 404, "pack-not-in-force"),
        ("model?on=2026-02-30", 422, "value-invalid"),
        ("Model", 422, "value-invalid"),
    ],
)
async def test_pack_is_refused_when_there_is_none_such(same_day: Any, path: str, status: int, code: str) -> None:
    same_day.refused(await same_day.send("GET", f"/v1/packs/{path}"), status, code)


def test_questions_are_described_when_the_api_document_is_read(same_day: Any) -> None:
    document = same_day.service.app.openapi()
    for question in QUESTIONS:
        operation = document["paths"][f"/v1/rules/{question}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert answer.rpartition("/")[2] in document["components"]["schemas"]
        assert "security" not in operation
