"""Signatures."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from shared.kernel.pseudonyms import pseudonym
from shared.testing.services import PERSONS_KEY


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


async def test_nothing_is_confirmed_or_signed_when_a_challenge_is_open(parties: Any) -> None:
    tender = await parties.proposed()
    alder, birch = parties.bidder("alder"), parties.bidder("birch")
    challenge = {
        "relates_to": "award",
        "lot": "lot-1",
        "ground": "wrong-scoring",
        "arguments": "Our concept is the better one.",
        "evidence": [],
        "remedies": ["annul-award"],
    }
    raised = await parties.done("POST", f"/v1/tenders/{tender['id']}/challenges", alder, challenge)
    path = f"/v1/challenges/{raised['id']}"
    pending = (409, "challenge-pending", "suspension-cap")
    parties.service.clock.set(parties.standstill_end(tender))
    confirmation = f"/v1/tenders/{tender['id']}/lots/lot-1/award/confirmation"
    parties.refused(await parties.send("POST", confirmation, parties.head), *pending)
    answer = {"answer": "It is not."}
    await parties.done("POST", f"{path}/answer", parties.officer, answer)
    contract = f"/v1/contracts/{parties.standing(await parties.confirm(tender))['contract']}"
    supplier, buyer = f"{contract}/supplier-signature", f"{contract}/buyer-signature"
    await parties.done("POST", supplier, birch)
    await parties.done("POST", f"{path}/complaint", alder, {"arguments": "It is."})
    kept = await parties.kept()
    for signature, person in ((supplier, birch), (buyer, parties.head)):
        parties.refused(await parties.send("POST", signature, person), *pending)
    assert await parties.kept() == kept
    decider = replace(parties.officer, name="dana", organisation="board", roles=("complaint-decider",))
    await parties.done("POST", f"{path}/admission", decider, {"admitted": True, "reason": "In time."})
    decision = {"upheld": True, "reason": "It is.", "remedy": "annul-award"}
    await parties.done("POST", f"{path}/decision", decider, decision)
    # The contract has lost the award that it was made from.
    for signature, person in ((supplier, birch), (buyer, parties.head)):
        parties.refused(await parties.send("POST", signature, person), 409, "award-cancelled")
    shown = await parties.shown(contract)
    assert (shown["status"], shown["signature_due"], shown["annulled_because"]) == ("annulled", None, "It is.")


async def test_contract_is_signed_when_the_complaint_about_its_award_is_dismissed(parties: Any) -> None:
    tender = await parties.proposed()
    alder, birch = parties.bidder("alder"), parties.bidder("birch")
    challenge = {"relates_to": "award", "ground": "collusion", "arguments": "They met.", "evidence": []}
    challenge["remedies"] = ["cancel-procedure"]
    raised = await parties.done("POST", f"/v1/tenders/{tender['id']}/challenges", alder, challenge)
    path = f"/v1/challenges/{raised['id']}"
    parties.service.clock.set(parties.standstill_end(tender))
    await parties.done("POST", f"{path}/answer", parties.officer, {"answer": "They did not."})
    contract = f"/v1/contracts/{parties.standing(await parties.confirm(tender))['contract']}"
    await parties.done("POST", f"{path}/complaint", alder, {"arguments": "They did."})
    # A challenge of the whole procedure holds up every lot of it.
    refused = await parties.send("POST", f"{contract}/supplier-signature", birch)
    parties.refused(refused, 409, "challenge-pending", "suspension-cap")
    decider = replace(parties.officer, name="dana", organisation="board", roles=("complaint-decider",))
    await parties.done("POST", f"{path}/admission", decider, {"admitted": True, "reason": "In time."})
    decision = {"upheld": False, "reason": "They did not.", "remedy": "none"}
    await parties.done("POST", f"{path}/decision", decider, decision)
    await parties.done("POST", f"{contract}/supplier-signature", birch)
    assert (await parties.done("POST", f"{contract}/buyer-signature", parties.head))["status"] == "active"


async def test_signed_contract_tells_who_handled_the_purchase_to_nobody_without_the_key(parties: Any) -> None:
    path = await parties.signed()
    told = next(data for name, data in await parties.events() if name == "contract.signed.v1")
    contract = UUID(path.rpartition("/")[2])
    known = {pseudonym(PERSONS_KEY.encode(), contract, person.name) for person in (parties.officer, parties.head)}
    # Who wrote, qualified and proposed is the officer; the head signed, and handled nothing.
    assert told["handlers"] == [pseudonym(PERSONS_KEY.encode(), contract, parties.officer.name)]
    assert set(told["handlers"]) < known
    assert parties.officer.name not in str(told)
