"""Lists, reference data, and what has waited too long."""

from datetime import datetime, timedelta
from typing import Any

import pytest


async def test_tenders_come_in_pages_the_newest_first_when_they_are_listed(parties: Any) -> None:
    tenders = [await parties.active() for _ in range(3)]
    await parties.draft()
    first = await parties.shown("/v1/tenders?limit=2")
    assert [item["id"] for item in first["items"]] == [tenders[2]["id"], tenders[1]["id"]]
    second = await parties.shown(f"/v1/tenders?limit=2&cursor={first['next']}")
    assert (second["items"], second["next"]) == ([tenders[0]], None)
    whole = await parties.shown("/v1/tenders?limit=3")
    assert (len(whole["items"]), whole["next"]) == (3, None)


async def test_tenders_of_one_state_are_listed_when_it_is_asked_for(parties: Any) -> None:
    active, waiting = await parties.active(), await parties.requested()
    assert (await parties.shown("/v1/tenders?status=active"))["items"] == [active]
    assert (await parties.shown("/v1/tenders?status=funding-requested"))["items"] == [waiting]
    assert (await parties.shown("/v1/tenders?status=complete")) == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "value-invalid"),
        ("limit=201", "value-invalid"),
        ("status=lost", "value-invalid"),
        ("cursor=!", "cursor-malformed"),
        ("cursor=bm90LWFuLWlk", "cursor-malformed"),
    ],
)
async def test_list_is_refused_when_it_is_asked_for_badly(same_day: Any, query: str, code: str) -> None:
    same_day.refused(await same_day.send("GET", f"/v1/tenders?{query}"), 422, code)


async def test_version_is_the_etag_when_a_tender_or_a_contract_is_shown(parties: Any) -> None:
    tender = await parties.awarded()
    assert (await parties.send("GET", f"/v1/tenders/{tender['id']}")).headers["etag"] == '"8"'
    contract = f"/v1/contracts/{parties.standing(tender)['contract']}"
    assert (await parties.send("GET", contract)).headers["etag"] == '"1"'


async def test_catalogue_and_negative_list_are_public_when_asked_for(same_day: Any) -> None:
    catalogue = await same_day.shown("/v1/catalogue")
    titles = {entry["code"]: entry["title"] for entry in catalogue["services"]}
    assert titles["elder-care.home"] == "Home care for older people"
    assert {entry["code"] for entry in catalogue["negative"]} >= {"adjudication", "procurement.award"}
    assert all(entry["source"] for entry in catalogue["negative"])


async def test_packs_are_public_with_every_rules_source_when_asked_for(same_day: Any) -> None:
    assert "model" in await same_day.shown("/v1/packs")
    pack = await same_day.shown("/v1/packs/model")
    assert (pack["id"], pack["version"]) == ("model", "1.0.0")
    assert pack["document"]["rules"]["gate.opening.minimum-bids"]["value"] == 2
    assert all(rule["source"] for rule in pack["document"]["rules"].values())
    same_day.refused(await same_day.send("GET", "/v1/packs/another"), 404, "not-found")
    same_day.refused(await same_day.send("GET", "/v1/packs/..%2Fmodel"), 404, "not-found")


async def test_every_waiting_state_is_reported_when_its_term_has_passed(parties: Any) -> None:
    clock = parties.service.clock

    async def overdue(kind: str, waiting: Any, state: str, waiting_for: str, due: str) -> None:
        clock.set(datetime.fromisoformat(waiting[due]) - timedelta(microseconds=1))
        assert await parties.shown("/v1/overdue") == []
        clock.advance(microseconds=1)
        assert await parties.shown("/v1/overdue") == [
            {"kind": kind, "id": waiting["id"], "state": state, "waiting_for": waiting_for, "due_at": waiting[due]}
        ]

    tender = await parties.requested()
    path = f"/v1/tenders/{tender['id']}"
    await overdue("tender", tender, "funding-requested", "the budget's answer", "due_at")
    await parties.fund(tender)
    tender = await parties.shown(path)
    await parties.verify("alder", "birch")
    bids = [await parties.bid(tender, name, "900000.00") for name in ("alder", "birch")]
    await overdue("tender", tender, "active", "the opening", "due_at")
    tender = await parties.done("POST", f"{path}/opening", parties.officer)
    await overdue("tender", tender, "qualification", "the decision who qualifies", "due_at")
    tender = await parties.qualify(tender)
    await overdue("tender", tender, "evaluation", "the panel's scores and the opening of the prices", "due_at")
    await parties.score(tender, [(bids[0]["bid"], "quality", "9"), (bids[1]["bid"], "quality", "8")])
    tender = await parties.open_prices(tender)
    await overdue("tender", tender, "award", "the proposal of an award", "due_at")
    tender = await parties.propose(tender)
    # Ten days after Saturday the 2nd of May is Tuesday the 12th; five working days after its end is Wednesday the 20th.
    proposed = {**tender, "due_at": "2026-05-21T00:00:00.000000Z"}
    await overdue("tender", proposed, "award", "the confirmation of an award", "due_at")
    tender = await parties.confirm(tender)
    contract = await parties.shown(f"/v1/contracts/{parties.standing(tender)['contract']}")
    await overdue("contract", contract, "generated", "the supplier's signature", "signature_due")
    path = f"/v1/contracts/{contract['id']}"
    await parties.done("POST", f"{path}/supplier-signature", parties.bidder("alder"))
    (item,) = await parties.shown("/v1/overdue")
    assert (item["state"], item["waiting_for"]) == ("supplier-signed", "the buyer's signature")
    await parties.done("POST", f"{path}/buyer-signature", parties.head)
    assert await parties.shown("/v1/overdue") == []


async def test_panel_is_reported_when_its_draw_has_waited_too_long_while_it_is_open_who_qualifies(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "900000.00", "birch": "900000.00"})
    assert tender["status"] == "qualification"
    closed = await parties.panel_closed(tender)
    parties.service.clock.set(datetime.fromisoformat(closed["due_at"]))
    (item,) = [item for item in await parties.shown("/v1/overdue") if item["kind"] == "panel"]
    assert (item["id"], item["waiting_for"]) == (closed["id"], "the draw of the panel")
