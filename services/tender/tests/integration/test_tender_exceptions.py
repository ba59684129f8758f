"""Exceptions from a rule: with evidence, by two persons, for exactly what the draft says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from uploads import EVIDENCE, rested_on

from shared.rules.pack import load_pack

LONG = {"start": "2026-07-01", "end": "2030-07-01", "periods": 3}
ASKED = {"rule": "contract-term.cap", "code": "investment", "reason": "A kitchen is built.", "evidence": [EVIDENCE]}


async def publish(parties: Any, tender: Mapping[str, Any]) -> Any:
    return await parties.send("POST", f"/v1/tenders/{tender['id']}/publication", parties.head)


async def check(parties: Any, tender: Mapping[str, Any]) -> Any:
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/check", parties.officer)


async def test_intention_is_public_long_enough_or_excepted_when_a_tender_is_published(parties: Any) -> None:
    plan = await parties.chinese_plan(days=0)
    body = {**parties.chinese_content(), "plan": plan["id"]}
    draft = await parties.done("POST", "/v1/tenders", parties.officer, body)
    rule = "procurement-intention"
    source = load_pack("cn-services").rule(rule).source
    parties.refused(await publish(parties, draft), 409, rule, rule, source)

    path = f"/v1/tenders/{draft['id']}/exceptions"
    await rested_on(parties, parties.officer)
    asked = {"rule": rule, "code": "urgent", "reason": "A flood.", "evidence": [EVIDENCE]}
    exception = await parties.done("POST", path, parties.officer, asked)
    decide = f"/v1/exceptions/{exception['id']}"
    # Asked for is not granted.
    parties.refused(await publish(parties, draft), 409, rule, rule, source)
    both = replace(parties.head, name=parties.officer.name)
    parties.refused(await parties.send("POST", f"{decide}/grant", both), 403, "second-person-needed", rule, source)
    granted = await parties.done("POST", f"{decide}/grant", parties.head, version=1)
    assert granted["status"] == "granted"
    kind, data = (await parties.events(draft))[-1]
    assert (kind, data["rule"], data["source"], data["evidence"]) == (
        "tender.exception-granted.v1",
        rule,
        source,
        [EVIDENCE],
    )
    evaluation = await check(parties, draft)
    (shown,) = [item for item in evaluation["rules"] if item["rule"] == rule]
    assert (evaluation["ready"], shown["verdict"], shown["exception"]) == (True, "excepted", exception["id"])
    assert shown["detail"].startswith("The rule is not met")

    # It was granted for what the draft said, and for nothing else.
    changed = {**body, "title": "Something else"}
    del changed["plan"]
    await parties.done("PUT", f"/v1/tenders/{draft['id']}", parties.officer, changed, version=1)
    parties.refused(await publish(parties, draft), 409, rule, rule, source)
    del body["plan"]
    await parties.done("PUT", f"/v1/tenders/{draft['id']}", parties.officer, body, version=2)
    assert (await publish(parties, draft)).status_code == 202
    again = await parties.send("POST", f"{decide}/grant", parties.head)
    parties.refused(again, 409, "exception-not-requested")


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [
        ("tender-period", 409, "rule-not-exceptable"),
        ("service-not-on-negative-list", 409, "rule-not-exceptable"),
        ("second-person.publication", 409, "rule-not-exceptable"),
        ("method.invited.minimum-invitees", 409, "rule-not-failed"),
        ("documents-available", 409, "rule-not-failed"),
    ],
)
async def test_exception_is_refused_when_the_rule_is_met_or_knows_none(
    same_day: Any, rule: str, status: int, code: str
) -> None:
    draft = await same_day.draft()
    asked = {"rule": rule, "code": "urgent", "reason": "A flood.", "evidence": [EVIDENCE]}
    response = await same_day.send("POST", f"/v1/tenders/{draft['id']}/exceptions", same_day.officer, asked)
    same_day.refused(response, status, code, rule, load_pack("model").rule(rule).source)


async def test_exception_is_shown_to_others_only_once_it_is_granted(parties: Any) -> None:
    draft = await parties.draft(delivery=LONG)
    path = f"/v1/tenders/{draft['id']}/exceptions"
    refused = await publish(parties, draft)
    parties.refused(refused, 409, "contract-term-cap", "contract-term.cap")
    no_evidence = await parties.send("POST", path, parties.officer, {**ASKED, "evidence": []})
    parties.refused(no_evidence, 422, "value-invalid")
    unknown = await parties.send("POST", path, parties.officer, {**ASKED, "rule": "no-such-rule"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "rule-unknown")
    unseen = await parties.send("POST", path, parties.officer, ASKED)
    problem = parties.refused(unseen, 404, "document-unknown")
    assert problem["satisfied_by"] == "Its upload (POST /v1/documents)."
    await rested_on(parties, parties.officer)
    first = await parties.done("POST", path, parties.officer, ASKED)
    second = await parties.done("POST", path, parties.officer, ASKED)
    parties.service.clock.advance(days=8)
    waiting = [item for item in await parties.shown("/v1/overdue") if item["kind"] == "exception"]
    assert {item["id"] for item in waiting} == {first["id"], second["id"]}
    reason = {"reason": "Four years are enough."}
    await parties.done("POST", f"/v1/exceptions/{first['id']}/refusal", parties.head, reason)
    await parties.done("POST", f"/v1/exceptions/{second['id']}/grant", parties.head)
    assert [item for item in await parties.shown("/v1/overdue") if item["kind"] == "exception"] == []
    # The draft itself is nobody else's business yet.
    parties.refused(await parties.send("GET", path), 404, "not-found")
    assert (await publish(parties, draft)).status_code == 202
    assert [item["id"] for item in await parties.shown(path)] == [second["id"]]
    assert {item["status"] for item in await parties.shown(path, parties.officer)} == {"refused", "granted"}


async def test_options_count_when_a_term_is_held_to_its_cap(same_day: Any) -> None:
    option = {"id": "more", "title": "Longer", "months": 12, "share": "0.20", "exercise_before": "2029-06-01"}
    of = {"delivery": {**LONG, "end": "2029-06-30"}}
    within = await same_day.draft(**of, terms={"options": [option]})
    assert (await publish(same_day, within)).status_code == 202
    beyond = await same_day.draft(**of, terms={"options": [{**option, "months": 13}]})
    same_day.refused(await publish(same_day, beyond), 409, "contract-term-cap", "contract-term.cap")


async def test_excepted_tender_is_amended_when_its_term_stays_and_not_when_it_changes(parties: Any) -> None:
    draft = await parties.draft(delivery=LONG)
    path = f"/v1/tenders/{draft['id']}"
    await rested_on(parties, parties.officer)
    exception = await parties.done("POST", f"{path}/exceptions", parties.officer, ASKED)
    await parties.done("POST", f"/v1/exceptions/{exception['id']}/grant", parties.head)
    await parties.publish(draft)

    async def amend(**changes: Any) -> Any:
        body = {"content": parties.content_body(delivery=LONG, **changes), "reason": "A slip of the pen."}
        return await parties.send("POST", f"{path}/amendments", parties.officer, body)

    longer = {"delivery": {**LONG, "end": "2030-07-02"}}
    body = {"content": parties.content_body(**longer), "reason": "Longer still."}
    refused = await parties.send("POST", f"{path}/amendments", parties.officer, body)
    parties.refused(refused, 409, "contract-term-too-long", "contract-term.cap")
    option = {"id": "more", "title": "Longer", "months": 1, "share": "0.20", "exercise_before": "2029-06-01"}
    refused = await amend(terms={"options": [option]})
    parties.refused(refused, 409, "contract-term-too-long", "contract-term.cap")
    amendment = await amend(title="Home care")
    assert amendment.status_code == 201, amendment.text
    assert (
        await parties.send("POST", f"{path}/amendments/{amendment.json()['id']}/publication", parties.head)
    ).is_success
