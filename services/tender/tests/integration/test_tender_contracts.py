"""Signatures."""

from dataclasses import replace
from typing import Any


async def test_signatures_are_refused_when_they_come_from_the_wrong_side_or_in_the_wrong_order(parties: Any) -> None:
    tender = await parties.awarded()
    path = f"/v1/contracts/{parties.standing(tender)['contract']}"
    supplier, buyer = f"{path}/supplier-signature", f"{path}/buyer-signature"
    birch, cedar = parties.bidder("birch"), parties.bidder("cedar")
    county = replace(parties.head, organisation="county")
    parties.refused(await parties.send("POST", buyer, parties.head), 409, "contract-not-supplier-signed")
    parties.refused(await parties.send("POST", supplier, cedar), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", supplier, parties.head), 403, "role-missing")
    assert (await parties.done("POST", supplier, birch))["status"] == "supplier-signed"
    parties.refused(await parties.send("POST", supplier, birch), 409, "contract-not-generated")
    parties.refused(await parties.send("POST", buyer, county), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", buyer, birch), 403, "role-missing")
    response = await parties.send("POST", buyer, parties.head)
    assert (response.status_code, response.headers["etag"], response.json()["status"]) == (200, '"3"', "active")
    parties.refused(await parties.send("POST", buyer, parties.head), 409, "contract-not-supplier-signed")
    parties.refused(await parties.send("POST", supplier, birch), 409, "contract-not-generated")
    assert [kind for kind, _ in await parties.events()][-2:] == ["contract.supplier-signed.v1", "contract.signed.v1"]


async def test_contract_is_not_found_when_there_is_none(same_day: Any) -> None:
    path = "/v1/contracts/00000000-0000-0000-0000-000000000000"
    same_day.refused(await same_day.send("GET", path), 404, "not-found")
    response = await same_day.send("POST", f"{path}/supplier-signature", same_day.bidder("birch"))
    same_day.refused(response, 404, "not-found")
