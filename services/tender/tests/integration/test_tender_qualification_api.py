"""Who qualifies against what it answered is decided by two persons, and told with the reasons."""

from dataclasses import replace
from typing import Any

OFFERS = {"alder": "900000.00", "birch": "1000000.00", "cedar": "1200000.00"}


async def test_decision_against_the_answers_is_the_offices_alone_until_a_second_person_confirms_it(
    parties: Any,
) -> None:
    tender, bids = await parties.opened(OFFERS)
    path = f"/v1/tenders/{tender['id']}/qualification"
    out = {"bid": bids["cedar"], "reason": "It owes taxes.", "rule": "bidder-verified"}
    large = {"bid": bids["birch"], "reason": "It employs 400 people."}
    nowhere = await parties.send("POST", path, parties.officer, {"disqualified": [{**out, "rule": None}]})
    parties.refused(nowhere, 422, "ground-missing")
    waiting = await parties.done(
        "POST", path, parties.officer, {"disqualified": [out], "accepted": [], "unconfirmed": [large]}
    )
    assert waiting["status"] == "qualification"
    told = [name for name, _ in await parties.events()]
    assert "taxes" not in str(await parties.shown(f"/v1/tenders/{tender['id']}/bids"))
    shown = await parties.shown(f"{path}/proposed", parties.head)
    assert (shown["disqualified"], shown["unconfirmed"]) == ([{**out, "requirement": None}], [large])
    stranger = replace(parties.head, organisation="elsewhere")
    parties.refused(await parties.send("GET", f"{path}/proposed", stranger), 403, "not-own-organisation")
    parties.refused(await parties.send("POST", f"{path}/confirmation", parties.officer), 403, "role-missing")
    both = replace(parties.officer, roles=("procurement-officer", "procurement-head"))
    alone = await parties.send("POST", f"{path}/confirmation", both)
    parties.refused(alone, 403, "second-person-needed", "second-person.qualification")
    assert [name for name, _ in await parties.events()] == told
    decided = await parties.done("POST", f"{path}/confirmation", parties.head)
    assert decided["status"] == "evaluation"
    data = dict(await parties.events())
    assert data["tender.bid-excluded.v1"]["rule"] == "bidder-verified"
    assert data["tender.bids-qualified.v1"]["unconfirmed"] == [large]
    nothing = await parties.send("GET", f"{path}/proposed", parties.head)
    parties.refused(nothing, 409, "qualification-not-proposed", "second-person.qualification")


async def test_bidder_is_told_why_its_size_was_not_confirmed(parties: Any) -> None:
    tender, bids = await parties.opened(OFFERS)
    large = {"bid": bids["birch"], "reason": "It employs 400 people."}
    body = {"disqualified": [], "unconfirmed": [large]}
    await parties.done("POST", f"/v1/tenders/{tender['id']}/qualification", parties.officer, body)
    await parties.score(tender, [(bid, "quality", "50") for bid in bids.values()])
    await parties.open_prices(tender)
    await parties.propose(tender)
    result = await parties.shown(f"/v1/bids/{bids['birch']}/result", parties.bidder("birch"))
    assert (result["size_reason"], result["requirement"]) == ("It employs 400 people.", None)
