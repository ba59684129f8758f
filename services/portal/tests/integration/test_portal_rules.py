"""The rule packs as people read them, and as programs do at the same door."""

import re
from html import unescape

import pytest

from shared.rules.pack import available_packs, load_pack
from shared.testing.services import RunningService

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_packs_are_listed_and_led_to_when_the_rules_are_read(told: RunningService) -> None:
    page = (await told.client.get("/rules", headers=HTML)).text
    for pack_id in available_packs():
        assert f'href="/rules/{pack_id}"' in page
        assert (await told.client.get(f"/rules/{pack_id}")).status_code == 200


async def test_rules_are_linked_at_the_foot_when_any_page_is_read(told: RunningService) -> None:
    for path in ("/", "/providers", "/rules", "/nowhere"):
        _, _, footer = (await told.client.get(path, headers=HTML)).text.partition("<footer")
        assert 'href="/rules"' in footer


@pytest.mark.parametrize("pack_id", available_packs())
async def test_every_rule_is_shown_with_source_and_mark_when_a_pack_is_read(told: RunningService, pack_id: str) -> None:
    page = (await told.client.get(f"/rules/{pack_id}", headers=HTML)).text
    rows = dict(re.findall(r'<tr role="row" id="([^"]+)">(.*?)</tr>', page, re.DOTALL))
    pack = load_pack(pack_id)
    assert list(rows) == list(pack.rules)
    for rule in pack.rules.values():
        row = text_of(rows[rule.id])
        assert rule.title in row
        assert rule.source in row
        assert ("to be verified" in row) is not rule.verified
        assert re.search(r">read</span>", rows[rule.id]) is not None or not rule.verified
    for rule_id, absence in pack.without.items():
        assert absence.reason in text_of(page.partition('id="without"')[2])
        assert rule_id not in rows


async def test_value_and_counting_are_told_in_words_when_a_pack_is_read(told: RunningService) -> None:
    page = (await told.client.get("/rules/cn-services?on=2026-03-02", headers=HTML)).text
    rows = dict(re.findall(r'<tr role="row" id="([^"]+)">(.*?)</tr>', page, re.DOTALL))
    assert "50 %" in text_of(rows["abnormally-low.mean"])
    assert "second hand" in text_of(rows["abnormally-low.mean"])
    assert "20 days" in text_of(rows["tender-period"])
    assert "The day of the event does not count" in text_of(rows["tender-period"])


async def test_pack_is_that_of_the_day_when_a_day_is_given(told: RunningService) -> None:
    early = (await told.client.get("/rules/cn-services?on=2026-01-15", headers=HTML)).text
    assert 'id="abnormally-low.mean"' not in early
    assert 'href="/rules/cn-services?on=2026-02-01"' in early
    missing = await told.client.get("/rules/cn-services?on=1999-01-01", headers=HTML)
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


async def test_page_is_complete_by_itself_and_not_sent_again_when_a_pack_is_read(told: RunningService) -> None:
    for path in ("/rules", "/rules/eu-light"):
        page = await told.client.get(path, headers=HTML)
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert re.findall(r'(?:src|href)="(https?:[^"]*)"', page.text) == []
        assert page.text.count("<h1>") == 1
        assert page.text.count("<table") == page.text.count("<caption")
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(set(ids)) == len(ids)
        again = await told.client.get(path, headers={**HTML, "If-None-Match": page.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await told.client.head(path)).headers["ETag"] == page.headers["ETag"]


@pytest.mark.parametrize(("path", "status"), [("/rules/atlantis", 404), ("/rules/model?on=x", 422), ("/rules/M", 422)])
async def test_problem_is_a_page_when_there_is_no_such_pack(told: RunningService, path: str, status: int) -> None:
    page = await told.client.get(path, headers=HTML)
    assert (page.status_code, page.text.count("<h1>")) == (status, 1)


async def test_programs_are_answered_at_the_same_door(told: RunningService) -> None:
    assert (await told.client.get("/v1/packs")).json() == list(available_packs())
    shown = (await told.client.get("/v1/packs/eu-light")).json()
    assert shown["version"] == load_pack("eu-light").version
    asked = {"formula": "lowest_price", "bids": [{"id": "A", "price": "2.00"}, {"id": "B", "price": "1.00"}]}
    answered = await told.client.post("/v1/rules/score", json=asked)
    assert [place["id"] for place in answered.json()["ranking"]] == ["B", "A"]
    refused = await told.client.post("/v1/rules/score", json={**asked, "bids": []}, headers=HTML)
    assert refused.headers["Content-Type"] == "application/problem+json"


async def test_payment_is_settled_for_programs_with_every_step(told: RunningService) -> None:
    asked = {"pack": "model", "due": {"amount": "300000.00", "currency": "EUR"}, "grade": "C"}
    answered = (await told.client.post("/v1/rules/payment", json=asked)).json()
    # Grade C pays 0.80 of 300,000.
    assert {part: answered[part]["amount"] for part in ("payable", "held", "deducted")} == {
        "payable": "240000.00",
        "held": "60000.00",
        "deducted": "0.00",
    }
    refused = await told.client.post("/v1/rules/payment", json={**asked, "grade": "Z"})
    assert (refused.status_code, refused.json()["code"], refused.json()["pointer"]) == (
        422,
        "grade-unknown",
        "/body/grade",
    )
