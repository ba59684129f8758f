"""Every command on a framework agreement, asked for by nobody, by the wrong role, by another organisation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.testing.walk import Walk

NOT_OWN = (403, "not-own-organisation")
NOT_VERIFIED = (409, "bidder-not-verified", "bidder-verified")
NOT_A_MEMBER = (403, "supplier-not-in-framework")
FRAMEWORK = {"start": "2026-07-01", "end": "2027-06-30", "most_suppliers": 4}
BIDS = {"alder": ("900000.00", "78"), "birch": ("1000000.00", "88"), "cedar": ("1200000.00", "93")}
RATIONALE = "Nobody knows today in which street how much is needed."


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def order(**more: Any) -> dict[str, Any]:
    return {
        "title": "Home care in one street",
        "value": eur("400000.00"),
        "delivery": {"start": "2026-08-01", "end": "2026-10-31", "periods": 1},
        "reason": "It serves the street already.",
        **more,
    }


async def concluded(walk: Walk, method: str, stage_two: str) -> dict[str, str]:
    """Bring a tender to its framework agreement."""
    parties = walk.parties
    procurement = parties.procurement(method, rationale=RATIONALE)
    terms = {**FRAMEWORK, "stage_two": stage_two}
    tender, _ = await parties.priced_bids(BIDS, framework=terms, procurement=procurement)
    of = {"tender_id": tender["id"], "lot_id": "lot-1"}
    route = "POST /v1/tenders/{tender_id}/lots/{lot_id}/framework"
    proposed = await walk.step(route, parties.officer, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(instant(proposed["lots"][0]["framework"]["standstill_ends_at"]))
    framework = await walk.step(f"{route}/confirmation", parties.head, elsewhere=NOT_OWN, **of)
    parties.service.clock.set(instant(framework["starts_at"]))
    return {"framework_id": framework["id"]}


async def test_every_step_is_refused_to_everybody_else_when_orders_are_called_off(parties: Any) -> None:
    walk = Walk(parties)
    officer, head, birch = parties.officer, parties.head, parties.bidder("birch")
    route, why = "POST /v1/frameworks/{framework_id}", {"reason": "It closes its business."}
    of = await concluded(walk, "framework-open", "direct-choice")
    contract = await walk.step(f"{route}/call-offs", officer, order(supplier="birch"), elsewhere=NOT_OWN, **of)
    await parties.verify("dogwood")
    await walk.step(f"{route}/members", parties.bidder("dogwood"), elsewhere=NOT_VERIFIED, **of)
    member = {**of, "supplier": "dogwood"}
    taken_in = {"admitted": True, "reason": "It is licensed."}
    await walk.step(f"{route}/members/{{supplier}}/admission", head, taken_in, elsewhere=NOT_OWN, **member)
    await walk.step(f"{route}/members/{{supplier}}/leaving", head, why, elsewhere=NOT_OWN, **member)
    # An order that nobody signs goes back into the ceiling, also of a supplier that is called on no more.
    await parties.done("POST", f"/v1/frameworks/{of['framework_id']}/members/birch/leaving", head, why)
    parties.service.clock.set(instant(contract["signature_due"]))
    refused = {"code": "refused", "reason": "They cannot hire the drivers."}
    path = f"/v1/contracts/{contract['id']}/non-signature"
    county = replace(officer, organisation="county")
    parties.refused(await parties.send("POST", path, county, refused), *NOT_OWN)
    await parties.done("POST", path, officer, refused)
    framework = await parties.shown(f"/v1/frameworks/{of['framework_id']}")
    assert (framework["called_off"], framework["status"]) == (eur("0.00"), "active")
    returned = dict(await parties.events())["award.call-off-returned.v1"]
    assert (returned["contract"], returned["value"]) == (contract["id"], eur("400000.00"))
    # The award of the tender stands: nobody else has its turn in an agreement.
    assert [kind for kind, _ in await parties.events()].count("award.cancelled.v1") == 0

    of = await concluded(walk, "framework-closed", "mini-competition")
    closes_at = (parties.service.clock.now() + timedelta(days=30)).isoformat()
    asked = order(closes_at=closes_at)
    competition = (await walk.step(f"{route}/competitions", officer, asked, elsewhere=NOT_OWN, **of))["competitions"][0]
    of["competition_id"] = competition["id"]
    one = f"{route}/competitions/{{competition_id}}"
    bid = parties.bid_body(parties.priced("350000.00"))
    quote = {"scheme": bid["scheme"], "envelope": bid["financial"]}
    await walk.step(f"{one}/quotes", birch, quote, elsewhere=NOT_A_MEMBER, **of)
    parties.service.clock.set(instant(competition["closes_at"]))
    decided = await walk.step(f"{one}/opening", officer, elsewhere=NOT_OWN, **of)
    assert (decided["competitions"][0]["decided"], decided["called_off"]) == (True, eur("350000.00"))
    assert walk.taken == {
        (method, path)
        for path, methods in parties.service.app.openapi()["paths"].items()
        for method in methods
        if method != "get" and (path.startswith("/v1/frameworks") or "/framework" in path)
    }
