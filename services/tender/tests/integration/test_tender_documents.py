"""Documents: by digest, in the form they are said to have, and seen by nobody else before they are listed."""

import base64
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from uploads import PDF, digest_of, get, upload

WHY = "It names people whom we care for today."
ABSENT = "0" * 64


async def offer(parties: Any, tender: Any, organisation: str, price: str, *listed: dict[str, Any], **more: Any) -> Any:
    technical = base64.b64encode(json.dumps({"documents": list(listed), **more}).encode()).decode()
    body = parties.bid_body(parties.priced(price), technical=technical)
    return await parties.done("POST", f"/v1/tenders/{tender['id']}/bids", parties.bidder(organisation), body)


def listed(content: bytes, **more: Any) -> dict[str, Any]:
    return {"digest": digest_of(content), "title": "How we would do it", **more}


def same(first: httpx.Response, second: httpx.Response) -> bool:
    return (first.status_code, first.content, first.headers) == (second.status_code, second.content, second.headers)


async def test_document_is_known_by_its_digest_when_it_is_uploaded_once_or_twice(same_day: Any) -> None:
    birch = same_day.bidder("birch")
    first = await upload(same_day, birch)
    assert (first.status_code, first.json()) == (
        201,
        {
            "digest": digest_of(PDF),
            "media_type": "application/pdf",
            "size": len(PDF),
            "uploaded_at": "2026-03-02T09:00:00.000000Z",
        },
    )
    assert (await upload(same_day, birch)).json() == first.json()
    assert await same_day.shown("/v1/documents", birch) == [first.json()]
    assert await same_day.shown("/v1/documents", same_day.bidder("cedar")) == []


async def test_document_is_handed_out_as_a_file_and_never_shown_when_its_owner_asks(same_day: Any) -> None:
    birch = same_day.bidder("birch")
    await upload(same_day, birch)
    response = await get(same_day, digest_of(PDF), birch)
    assert (response.status_code, response.content) == (200, PDF)
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == f'attachment; filename="{digest_of(PDF)}.pdf"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-store"
    # It is whole or not at all: no part of it is asked for apart.
    part = await get(same_day, digest_of(PDF), birch, Range="bytes=0-4")
    assert (part.status_code, part.content) == (200, PDF)


async def test_document_of_another_looks_like_none_when_its_digest_is_known(same_day: Any) -> None:
    content = b"%PDF-1.4 secret"
    await upload(same_day, same_day.bidder("birch"), content)
    roles = ("procurement-officer", "procurement-head", "panel-member", "operator", "provider")
    viewers = [None, same_day.officer, same_day.head, same_day.panel, same_day.bidder("cedar")]
    viewers.append(replace(same_day.officer, name="all", roles=roles))
    for viewer in viewers:
        for headers in ({}, {"Range": "bytes=0-0"}, {"If-None-Match": f'"{digest_of(content)}"'}):
            known = await get(same_day, digest_of(content), viewer, **headers)
            same_day.refused(known, 404, "not-found")
            assert same(known, await get(same_day, ABSENT, viewer, **headers))


async def test_uploading_tells_nothing_when_another_has_the_same_document(same_day: Any) -> None:
    content = b"%PDF-1.4 the same template for all"
    first = await upload(same_day, same_day.bidder("birch"), content)
    second = await upload(same_day, same_day.bidder("cedar"), content)
    assert (first.status_code, first.json()) == (second.status_code, second.json())


ODT = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text..."
DOCX = b"PK\x03\x04" + b"[Content_Types].xml" + b"word/document.xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/pdf", PDF),
        ("image/png", b"\x89PNG\r\n\x1a\n..."),
        ("image/jpeg", b"\xff\xd8\xff\xe0..."),
        ("text/plain", "Größe".encode()),
        ("text/csv", b"a,b\n1,2\n"),
        ("application/vnd.oasis.opendocument.text", ODT),
        (WORD, DOCX),
    ],
)
async def test_document_is_taken_when_it_has_the_form_it_is_said_to_have(
    same_day: Any, media_type: str, content: bytes
) -> None:
    assert (await upload(same_day, same_day.bidder("forms"), content, media_type)).status_code == 201


@pytest.mark.parametrize(
    ("media_type", "content", "code"),
    [
        ("text/html", b"<script>alert(1)</script>", "media-type-not-admitted"),
        ("image/svg+xml", b"<svg/>", "media-type-not-admitted"),
        ("application/zip", DOCX, "media-type-not-admitted"),
        ("APPLICATION/PDF", PDF, "media-type-not-admitted"),
        ("application/pdf; a=b", PDF, "media-type-not-admitted"),
        ("application/pdf", b"MZ\x90\x00", "document-not-of-media-type"),
        ("application/pdf", b" %PDF-1.7", "document-not-of-media-type"),
        ("image/png", PDF, "document-not-of-media-type"),
        ("text/plain", b"\xff\xfe", "document-not-of-media-type"),
        ("text/plain", b"a\x00b", "document-not-of-media-type"),
        (WORD, ODT, "document-not-of-media-type"),
        (WORD, b"[Content_Types].xml word/", "document-not-of-media-type"),
        ("application/vnd.oasis.opendocument.text", DOCX, "document-not-of-media-type"),
    ],
)
async def test_document_is_refused_when_it_has_another_form(
    same_day: Any, media_type: str, content: bytes, code: str
) -> None:
    kept = await same_day.count("documents")
    same_day.refused(await upload(same_day, same_day.bidder("forms"), content, media_type), 422, code)
    assert await same_day.count("documents") == kept


async def test_document_has_a_bound_when_it_is_large(run_tender: Any) -> None:
    async with run_tender(largest_document=2_000_000) as parties:
        birch = parties.bidder("birch")
        assert (await upload(parties, birch, PDF.ljust(2_000_000))).status_code == 201
        parties.refused(await upload(parties, birch, PDF.ljust(2_000_001)), 413, "body-too-large")
        parties.refused(await upload(parties, birch, b""), 422, "field-missing")
        assert await parties.count("documents") == 1


async def test_upload_is_refused_when_nobody_or_the_wrong_role_asks(same_day: Any) -> None:
    response = await same_day.service.client.post("/v1/documents?media_type=application/pdf", content=PDF)
    same_day.refused(response, 401, "token-refused")
    same_day.refused(await upload(same_day, same_day.panel), 403, "role-missing")


async def test_nothing_is_kept_when_an_upload_is_only_tried(parties: Any) -> None:
    birch = parties.bidder("birch")
    tried = await upload(parties, birch, dry_run="true")
    assert (tried.status_code, tried.json()["digest"]) == (201, digest_of(PDF))
    assert await parties.count("documents") == 0
    parties.refused(await get(parties, digest_of(PDF), birch), 404, "not-found")


async def test_documents_of_a_bid_are_public_from_the_opening_on_unless_they_are_confidential(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    secret = PDF + b"confidential"
    for content in (PDF, secret):
        await upload(parties, parties.bidder("alder"), content)
    await offer(parties, tender, "alder", "1.00", listed(PDF), listed(secret, confidential=True, rationale=WHY))
    await parties.bid(tender, "birch", "2.00")
    outsiders = (None, parties.bidder("birch"), parties.officer, parties.panel)
    for viewer in outsiders:
        for content in (PDF, secret):
            parties.refused(await get(parties, digest_of(content), viewer), 404, "not-found")
    await parties.open(tender)
    members = await parties.seated(tender)
    stranger = replace(parties.officer, organisation="county")
    for viewer in (None, parties.bidder("birch"), stranger, parties.panel):
        response = await get(parties, digest_of(PDF), viewer)
        assert (response.status_code, response.content) == (200, PDF)
        assert response.headers["cache-control"].startswith("public")
        refused = await get(parties, digest_of(secret), viewer)
        assert "office" in parties.refused(refused, 403, "document-confidential")["satisfied_by"]
    for viewer in (parties.bidder("alder"), parties.officer, parties.head, *members):
        response = await get(parties, digest_of(secret), viewer)
        assert (response.content, response.headers["cache-control"]) == (secret, "private, no-store")
    (shown,) = (await parties.shown(f"/v1/tenders/{tender['id']}/offers"))["offers"]
    # That there is a confidential document, and why it is, anybody may know.
    assert shown["documents"] == [
        {"digest": digest_of(PDF), "title": "How we would do it", "confidential": False, "rationale": None},
        {"digest": digest_of(secret), "title": "How we would do it", "confidential": True, "rationale": WHY},
    ]


async def test_document_stays_closed_when_another_bidder_lists_it_or_its_bid_was_withdrawn(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    for name, content in (("alder", PDF), ("cedar", PDF + b"withdrawn")):
        await upload(parties, parties.bidder(name), content)
    await parties.bid(tender, "alder", "1.00")
    await offer(parties, tender, "birch", "2.00", listed(PDF))
    gone = await offer(parties, tender, "cedar", "3.00", listed(PDF + b"withdrawn"))
    await parties.done("POST", f"/v1/bids/{gone['bid']}/withdrawal", parties.bidder("cedar"))
    await parties.open(tender)
    for content in (PDF, PDF + b"withdrawn"):
        for viewer in (None, parties.officer, parties.panel, parties.bidder("birch")):
            parties.refused(await get(parties, digest_of(content), viewer), 404, "not-found")


async def test_correction_is_read_by_those_who_evaluate_when_it_is_handed_in(parties: Any) -> None:
    tender, bids = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("950000.00", "50")})
    alder, path = parties.bidder("alder"), f"/v1/tenders/{tender['id']}/bids/{bids['alder']}"
    await parties.done("POST", f"{path}/deficiency", parties.officer, {"what": "Not signed."})
    # What nobody could read corrects nothing, and another's document is not one's own.
    await upload(parties, parties.bidder("birch"), PDF + b"birch")
    for unread in ("d" * 64, digest_of(PDF + b"birch")):
        response = await parties.send("POST", f"{path}/correction", alder, {"digest": unread})
        parties.refused(response, 404, "document-unknown")
    await upload(parties, alder)
    await parties.done("POST", f"{path}/correction", alder, {"digest": digest_of(PDF)})
    for viewer in (alder, parties.officer, parties.head):
        assert (await get(parties, digest_of(PDF), viewer)).content == PDF
    for viewer in (None, parties.bidder("birch")):
        parties.refused(await get(parties, digest_of(PDF), viewer), 403, "document-confidential")


async def test_answers_are_for_office_and_members_of_its_panel_when_offers_are_open(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    path = f"/v1/tenders/{tender['id']}/offers"
    await offer(
        parties,
        tender,
        "alder",
        "1.00",
        groups={"experience": "references"},
        answers=[{"requirement": "r1", "value": "12"}],
        consortium=[{"organisation": "alder", "share": "70"}, {"organisation": "cedar", "share": "30"}],
        subcontractors=[{"organisation": "birch", "share": "5", "part": "Meals"}],
    )
    other = await offer(parties, tender, "birch", "2.00")
    parties.refused(await parties.send("GET", path), 409, "bids-sealed", "bid-deadline")
    await parties.open(tender)
    public = await parties.shown(path, parties.bidder("birch"))
    first = public["offers"][0]
    assert (first["groups"], first["answers"]) == (None, None)
    assert [(one["organisation"], one["share"]) for one in first["consortium"]] == [("alder", "70"), ("cedar", "30")]
    assert public["disclosures"] == [
        {"organisation": "birch", "bids": [other["bid"]], "subcontractor_in": [first["bid"]]}
    ]
    await parties.panel_drawn(tender)
    invited = await parties.invited(tender)
    await parties.done("POST", f"/v1/tenders/{tender['id']}/panel/acceptance", invited[0])
    for viewer in (parties.officer, parties.head, invited[0]):
        shown = (await parties.shown(path, viewer))["offers"][0]
        assert shown["answers"] == [{"requirement": "r1", "value": "12", "evidence": []}]
        assert shown["groups"] == {"experience": "references"}
    stranger, without_role = replace(parties.officer, organisation="county"), replace(invited[0], roles=("provider",))
    # Neither another office, nor an expert without a seat, nor who has not accepted the seat yet.
    for viewer in (stranger, without_role, parties.panel, invited[1]):
        shown = (await parties.shown(path, viewer))["offers"][0]
        assert (shown["groups"], shown["answers"]) == (None, None)


async def test_documents_of_a_tender_are_public_from_its_publication_on(parties: Any) -> None:
    tender = await parties.draft()
    path = f"/v1/tenders/{tender['id']}/documents"
    body = {"digest": digest_of(PDF), "title": "Specification"}
    parties.refused(await parties.send("POST", path, parties.officer, body), 404, "document-unknown")
    await upload(parties, parties.officer)
    parties.refused(
        await parties.send("POST", path, replace(parties.officer, organisation="county"), body),
        403,
        "not-own-organisation",
    )
    parties.refused(await parties.send("POST", path, parties.bidder("birch"), body), 403, "role-missing")
    parties.refused(await parties.send("POST", path, None, body), 401, "token-refused")
    attached = await parties.done("POST", path, parties.officer, body)
    # Whoever read the draft before it listed this does not publish it unread, and who listed it does not at all.
    publication = f"/v1/tenders/{tender['id']}/publication"
    parties.refused(await parties.send("POST", publication, parties.head, version=1), 412, "stale")
    alone = replace(parties.head, name=parties.officer.name)
    parties.refused(
        await parties.send("POST", publication, alone), 403, "second-person-needed", "second-person.publication"
    )
    assert [(one["digest"], one["title"]) for one in attached] == [(digest_of(PDF), "Specification")]
    for viewer in (None, parties.bidder("birch")):
        parties.refused(await parties.send("GET", path, viewer), 404, "not-found")
        parties.refused(await get(parties, digest_of(PDF), viewer), 404, "not-found")
    assert await parties.shown(path, parties.officer) == attached
    await parties.done("POST", f"/v1/tenders/{tender['id']}/publication", parties.head)
    parties.refused(await get(parties, digest_of(PDF)), 404, "not-found")
    await parties.fund(tender)
    assert await parties.shown(path) == attached
    assert (await get(parties, digest_of(PDF))).content == PDF
    parties.refused(await parties.send("POST", path, parties.officer, body), 409, "tender-not-draft")
