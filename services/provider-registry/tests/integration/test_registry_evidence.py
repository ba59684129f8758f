"""Declarations, documents and the pack that is made of them, over HTTP."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.canonical import canonical
from shared.kernel.errors import NotFound
from shared.kernel.media_type import object_key

ROSA = ("rosa", "registry", "registry-officer")
ROLF = ("rolf", "registry", "registry-officer")
OTHER_CLERK = ("carla", "oarsmen", "provider")
AUDITOR = ("ada", "audit", "auditor")
# Monday 2 March 2026, 9:00 is when the clock starts.
CLEARANCE = {
    "document_type": "tax-clearance",
    "issuer": "Tax Office",
    "number": "T-1",
    "issued_on": "2026-03-01",
    "valid_from": "2026-03-01",
    "valid_until": "2026-05-31",
    "digest": hashlib.sha256(b"cleared").hexdigest(),
    "criteria": ["taxes-unpaid"],
}
NO_GROUND = [
    {"criterion": name, "answer": False} for name in ("debarred", "criminal-conviction", "taxes-unpaid", "insolvency")
]
ANSWERS = {"answers": [*NO_GROUND, {"criterion": "enrolled", "answer": True}]}
DOCUMENTS = "/v1/providers/oarsmen/documents"
PACK = "/v1/providers/oarsmen/evidence-pack"


@pytest.fixture
async def oarsmen(registry: Any, tmp_path: Path) -> Any:
    registry.service.app.state.objects = type(registry.service.app.state.objects)(str(tmp_path))
    await registry.bring("verified")
    return registry


async def entered(registry: Any, **changes: Any) -> str:
    response = await registry.post(DOCUMENTS, registry.clerk("oarsmen"), {**CLEARANCE, **changes})
    assert response.status_code == 201, response.text
    return f"{DOCUMENTS}/{response.json()['id']}"


async def told(registry: Any, *types: str) -> list[dict[str, Any]]:
    return [event.data for event in await registry.service.published() if event.type in types]


async def test_document_expires_on_its_day_when_the_provider_was_told_twice_before(oarsmen: Any) -> None:
    document = await entered(oarsmen)
    accepted = await oarsmen.post(f"{document}/acceptance", ROSA)
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert accepted.json()["expires_at"] == "2026-06-01T00:00:00.000000Z"
    # 30 and 7 days before the 1st of June: the 2nd and the 25th of May, both at midnight.
    oarsmen.service.clock.advance(days=60, hours=14, minutes=59, seconds=59)
    await oarsmen.service.let_time_act()
    assert await told(oarsmen, "provider.document-expiring.v1") == []
    oarsmen.service.clock.advance(seconds=1)
    await oarsmen.service.let_time_act()
    assert len(await told(oarsmen, "provider.document-expiring.v1")) == 1
    # A late clock tells what it missed, each once.
    oarsmen.service.clock.advance(days=60)
    await oarsmen.service.let_time_act()
    expiring = await told(oarsmen, "provider.document-expiring.v1")
    expired = await told(oarsmen, "provider.document-expired.v1")
    assert [one["expires_at"] for one in expiring] == ["2026-06-01T00:00:00.000000Z"] * 2
    assert [one["expired_at"] for one in expired] == ["2026-06-01T00:00:00.000000Z"]
    states = {"2026-03-02T08:59:59Z": [], "2026-05-31T23:59:59Z": ["accepted"], "2026-07-01T00:00:00Z": ["expired"]}
    for at, state in states.items():
        assert [one["state"] for one in await oarsmen.shown(f"{DOCUMENTS}?at={at}")] == state, at
    withdrawal = await oarsmen.post(f"{document}/withdrawal", oarsmen.clerk("oarsmen"), {"reason": "Late."})
    assert (withdrawal.status_code, withdrawal.json()["code"]) == (409, "document-not-entered")


async def test_document_is_decided_by_another_person_of_another_organisation(oarsmen: Any) -> None:
    document = (await oarsmen.post(DOCUMENTS, ROSA, CLEARANCE)).json()["id"]
    for officer, code in (
        (ROSA, "second-person-needed"),
        (("olga", "oarsmen", "registry-officer"), "own-verification"),
    ):
        response = await oarsmen.post(f"{DOCUMENTS}/{document}/acceptance", officer)
        assert (response.status_code, response.json()["code"]) == (403, code)
        assert response.json()["rule"] == "second-person.evidence"
    rejected = await oarsmen.post(f"{DOCUMENTS}/{document}/rejection", ROLF, {"reason": "No seal."})
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    assert (await told(oarsmen, "provider.document-rejected.v1"))[0]["reason"] == "No seal."
    # What was rejected may be entered again.
    await entered(oarsmen)


REFUSED: tuple[tuple[dict[str, str | list[str]], int, str], ...] = (
    ({"valid_until": "2026-02-28"}, 422, "validity-reversed"),
    ({"valid_from": "2025-01-01", "valid_until": "2026-03-01"}, 422, "document-expired"),
    ({"issued_on": "2026-03-03"}, 422, "issued-in-future"),
    ({"criteria": ["honesty"]}, 422, "criterion-unknown"),
    ({"criteria": ["taxes-unpaid", "taxes-unpaid"]}, 422, "criterion-repeated"),
    ({"criteria": ["insolvency"]}, 422, "criterion-not-proved"),
    ({"digest": "ABC"}, 422, "value-invalid"),
    ({}, 409, "document-known"),
    ({"digest": "b" * 64, "valid_from": "2026-05-31", "valid_until": "2027-01-01"}, 409, "validity-overlaps"),
)


async def test_document_is_refused_when_it_contradicts_itself_or_another(oarsmen: Any) -> None:
    await entered(oarsmen)
    before = await oarsmen.types()
    for changes, status, code in REFUSED:
        response = await oarsmen.post(DOCUMENTS, oarsmen.clerk("oarsmen"), {**CLEARANCE, **changes})
        assert (response.status_code, response.json()["code"]) == (status, code), changes
    await oarsmen.register("sunrise")
    path = "/v1/providers/sunrise/documents"
    response = await oarsmen.post(path, oarsmen.clerk("sunrise"), CLEARANCE)
    assert (response.status_code, response.json()["code"]) == (409, "document-of-another-organisation")
    (mine,) = await oarsmen.shown(DOCUMENTS)
    response = await oarsmen.post(f"{path}/{mine['id']}/acceptance", ROSA)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert await oarsmen.types() == [*before, "provider.registered.v1"]
    # The day after the first one ends is free.
    await entered(oarsmen, digest="b" * 64, valid_from="2026-06-01", valid_until="2027-01-01")


async def test_number_and_content_are_for_the_provider_and_those_who_oversee_it(oarsmen: Any) -> None:
    document = await entered(oarsmen)
    path, clerk = f"{document}/content?media_type=text/plain", oarsmen.clerk("oarsmen")

    async def put(content: bytes, media_type: str = "text/plain", dry: str = "false") -> tuple[int, str | None]:
        headers = {**oarsmen.service.headers(*clerk), "Content-Type": "application/octet-stream"}
        response = await oarsmen.service.client.put(
            f"{document}/content?media_type={media_type}&dry_run={dry}", content=content, headers=headers
        )
        return response.status_code, response.json().get("code")

    assert (await oarsmen.ask("GET", path, clerk)).json()["code"] == "not-found"
    assert await put(b"forged") == (422, "content-differs-from-digest")
    assert await put(b"cleared", "application/pdf") == (422, "document-not-of-media-type")
    assert await put(b"cleared", dry="true") == (200, None)
    with pytest.raises(NotFound):
        await oarsmen.service.app.state.objects.read(object_key(CLEARANCE["digest"]))
    assert await put(b"cleared") == (200, None)
    assert await put(b"cleared") == (200, None)
    for party, number, status in (
        (clerk, "T-1", 200),
        (AUDITOR, "T-1", 200),
        (("zoe", "sunrise", "provider"), None, 403),
    ):
        listed = (await oarsmen.ask("GET", DOCUMENTS, party)).json()
        assert listed[0]["number"] == number
        content = await oarsmen.ask("GET", f"{document}/content", party)
        assert (content.status_code, content.content == b"cleared") == (status, status == 200)
    assert (await oarsmen.shown(DOCUMENTS))[0]["number"] is None


async def test_declaration_is_replaced_by_a_later_one_and_seen_by_nobody_else(oarsmen: Any) -> None:
    path, clerk = "/v1/providers/oarsmen/declarations/model", oarsmen.clerk("oarsmen")
    assert [one["id"] for one in await oarsmen.shown("/v1/criteria/model")] == [
        one["criterion"] for one in ANSWERS["answers"]
    ]
    first = await oarsmen.ask("PUT", path, clerk, ANSWERS)
    # 365 days after Monday 2 March 2026, whole days.
    assert (first.status_code, first.json()["valid_until"]) == (200, "2027-03-03T00:00:00.000000Z")
    oarsmen.service.clock.advance(days=1)
    owing = {"criterion": "taxes-unpaid", "answer": True, "explanation": "An instalment plan is kept."}
    again = {"answers": [one if one["criterion"] != "taxes-unpaid" else owing for one in ANSWERS["answers"]]}
    assert (await oarsmen.ask("PUT", path, clerk, again)).status_code == 200
    for party in (clerk, ROSA, AUDITOR):
        (listed,) = (await oarsmen.ask("GET", "/v1/providers/oarsmen/declarations", party)).json()
        assert (listed["declared_at"], listed["answers"][2]) == ("2026-03-03T09:00:00.000000Z", owing)
        assert "clerk" not in json.dumps(listed)
    earlier = await oarsmen.ask("GET", "/v1/providers/oarsmen/declarations?at=2026-03-02T09:00:00Z", clerk)
    assert [one["answers"][2]["answer"] for one in earlier.json()] == [False]
    refused = await oarsmen.ask("GET", "/v1/providers/oarsmen/declarations", ("zoe", "sunrise", "provider"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not-own-organisation")
    declared = await told(oarsmen, "provider.declared.v1")
    assert len(declared) == 2
    assert "answer" not in json.dumps(declared)


async def test_declaration_is_refused_when_it_leaves_something_open(oarsmen: Any) -> None:
    path, clerk = "/v1/providers/oarsmen/declarations/model", oarsmen.clerk("oarsmen")
    others: tuple[tuple[list[dict[str, Any]], int, str, str | None], ...] = (
        (NO_GROUND, 409, "criterion-unanswered", "declaration.criteria"),
        (
            [*ANSWERS["answers"], {"criterion": "honesty", "answer": True}],
            422,
            "criterion-unknown",
            "declaration.criteria",
        ),
        ([*ANSWERS["answers"], NO_GROUND[0]], 422, "criterion-repeated", None),
        (
            [{"criterion": "debarred", "answer": True}, *ANSWERS["answers"][1:]],
            409,
            "explanation-missing",
            "exclusion.debarred",
        ),
    )
    for answers, status, code, rule in others:
        response = await oarsmen.ask("PUT", path, clerk, {"answers": answers})
        assert (response.status_code, response.json()["code"], response.json().get("rule")) == (status, code, rule)
    unknown = await oarsmen.ask("PUT", path.replace("model", "mars"), clerk, ANSWERS)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "pack-unknown")


async def test_pack_is_the_same_when_it_is_issued_again_for_a_past_instant(oarsmen: Any) -> None:
    clerk = oarsmen.clerk("oarsmen")
    await oarsmen.ask("PUT", "/v1/providers/oarsmen/declarations/model", clerk, ANSWERS)
    await oarsmen.post(f"{await entered(oarsmen)}/acceptance", ROSA)
    at = "2026-03-02T09:00:00Z"
    issued = await oarsmen.post(PACK, clerk, {"pack": "model"})
    assert issued.status_code == 200, issued.text
    digest = issued.json()["digest"]
    # Everything changes; what was known then does not.
    oarsmen.service.clock.advance(days=100)
    await oarsmen.service.let_time_act()
    await oarsmen.change(4)
    again = (await oarsmen.post(PACK, AUDITOR, {"pack": "model", "at": at})).json()
    assert again == issued.json()
    later = (await oarsmen.post(PACK, clerk, {"pack": "model"})).json()
    assert later["digest"] != digest
    file = await oarsmen.ask("GET", f"{PACK}?digest={digest}", clerk)
    assert hashlib.sha256(file.content).hexdigest() == digest
    held = json.loads(file.content)
    assert canonical(held).encode() == file.content
    assert [one["digest"] for one in held["documents"]] == [CLEARANCE["digest"]]
    assert held["identity"] == {
        "name": "Oarsmen",
        "legal_form": "association",
        "identifiers": [{"scheme": "XX-REG", "id": "oarsmen"}],
        "former_names": [],
        "address": None,
        "merged_into": None,
        "status": "verified",
        "verified_at": "2026-03-02T09:00:00.000000Z",
        "verified_until": "2027-03-02",
    }
    assert {one["criterion"]: one["answer"] for one in held["declaration"]["answers"]}["enrolled"] is True
    assert held["professionals"] == {"count": 0, "certificates": []}
    newest = json.loads((await oarsmen.ask("GET", PACK, clerk)).content)
    assert (newest["documents"], newest["identity"]["status"]) == ([], "registered")
    assert [one["name"] for one in newest["identity"]["former_names"]] == ["Oarsmen"]
    events = await told(oarsmen, "provider.evidence-pack-issued.v1")
    assert [one["digest"] for one in events] == [digest, later["digest"]]
    assert await oarsmen.shown(f"/v1/evidence-packs/{digest}") == issued.json()
    assert (await oarsmen.ask("GET", f"/v1/evidence-packs/{'0' * 64}")).status_code == 404


async def test_pack_is_not_issued_for_others_or_for_what_nobody_knows(oarsmen: Any) -> None:
    await oarsmen.register("sunrise")
    for party, body, status, code in (
        (oarsmen.clerk("sunrise"), {"pack": "model"}, 403, "not-own-organisation"),
        (oarsmen.clerk("oarsmen"), {"pack": "model", "at": "2026-03-02T09:00:01Z"}, 422, "at-in-future"),
        (oarsmen.clerk("oarsmen"), {"pack": "model", "at": "2026-03-01T09:00:00Z"}, 404, "not-found"),
        (oarsmen.clerk("oarsmen"), {"pack": "mars"}, 404, "pack-unknown"),
    ):
        response = await oarsmen.post(PACK, party, body)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
    digest = (await oarsmen.post(PACK, oarsmen.clerk("oarsmen"), {"pack": "model"})).json()["digest"]
    elsewhere = await oarsmen.ask(
        "GET", f"/v1/providers/sunrise/evidence-pack?digest={digest}", oarsmen.clerk("sunrise")
    )
    assert elsewhere.status_code == 404


async def test_document_is_overdue_when_no_officer_has_decided_in_time(oarsmen: Any) -> None:
    document = await entered(oarsmen)
    oarsmen.service.clock.advance(days=15)
    (item,) = await oarsmen.shown("/v1/overdue")
    assert (item["kind"], item["state"]) == ("document", "entered")
    await oarsmen.post(f"{document}/withdrawal", oarsmen.clerk("oarsmen"), {"reason": "Entered twice."})
    assert await oarsmen.shown("/v1/overdue") == []
